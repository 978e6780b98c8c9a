"""How our programs inside Blender and the worker talk.

Standard input brings commands, one per line. Lines on standard output that begin with SPOTRENDER
and the key of this process are messages. A scene can make Blender print any line, but it does not
know the key, which the worker passes as an argument. Only the worker holds the other end of the
input pipe: when the worker dies, the pipe ends, and Blender ends with it. A thread that blocks in
`read` costs nothing.
"""

import os
import queue
import signal
import sys

commands = queue.SimpleQueue()
# Without a scene there is no key: see `graphics.py`.
keys = [argument[4:] for argument in sys.argv if argument.startswith("key=")]
mark = " ".join(["SPOTRENDER", *keys[-1:]])
# The worker cuts longer lines.
LENGTH_MAX = 2000


class Refusal(Exception):
    """The scene can't be rendered as asked. The text is for the scene's owner."""


def say(kind, text=""):
    # A scene may have left the output in the middle of a line.
    print(f"\n{mark} {kind} {' '.join(str(text).split())[:LENGTH_MAX]}", flush=True)


def listen():
    rest = b""
    while piece := os.read(0, 4096):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            commands.put(line.decode())
    # The worker is gone or wants no more. Group 0: a sandbox hides the group's leader.
    if os.getpgrp() in (0, os.getpid()):
        os.killpg(0, signal.SIGKILL)
