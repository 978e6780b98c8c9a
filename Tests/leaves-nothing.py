#!/usr/bin/env python3
"""Runs a command, and fails if it leaves a process or a temporary file behind.

    Tests/leaves-nothing.py COMMAND [ARGUMENT...]

The command gets an empty temporary folder. Linux hands orphaned processes to this program, so it
sees every process that outlives the command. It names what is left, ends it, and exits with 1.
"""

import ctypes
import fnmatch
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
# SwiftPM keeps its locks in the temporary folder, and the Swift compiler leaves folders there.
IGNORED = ("*.lock", "TemporaryDirectory.*")
# A process that is about to exit gets this long.
GRACE_SECONDS = 5


def children():
    """The processes whose parent is this one, with their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The name stands in parentheses and may contain anything.
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(parent) == os.getpid() and state != "Z":
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(folder.name)] = command.decode(errors="replace").strip()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
    return found


def reap():
    """Collects the exit codes of ended orphans."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def remaining_processes():
    end = time.monotonic() + GRACE_SECONDS
    while True:
        reap()
        found = children()
        if not found or time.monotonic() > end:
            return found
        time.sleep(0.1)


def end_all():
    """Ends orphans until none is left: each may leave children of its own."""
    while found := children():
        for process in found:
            os.kill(process, signal.SIGKILL)
        time.sleep(0.1)
        reap()


def is_ignored(name):
    return any(fnmatch.fnmatch(name, pattern) for pattern in IGNORED)


def main(command):
    if not command:
        sys.exit(__doc__)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Unix sockets have short paths, and so has the folder.
    folder = tempfile.mkdtemp(prefix="st-")
    running = subprocess.Popen(command, env=os.environ | {"TMPDIR": folder})
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: running.send_signal(number))
    status = running.wait()
    processes = remaining_processes()
    files = [name for name in sorted(os.listdir(folder)) if not is_ignored(name)]
    for process, name in processes.items():
        print(f"A process is left behind: {process} {name}", file=sys.stderr)
    end_all()
    for name in files:
        print(f"A file is left behind: {folder}/{name}", file=sys.stderr)
    # A failed command keeps its files: they may say why.
    if status == 0:
        shutil.rmtree(folder, ignore_errors=True)
    return status or int(bool(processes or files))


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.exit(status if status >= 0 else 128 - status)
