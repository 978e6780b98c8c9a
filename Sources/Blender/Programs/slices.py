"""Says `samples N`, then renders a slice for each command `START COUNT PATH`.

Says `sliced START COUNT` when the slice's file is there, or `unsliceable WHY` where the scene can't
be sliced.
"""

import os

import bpy
from spotrender.devices import say_device
from spotrender.protocol import commands, say
from spotrender.scene import run
from spotrender.slicing import leave_needed_passes, objections


def choose_range(scene, start, count):
    cycles = scene.cycles
    if hasattr(cycles, "use_sample_subset"):
        # From 4.4 on: the pattern is that of all samples.
        cycles.use_sample_subset = True
        cycles.sample_offset, cycles.sample_subset_length = start, count
    else:
        cycles.sample_offset, cycles.samples = start, count


def prepare(scene):
    render, image = scene.render, scene.render.image_settings
    leave_needed_passes(scene)
    scene.cycles.use_adaptive_sampling = False
    # Each slice after the first finds its geometry synchronized.
    render.use_persistent_data = True
    render.use_compositing = render.use_sequencer = False
    if render.use_border:
        # Slices have only the rendered part. The merge adds the rest.
        render.use_crop_to_border = True
        say("cropped")
    if hasattr(image, "media_type"):
        image.media_type = "MULTI_LAYER_IMAGE"
    image.file_format = "OPEN_EXR_MULTILAYER"
    image.color_depth, image.exr_codec = "32", "NONE"
    if hasattr(image, "use_exr_interleave"):  # from 5.0 on
        image.use_exr_interleave = True
    if hasattr(image, "color_management"):
        image.color_management = "FOLLOW_SCENE"


def work(scene, wanted):
    problems = list(objections(scene, wanted))
    if problems:
        say("unsliceable", "; ".join(problems))
        return
    prepare(scene)
    say_device(wanted)
    say("samples", scene.cycles.samples)
    while True:
        start, count, path = commands.get().split(" ", 2)
        choose_range(scene, int(start), int(count))
        scene.render.filepath = path + "-####"
        bpy.ops.render.render(animation=True, scene=scene.name)
        os.replace(scene.render.frame_path(frame=scene.frame_start), path)
        say("sliced", f"{start} {count}")


run(work)
