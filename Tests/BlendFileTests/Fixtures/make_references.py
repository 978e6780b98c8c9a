"""Makes references-<version>.blend, which refers to files of every kind, and beside it what Blender
itself says that it refers to (bpy.utils.blend_paths), as references-<version>.json.

    blend -b --factory-startup --python make_references.py      with Debian's Blender 3.4.1
"""

import glob
import json
import os
import shutil
import tempfile
import wave

import bpy

FOLDER = os.path.dirname(os.path.abspath(__file__))
VERSION = "{}.{}".format(*bpy.app.version[:2])


def picture(path):
    image = bpy.data.images.new("made", 2, 2)
    image.filepath_raw, image.file_format = path, "PNG"
    image.save()
    bpy.data.images.remove(image)


def assets(folder):
    """The files, and a library, where Blender looks at a file before it refers to it."""
    os.makedirs(os.path.join(folder, "textures"))
    for name in (
        "wood",
        "packed",
        "shot_0001",
        "shot_0002",
        "tile.1001",
        "tile.1002",
        "strip_1",
        "strip_2",
    ):
        picture(os.path.join(folder, "textures", name + ".png"))
    with wave.open(os.path.join(folder, "steps.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(160))
    fonts = glob.glob("/usr/share/**/*.ttf", recursive=True)
    shutil.copy(sorted(fonts)[0], os.path.join(folder, "letters.ttf"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    mesh = bpy.data.meshes.new("Chair")
    bpy.data.libraries.write(os.path.join(folder, "library.blend"), {mesh})


def image(name, source, path):
    made = bpy.data.images.new(name, 2, 2)
    made.source, made.filepath = source, path
    made.use_fake_user = True
    return made


def refer(folder):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    bpy.ops.wm.save_as_mainfile(filepath=os.path.join(folder, "scene.blend"))
    image("Wood", "FILE", "//textures/wood.png")
    packed = image("Packed", "FILE", "//textures/packed.png")
    packed.pack()
    image("Shot", "SEQUENCE", "//textures/shot_0001.png")
    image("Tiles", "TILED", "//textures/tile.<UDIM>.png")
    image("Film", "MOVIE", "/films/film.mp4")
    image("Made", "GENERATED", "")
    with bpy.data.libraries.load(
        os.path.join(folder, "library.blend"), link=True, relative=True
    ) as (_, to):
        to.meshes = ["Chair"]
    chair = bpy.data.objects.new("Chair", bpy.data.meshes["Chair"])
    scene.collection.objects.link(chair)
    bpy.data.fonts.load(os.path.join(folder, "letters.ttf")).use_fake_user = True
    bpy.data.fonts[-1].filepath = "//letters.ttf"
    sound = bpy.data.sounds.load(os.path.join(folder, "steps.wav"))
    sound.filepath, sound.use_fake_user = "//steps.wav", True
    clip = bpy.data.movieclips.load(os.path.join(folder, "textures", "shot_0001.png"))
    clip.filepath, clip.use_fake_user = "//textures/shot_0001.png", True
    for name, path in (("Smoke", "//smoke.vdb"), ("Fire", "//fire_0001.vdb")):
        volume = bpy.data.volumes.new(name)
        volume.filepath, volume.use_fake_user = path, True
        volume.is_sequence = name == "Fire"

    body = bpy.data.objects.new("Body", bpy.data.meshes.new("Body"))
    scene.collection.objects.link(body)
    body.modifiers.new("Moves", "MESH_CACHE").filepath = "//moves.mdd"
    body.modifiers.new("Sea", "OCEAN").filepath = "//sea"  # not baked: not needed
    cloth = body.modifiers.new("Cloth", "CLOTH")
    cloth.point_cache.use_external = True
    cloth.point_cache.filepath = "//cloth"

    material = bpy.data.materials.new("Lamp")
    material.use_nodes, material.use_fake_user = True, True
    nodes = material.node_tree.nodes
    for kind, path in (("ShaderNodeTexIES", "//lamp.ies"), ("ShaderNodeScript", "//rust.osl")):
        node = nodes.new(kind)
        node.mode = "EXTERNAL"
        node.filepath = path

    strips = scene.sequence_editor_create()
    strips = strips.sequences if hasattr(strips, "sequences") else strips.strips
    stills = strips.new_image("Stills", os.path.join(folder, "textures", "strip_1.png"), 1, 1)
    stills.elements.append("strip_2.png")
    stills.directory = "//textures/"
    strips.new_image(
        "Still", os.path.join(folder, "textures", "wood.png"), 2, 1
    ).directory = "//textures/"


def main():
    folder = tempfile.mkdtemp()
    assets(folder)
    refer(folder)
    name = f"references-{VERSION}"
    saved = os.path.join(folder, "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=saved, compress=True)
    bpy.ops.wm.open_mainfile(filepath=saved)
    paths = bpy.utils.blend_paths(absolute=False, packed=False, local=True)
    paths = sorted({path.replace(folder + "/", "//") for path in paths})
    shutil.copy(saved, os.path.join(FOLDER, name + ".blend"))
    with open(os.path.join(FOLDER, name + ".json"), "w", encoding="utf-8") as out:
        json.dump(paths, out, indent=2)
        out.write("\n")
    shutil.rmtree(folder)


main()
