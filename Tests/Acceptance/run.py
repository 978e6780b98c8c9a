#!/usr/bin/env python3
"""Runs acceptance files one after another on one local cloud.

    Tests/with-local-cloud.sh .venv/bin/python Tests/Acceptance/run.py dashboard commands

Each name is a file beside this one, with a `main()` that ends the run at the first failure.
"""

import importlib
import sys
import time

import harness


def main(names):
    if not names:
        sys.exit(__doc__)
    harness.cloud()
    for name in names:
        begin = time.monotonic()
        importlib.import_module(name).main()
        print(f"ok    {name}, {time.monotonic() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
