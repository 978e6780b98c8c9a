"""How our programs inside Blender and the worker talk.

Standard input brings commands, one per line. Lines on standard output that begin with SPOTRENDER
are messages. Only the worker holds the other end of the input pipe: when the worker dies, the pipe
ends, and Blender ends with it. A thread that blocks in `read` costs nothing.
"""

import os
import queue
import signal

commands = queue.SimpleQueue()


class Refusal(Exception):
    """The scene can't be rendered as asked. The text is for the scene's owner."""


def say(kind, text=""):
    print(f"SPOTRENDER {kind} {' '.join(str(text).split())}", flush=True)


def listen():
    rest = b""
    while piece := os.read(0, 4096):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            commands.put(line.decode())
    # The worker is gone or wants no more. Group 0: a sandbox hides the group's leader.
    if os.getpgrp() in (0, os.getpid()):
        os.killpg(0, signal.SIGKILL)
