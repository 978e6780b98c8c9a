"""Makes a scene for the tests of slices: a monkey on a floor under one lamp, 64 samples.

    blender -b --factory-startup --python make_slice_scene.py -- OUT.blend [PYTHON]

PYTHON changes the scene before it is saved; it finds `scene`, `layer`, `render`, `cycles`, and
`compositor`, which switches the compositor on and answers a way to add a node by kind, the Render
Layers node, a way to link sockets, and the socket of the picture.
"""

import math
import sys

import bpy

out, *change = sys.argv[sys.argv.index("--") + 1:]
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
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()

    def add(kind, **settings):
        node = tree.nodes.new("CompositorNode" + kind)
        for name, value in settings.items():
            setattr(node, name, value)
        return node

    return add, add("RLayers"), tree.links.new, add("Composite").inputs["Image"]


exec("\n".join(change))
bpy.ops.wm.save_as_mainfile(filepath=out)
