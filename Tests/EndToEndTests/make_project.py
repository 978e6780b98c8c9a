"""Makes a small project: film/scene.blend with a textured floor, and a textured cube that it links
from film/sets/cube.blend, which has its picture in film/sets/textures.

    blender -b --factory-startup --python make_project.py -- FOLDER
"""

import os
import sys

import bpy

FOLDER = os.path.abspath(sys.argv[sys.argv.index("--") + 1])


def picture(path, colors):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    image = bpy.data.images.new("made", 2, 2)
    image.pixels = [value for color in colors for value in (*color, 1)]
    image.filepath_raw, image.file_format = path, "PNG"
    image.save()
    bpy.data.images.remove(image)


def paint(thing, path):
    """A material that shines by itself, so that nothing but the picture decides the color."""
    material = bpy.data.materials.new(thing.name)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    texture, glow = nodes.new("ShaderNodeTexImage"), nodes.new("ShaderNodeEmission")
    output = nodes.new("ShaderNodeOutputMaterial")
    texture.image, texture.interpolation = bpy.data.images.load(path), "Closest"
    links.new(texture.outputs["Color"], glow.inputs["Color"])
    links.new(glow.outputs["Emission"], output.inputs["Surface"])
    thing.data.materials.append(material)


def cube():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    path = os.path.join(FOLDER, "film/sets/cube.blend")
    colors = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0)]
    picture(os.path.join(FOLDER, "film/sets/textures/cube.png"), colors)
    bpy.ops.mesh.primitive_cube_add(location=(0, 0, 1))
    bpy.context.object.name = "Cube"
    paint(bpy.context.object, os.path.join(FOLDER, "film/sets/textures/cube.png"))
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.file.make_paths_relative()
    bpy.ops.wm.save_mainfile()
    return path


def film(library):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    path = os.path.join(FOLDER, "film/scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    colors = [(0, 1, 1), (1, 0.5, 0), (1, 1, 1), (0.2, 0.2, 0.2)]
    picture(os.path.join(FOLDER, "film/wood.png"), colors)
    bpy.ops.mesh.primitive_plane_add(size=8)
    paint(bpy.context.object, os.path.join(FOLDER, "film/wood.png"))
    with bpy.data.libraries.load(library, link=True, relative=True) as (_, to):
        to.objects = ["Cube"]
    scene.collection.objects.link(to.objects[0])
    bpy.ops.object.camera_add(location=(6, -6, 5), rotation=(1.0, 0, 0.785))
    scene.camera = bpy.context.object
    scene.render.engine, scene.cycles.samples = "CYCLES", 4
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = 64, 36
    scene.render.image_settings.file_format = "PNG"
    scene.frame_start = scene.frame_end = 1
    bpy.ops.file.make_paths_relative()
    bpy.ops.wm.save_mainfile()


film(cube())
