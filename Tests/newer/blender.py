"""Blender's command line on its Python module, as far as Spotrender uses it: PyPI has the module of
newer versions than Debian's program, and nothing else that can be had by a package manager does.

    python blender.py --background scene.blend -S Scene -s 1 -e 3 -j 1 --python-expr … -- …

As in the program, arguments act in their order.
"""

import os
import pathlib
import sys

import bpy


def number(text, before):
    """With a sign it is relative to what was set before."""
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
            continue  # the module does nothing else
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
            sys.exit(f"{argument}: this stand-in does not know it")
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
# The module is not made to be taken down.
os._exit(status)
