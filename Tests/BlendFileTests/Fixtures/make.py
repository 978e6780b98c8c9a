"""Makes the .blend fixtures and, from Blender's own view of them, expected-<version>.json.

With Debian's Blender 3.4.1:    blender -b --factory-startup --python make.py
With PyPI's bpy 5.0.1:          python3 make.py
"""

import gzip
import json
import os

import bpy

FOLDER = os.path.dirname(os.path.abspath(__file__))
VERSION = "{}.{}".format(*bpy.app.version[:2])
IS_FIVE = bpy.app.version >= (5, 0)


def start():
    """A file without what the tests don't need. Blender can't do without its workspaces."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    for rest in (bpy.data.brushes, bpy.data.palettes, bpy.data.linestyles):
        bpy.data.batch_remove(list(rest))


def set_up(scene, engine, frames, size, picture, camera):
    scene.render.engine = engine
    scene.frame_start, scene.frame_end, scene.frame_step = frames
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = size
    settings = render.image_settings
    if IS_FIVE:
        settings.media_type = (
            "VIDEO"
            if picture == "FFMPEG"
            else "MULTI_LAYER_IMAGE"
            if picture == "OPEN_EXR_MULTILAYER"
            else "IMAGE"
        )
    settings.file_format = picture
    if camera:
        eye = bpy.data.objects.new("Eye", bpy.data.cameras.new("Eye"))
        scene.collection.objects.link(eye)
        scene.camera = eye


def view(path):
    """What Blender sees in the file, in the order that it stores."""
    bpy.ops.wm.open_mainfile(filepath=path, load_ui=True)
    return {
        "version": VERSION,
        "active": bpy.context.scene.name,
        "scenes": [
            {
                "name": scene.name,
                "frameStart": scene.frame_start,
                "frameEnd": scene.frame_end,
                "frameStep": scene.frame_step,
                "engine": scene.render.engine,
                "resolutionX": scene.render.resolution_x,
                "resolutionY": scene.render.resolution_y,
                "resolutionPercentage": scene.render.resolution_percentage,
                "format": scene.render.image_settings.file_format,
                "hasCamera": scene.camera is not None,
            }
            for scene in bpy.data.scenes
        ],
    }


def save(name, compress):
    path = os.path.join(FOLDER, name)
    bpy.ops.wm.save_as_mainfile(filepath=path, compress=compress)
    return path


def main():
    expected = {}

    # The active scene has no camera; a step, an odd percentage, a name beyond ASCII.
    start()
    first = bpy.context.scene
    first.name = "Film"
    set_up(first, "CYCLES", (5, 47, 3), (1280, 720, 50), "OPEN_EXR", camera=True)
    second = bpy.data.scenes.new("Prüfung")
    set_up(second, "BLENDER_WORKBENCH", (0, 0, 1), (641, 481, 33), "JPEG", camera=False)
    bpy.context.window.scene = second
    if IS_FIVE:
        movie = bpy.data.scenes.new("Movie")
        set_up(movie, "CYCLES", (1, 24, 1), (3840, 2160, 25), "FFMPEG", camera=True)
        layers = bpy.data.scenes.new("A Layers")
        set_up(layers, "CYCLES", (7, 7, 2), (4, 5, 100), "OPEN_EXR_MULTILAYER", camera=True)
    name = f"scenes-{VERSION}.blend"
    expected[name] = view(save(name, compress=True))

    # One scene, saved plain. It is kept with gzip, as Blender before 3.0 did by itself.
    if not IS_FIVE:
        start()
        size = (1920, 1080, 100)
        set_up(bpy.context.scene, "BLENDER_EEVEE", (1, 250, 1), size, "PNG", camera=True)
        name = f"plain-{VERSION}.blend"
        path = save(name, compress=False)
        expected[name + ".gz"] = view(path)
        with open(path, "rb") as plain, open(path + ".gz", "wb") as packed:
            packed.write(gzip.compress(plain.read(), 9, mtime=0))
        os.remove(path)

    with open(os.path.join(FOLDER, f"expected-{VERSION}.json"), "w", encoding="utf-8") as out:
        json.dump(expected, out, indent=2, ensure_ascii=False, sort_keys=True)
        out.write("\n")
    for name in os.listdir(FOLDER):
        if name.endswith(".blend1"):
            os.remove(os.path.join(FOLDER, name))


main()
