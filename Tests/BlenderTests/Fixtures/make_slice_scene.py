"""Makes a scene for the tests of slices: a monkey on a floor under one lamp, 64 samples.

    blender -b --factory-startup --python make_slice_scene.py -- OUT.blend [PYTHON]

PYTHON changes the scene before it is saved; it finds `scene`, `layer`, `render`, `cycles`, and
`compositor`, which switches the compositor on and answers a way to add a node by kind, the Render
Layers node, a way to link sockets, and the socket of the picture; and `output`, which adds a File
Output node to a tree that writes to a place, which ends in / or in a layered file's name: of each
source the file, or the layer, of its name. A source is a socket, or None.
"""

import math
import sys

import bpy

out, *change = sys.argv[sys.argv.index("--") + 1 :]
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
layer, render, cycles = scene.view_layers[0], scene.render, scene.cycles
render.engine = "CYCLES"

bpy.ops.mesh.primitive_plane_add(size=20)
bpy.ops.mesh.primitive_monkey_add(location=(0, 0, 1))
shine = bpy.data.materials.new("Shine")
shine.use_nodes = True
shader = shine.node_tree.nodes["Principled BSDF"]
shader.inputs["Base Color"].default_value = (0.8, 0.2, 0.1, 1)
shader.inputs["Roughness"].default_value = 0.3
bpy.context.object.data.materials.append(shine)
bpy.context.object.pass_index = 3
bpy.ops.object.light_add(type="AREA", location=(3, -3, 4), rotation=(0.6, 0.5, 0.4))
bpy.context.object.data.energy = 500
bpy.context.object.data.size = 3
bpy.ops.object.camera_add(location=(0, -6, 2.5), rotation=(math.radians(75), 0, 0))
scene.camera = bpy.context.object
scene.world = bpy.data.worlds.new("World")
scene.world.use_nodes = True

cycles.samples = 64
cycles.use_adaptive_sampling = False
cycles.use_denoising = False
if bpy.app.version[:2] == (4, 2):
    # What 4.2 chooses by itself, blue noise, can't be sliced.
    cycles.sampling_pattern = "TABULATED_SOBOL"
render.resolution_x, render.resolution_y = 64, 36
# What the comparison reads.
image = render.image_settings
image.file_format, image.color_mode, image.color_depth = "OPEN_EXR", "RGBA", "32"
image.exr_codec = "NONE"


def compositor():
    if bpy.app.version < (5, 0):
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        final = tree.nodes.new("CompositorNodeComposite")
    else:
        tree = scene.compositing_node_group = bpy.data.node_groups.new(
            "Compositor", "CompositorNodeTree"
        )
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        final = tree.nodes.new("NodeGroupOutput")

    def add(kind, **settings):
        node = tree.nodes.new("CompositorNode" + kind)
        for name, value in settings.items():
            setattr(node, name, value)
        return node

    return add, add("RLayers"), tree.links.new, final.inputs["Image"]


def output(tree, name, place, kind, sources):
    node = tree.nodes.new("CompositorNodeOutputFile")
    node.name, layered = name, kind == "OPEN_EXR_MULTILAYER"
    if hasattr(node, "file_output_items"):
        node.directory, node.file_name = place.rsplit("/", 1)
        node.format.media_type = "MULTI_LAYER_IMAGE" if layered else "IMAGE"
        node.format.file_format = kind
        for path, source in sources.items():
            node.file_output_items.new(
                "FLOAT" if source and source.type == "VALUE" else "RGBA", path
            )
    else:
        node.base_path, node.format.file_format = place, kind
        slots = node.layer_slots if layered else node.file_slots
        slots.clear()
        for path in sources:
            slots.new(path)
    for source, socket in zip(sources.values(), node.inputs, strict=False):
        if source:
            tree.links.new(source, socket)
    return node


exec("\n".join(change))
bpy.ops.wm.save_as_mainfile(filepath=out)
