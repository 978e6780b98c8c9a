#!/usr/bin/env python3
"""Stands in for Blender: takes the worker's arguments, and copies one picture for each frame.

A frame takes from 0.2 to 1.1 s, always the same for the same frame. The program ends with its
worker, as Blender does.
"""

import os
import pathlib
import shutil
import signal
import sys
import threading
import time

PICTURE = pathlib.Path(__file__).resolve().parents[1] / "BlenderTests" / "Fixtures" / "frame.png"


def end_with_the_worker():
    while os.read(0, 4096):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)


def main():
    if sys.argv[1:] == ["--version"]:
        print("Blender 3.4.1")
        return
    threading.Thread(target=end_with_the_worker, daemon=True).start()
    wanted = dict(text.split("=", 1) for text in sys.argv[sys.argv.index("--") + 1 :])
    first, last, step = (int(number) for number in wanted["frames"].split(","))
    for frame in range(first, last + 1, step):
        time.sleep(0.2 + frame * 7 % 10 / 10)
        path = wanted["output"].replace("####", f"{frame:04d}") + ".png"
        shutil.copyfile(PICTURE, path)
        print(f"Saved: '{path}'", flush=True)


main()
