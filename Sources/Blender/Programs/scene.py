"""Applies a request's settings to the opened scene, and refuses what can't be rendered.

Blender's command-line flags ignore an unknown scene, engine or camera without an error. Only the
frames are set by flags, since Python may not set negative frames.

Render handlers are not used: `render_stats` deadlocks Blender 4.5 and 5.0.
"""

import os
import sys
import threading

import bpy
from spotrender.devices import choose_device
from spotrender.extras import choose_extras
from spotrender.protocol import Refusal, listen, say


def names(things):
    shown = sorted(thing.name for thing in things)[:12]
    return ", ".join(shown) if shown else "none"


def choose_scene(wanted):
    if os.path.realpath(bpy.data.filepath) != os.path.realpath(wanted["blend"]):
        raise Refusal("Blender did not open the file")
    scene = bpy.data.scenes.get(wanted["scene"])
    if scene is None:
        raise Refusal(f'the file has no scene "{wanted["scene"]}"; it has {names(bpy.data.scenes)}')
    if bpy.context.window is not None:
        bpy.context.window.scene = scene
    return scene


def choose_engine(scene, name):
    # Blender 4.2 to 4.5 have EEVEE under another name.
    eevee = ["BLENDER_EEVEE", "BLENDER_EEVEE_NEXT"]
    problem = None
    for candidate in [name] + (eevee if name in eevee else []):
        try:
            scene.render.engine = candidate
            return
        except TypeError as error:
            problem = problem or error
    raise Refusal(f'this Blender has no render engine "{name}": {problem}')


def choose_camera(scene, name):
    if name is None:
        return
    camera = bpy.data.objects.get(name)
    if camera is None or camera.type != "CAMERA":
        cameras = [thing for thing in bpy.data.objects if thing.type == "CAMERA"]
        raise Refusal(f'the file has no camera "{name}"; it has {names(cameras)}')
    for marker in scene.timeline_markers:
        marker.camera = None
    scene.camera = camera


def choose_samples(scene, count):
    if count is None:
        return
    if scene.render.engine == "CYCLES":
        scene.cycles.samples = int(count)
        scene.cycles.use_layer_samples = "IGNORE"
    elif scene.render.engine.startswith("BLENDER_EEVEE"):
        scene.eevee.taa_render_samples = int(count)


def choose_output(scene, wanted):
    render = scene.render
    render.resolution_x = int(wanted["width"])
    render.resolution_y = int(wanted["height"])
    render.resolution_percentage = int(wanted["percentage"])
    image = render.image_settings
    multilayer = wanted["format"] == "OPEN_EXR_MULTILAYER"
    if hasattr(image, "media_type"):
        image.media_type = "MULTI_LAYER_IMAGE" if multilayer else "IMAGE"
    if image.file_format != wanted["format"]:
        try:
            image.file_format = wanted["format"]
        except TypeError as error:
            raise Refusal(f"this Blender can't write {wanted['format']}: {error}") from error
    if render.use_multiview:
        raise Refusal(
            "the scene renders several views (stereoscopy), "
            "which is not supported: switch it off and upload again"
        )
    render.filepath = wanted["output"]
    render.use_file_extension = True
    render.use_overwrite = True
    render.use_placeholder = False
    if render.use_border and render.use_crop_to_border:
        say("cropped")


def frames_of(scene):
    return scene.frame_start, scene.frame_end, scene.frame_step


def set_up(wanted):
    scene = choose_scene(wanted)
    choose_engine(scene, wanted["engine"])
    choose_camera(scene, wanted.get("camera"))
    choose_samples(scene, wanted.get("samples"))
    wanted["device"] = choose_device(scene, wanted["processors"])
    choose_output(scene, wanted)
    choose_extras(scene, wanted)
    frames = frames_of(scene)
    if ",".join(map(str, frames)) != wanted["frames"]:
        raise Refusal(f"Blender took the frames {frames} for {wanted['frames']}")
    return scene


def run(work):
    """Sets up the scene and runs `work(scene, wanted)`. `wanted` is the worker's arguments."""
    threading.Thread(target=listen, daemon=True).start()
    say("opened", bpy.app.version_string)
    try:
        wanted = dict(argument.split("=", 1) for argument in sys.argv[sys.argv.index("--") + 1 :])
        work(set_up(wanted), wanted)
    except Refusal as refusal:
        say("refused", refusal)
    except Exception as error:
        say("error", error)
