"""The part of Blender's command line that Spotrender uses, on Blender's Python module. Newer
versions than Debian's are on PyPI only, as this module.

    python blender.py --background scene.blend -S Scene -s 1 -e 3 -j 1 --python-expr … -- …

As in Blender, arguments act in their order.
"""

import os
import pathlib
import sys

import bpy


def number(text, before):
    """A number with a sign is relative to the value before."""
    return before + int(text) if text[0] in "+-" else int(text)


def run(path=None, text=None):
    space = {"__name__": "__main__"}
    if path is not None:
        space["__file__"], text = path, pathlib.Path(path).read_text()
    exec(compile(text, path or "<expression>", "exec"), space)


def main(arguments):
    sys.argv = ["blender", *arguments]
    print("Blender", bpy.app.version_string, flush=True)
    if arguments == ["--version"]:
        return
    waiting = iter(arguments)
    for argument in waiting:
        scene = bpy.context.scene
        if argument == "--":
            break
        if argument in ("--background", "-b", "--factory-startup", "--disable-autoexec"):
            continue  # the module always does this
        if argument == "-S":
            bpy.context.window.scene = bpy.data.scenes.get(next(waiting)) or scene
        elif argument == "-s":
            scene.frame_start = number(next(waiting), scene.frame_start)
        elif argument == "-e":
            scene.frame_end = number(next(waiting), scene.frame_end)
        elif argument == "-j":
            scene.frame_step = int(next(waiting))
        elif argument == "--python":
            run(path=next(waiting))
        elif argument == "--python-expr":
            run(text=next(waiting))
        elif argument.startswith("-"):
            sys.exit(f"Unknown argument: {argument}")
        else:
            bpy.ops.wm.open_mainfile(filepath=argument, use_scripts=False)


try:
    main(sys.argv[1:])
except Exception as error:
    print(error)
    status = 1
else:
    status = 0
sys.stdout.flush()
# The module does not support a clean exit.
os._exit(status)
