"""Makes a .blend of half a gigabyte: meshes that nothing compresses to nothing, 2000 objects.

    blender -b --factory-startup --python Tests/bench/make_large.py -- \\
        MESHES PLAIN.blend COMPRESSED.blend
"""

import array
import random
import sys

import bpy

VERTICES, OBJECTS = 31_200_000, 2000


def main():
    meshes, plain, compressed = sys.argv[sys.argv.index("--") + 1 :]
    meshes = int(meshes)
    vertices = VERTICES // meshes
    bpy.ops.wm.read_factory_settings(use_empty=True)
    for number in range(meshes):
        mesh = bpy.data.meshes.new(f"Mesh {number}")
        mesh.use_fake_user = True
        mesh.vertices.add(vertices)
        noise = array.array("I", random.Random(number).randbytes(vertices * 12))
        mesh.vertices.foreach_set(
            "co", array.array("f", ((value & 0xFFFF) / 65536 for value in noise))
        )
    for number in range(OBJECTS):
        thing = bpy.data.objects.new(f"Object {number}", bpy.data.meshes[number % meshes])
        bpy.context.scene.collection.objects.link(thing)
    bpy.ops.wm.save_as_mainfile(filepath=plain, compress=False)
    bpy.ops.wm.save_as_mainfile(filepath=compressed, compress=True, copy=True)


main()
