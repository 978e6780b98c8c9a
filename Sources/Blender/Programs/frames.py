"""Renders the frames of each command `FIRST LAST STEP`, then says `rendered`.

One call renders all frames of a command, which costs what `blender -a` costs.
"""

import bpy
from spotrender.devices import say_device
from spotrender.extras import direct_extras
from spotrender.protocol import Refusal, commands, say
from spotrender.scene import frames_of, run


def choose_frames(scene, frames):
    # The start is set first: a start after the end moves the end.
    if frames_of(scene) != frames:
        scene.frame_start, scene.frame_end, scene.frame_step = frames
    if frames_of(scene) != frames:
        raise Refusal(f"Blender took the frames {frames_of(scene)} for {frames}")


def render_frames(scene, wanted):
    if not wanted["starts"]:
        bpy.ops.render.render(animation=True, scene=scene.name)
        return
    # File Output nodes accept another folder only between two renders.
    for frame in range(scene.frame_start, scene.frame_end + 1, scene.frame_step):
        direct_extras(scene, wanted, frame)
        scene.frame_set(frame)
        scene.render.filepath = wanted["output"]
        scene.render.filepath = scene.render.frame_path(frame=frame)
        bpy.ops.render.render(write_still=True, scene=scene.name)


def work(scene, wanted):
    while True:
        choose_frames(scene, tuple(map(int, commands.get().split())))
        say_device(wanted)
        render_frames(scene, wanted)
        say("rendered")


run(work)
