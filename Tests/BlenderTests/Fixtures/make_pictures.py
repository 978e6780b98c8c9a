"""Writes small pictures that show nothing, or next to nothing, as Blender stores them:
NAME.KIND.EXTENSION.

Run by Blender: blender -b --factory-startup --python make_pictures.py -- DIRECTORY
"""

import sys

import bpy

directory = sys.argv[sys.argv.index("--") + 1]
scene = bpy.context.scene
settings = scene.render.image_settings
scene.view_settings.view_transform = "Raw"
WIDTH, HEIGHT = 33, 21

FORMS = {
    "exr-half": ("OPEN_EXR", "RGBA", "16", {"exr_codec": "ZIP"}),
    "exr-full": ("OPEN_EXR", "RGBA", "32", {"exr_codec": "ZIPS"}),
    "exr-plain": ("OPEN_EXR", "RGB", "16", {"exr_codec": "NONE"}),
    "exr-gray": ("OPEN_EXR", "BW", "16", {"exr_codec": "ZIP"}),
    "tiff-deep": ("TIFF", "RGBA", "16", {"tiff_codec": "DEFLATE"}),
    "tiff": ("TIFF", "RGB", "8", {"tiff_codec": "DEFLATE"}),
    "tiff-plain": ("TIFF", "RGBA", "8", {"tiff_codec": "NONE"}),
}
KINDS = {
    "black": ((0, 0, 0, 1), (0, 0, 0, 1)),
    "clear": ((0, 0, 0, 0), (0, 0, 0, 0)),
    "point": ((0, 0, 0, 1), (0.1, 0.1, 0.1, 1)),
    "gray": ((0.2, 0.2, 0.2, 1), (0.2, 0.2, 0.2, 1)),
}


def choose(form):
    settings.file_format, settings.color_mode, settings.color_depth, codec = FORMS[form]
    for name, value in codec.items():
        setattr(settings, name, value)


for kind, (color, last) in KINDS.items():
    image = bpy.data.images.new(kind, WIDTH, HEIGHT, alpha=True, float_buffer=True)
    # Blender counts rows from below, files from above: in both the last one read.
    row = list(color) * (WIDTH - 1) + list(last)
    image.pixels[:] = row + list(color) * WIDTH * (HEIGHT - 1)
    for form in FORMS:
        choose(form)
        image.save_render(f"{directory}/{form}.{kind}{scene.render.file_extension}", scene=scene)

# Layers come from renders only.
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
render, settings = scene.render, scene.render.image_settings
scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
scene.collection.objects.link(scene.camera)
scene.world = bpy.data.worlds.new("World")
scene.world.use_nodes = True
scene.view_layers[0].use_pass_z = True
render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 1, False
render.resolution_x, render.resolution_y = WIDTH, HEIGHT
if hasattr(settings, "media_type"):  # from 5.0 on; where each pass is then a part of the file
    settings.media_type = "MULTI_LAYER_IMAGE"
settings.file_format = "OPEN_EXR_MULTILAYER"
scene.frame_start = scene.frame_end = 1


def write(name):
    render.filepath = f"{directory}/{name}#"
    bpy.ops.render.render(animation=True)


for kind, light in {"black": 0, "gray": 0.2}.items():
    scene.world.node_tree.nodes["Background"].inputs["Color"].default_value = (
        light,
        light,
        light,
        1,
    )
    write(f"layers.{kind}")
render.film_transparent = True
write("layers.clear")
# The render shows something, and what its compositor makes of it does not.
render.film_transparent = False
if hasattr(scene, "compositing_node_group"):
    tree = scene.compositing_node_group = bpy.data.node_groups.new("Black", "CompositorNodeTree")
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    layers, final = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("NodeGroupOutput")
else:
    scene.use_nodes = True
    tree = scene.node_tree
    layers, final = tree.nodes["Render Layers"], tree.nodes["Composite"]
black = tree.nodes.new("CompositorNodeExposure")
black.inputs["Exposure"].default_value = -200
tree.links.new(layers.outputs["Image"], black.inputs["Image"])
tree.links.new(black.outputs["Image"], final.inputs["Image"])
write("composite.black")
