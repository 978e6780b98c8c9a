"""Renders the frame with a Cycles that answers with the mean of the slices instead of sampling.

Compositor, view transform and format are the scene's own. Nothing of the scene has to be rebuilt
around the picture. Only the denoiser is replaced, since it is a part of Cycles.

Blender saves a black picture when its render engine fails. So the picture gets its final name only
after every view layer was filled.
"""

import array
import os

import bpy
import cycles
from spotrender.extras import direct_extras
from spotrender.protocol import Refusal
from spotrender.scene import run
from spotrender.slicing import denoised, layers, leave_needed_passes, needed_passes


def size_of_mean(wanted):
    return int(wanted["columns"]), int(wanted["rows"])


def denoise(scene, layer, wanted):
    """The denoised pixels of a view layer, by the library and settings that Cycles uses.

    A scene of its own renders them, so that the picture keeps all bits of the layer.
    """
    studio = bpy.data.scenes.new("Denoise")
    render, image = studio.render, studio.render.image_settings
    render.resolution_x, render.resolution_y = size_of_mean(wanted)
    render.resolution_percentage = 100
    image.file_format, image.color_mode, image.color_depth = "OPEN_EXR", "RGBA", "32"
    studio.frame_start = studio.frame_end = scene.frame_start
    number = scene.view_layers.find(layer.name)
    render.filepath = f"{os.path.dirname(wanted['output'])}/denoised-{number}-####"
    studio.use_nodes = True
    nodes, link = studio.node_tree.nodes, studio.node_tree.links.new
    nodes.clear()
    mean = nodes.new("CompositorNodeImage")
    mean.image = bpy.data.images.load(wanted["mean"])
    mean.image.colorspace_settings.name = "Non-Color"
    mean.layer = layer.name
    denoiser = nodes.new("CompositorNodeDenoise")
    denoiser.use_hdr = True
    denoiser.prefilter = scene.cycles.denoising_prefilter
    denoiser.quality = scene.cycles.denoising_quality
    link(mean.outputs["Combined"], denoiser.inputs["Image"])
    for guide in ("Albedo", "Normal"):
        if f"Denoising {guide}" in needed_passes(scene, layer):
            link(mean.outputs[f"Denoising {guide}"], denoiser.inputs[guide])
    final = nodes.new("CompositorNodeComposite")
    link(denoiser.outputs["Image"], final.inputs["Image"])
    bpy.ops.render.render(animation=True, scene=studio.name)
    picture = bpy.data.images.load(render.frame_path(frame=scene.frame_start))
    picture.colorspace_settings.name = "Non-Color"
    pixels = array.array("f", bytes(4 * len(picture.pixels)))
    picture.pixels.foreach_get(pixels)
    return pixels


def fill_instead_of_rendering(wanted, denoised_pixels, filled):
    size = size_of_mean(wanted)

    def render(engine, depsgraph):
        name = depsgraph.view_layer.name
        try:
            result = engine.begin_result(0, 0, *size, layer=name)
            result.load_from_file(wanted["mean"])
            if name in denoised_pixels:
                result.layers[0].passes["Combined"].rect.foreach_set(denoised_pixels[name])
            engine.end_result(result)
            filled[name] = None
        except Exception as error:
            filled[name] = error

    cycles.CyclesRender.update = lambda *arguments: None
    cycles.CyclesRender.render = render
    cycles.CyclesRender.render_frame_finish = lambda engine: None


def work(scene, wanted):
    if scene.cycles.samples != int(wanted["total"]):
        raise Refusal(
            f"its slices have {wanted['total']} samples, "
            f"and the scene has {scene.cycles.samples}: render the frame again"
        )
    there = wanted["passes"].split("\n")
    for layer in layers(scene):
        for name in needed_passes(scene, layer):
            if f"{layer.name}.{name}" not in there:
                raise Refusal(f"its slices lack the pass {layer.name}.{name}")
    pixels = {layer.name: denoise(scene, layer, wanted) for layer in denoised(scene)}
    leave_needed_passes(scene)
    filled = {}
    fill_instead_of_rendering(wanted, pixels, filled)
    final = scene.render.frame_path(frame=scene.frame_start)
    scene.render.filepath = os.path.dirname(wanted["output"]) + "/merged-####"
    direct_extras(scene, wanted, scene.frame_start)
    bpy.ops.render.render(animation=True, scene=scene.name)
    for layer in layers(scene):
        if filled.get(layer.name, "Blender did not ask for it") is not None:
            raise RuntimeError(f"view layer {layer.name} was not filled: {filled.get(layer.name)}")
    os.replace(scene.render.frame_path(frame=scene.frame_start), final)


run(work)
