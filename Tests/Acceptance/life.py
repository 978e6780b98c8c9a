"""The end of a farm's life: `local up` deployed it, it renders a scene, and it is removed.

Undeploying keeps the frames. Nothing is left after `--frames delete`. On a shared cloud this file
runs last.
"""

import os
import sys
import tempfile

from harness import client, endpoint, everything, expect, run, scene, submit, watch

FARM = "spotrender"  # the local cloud's name
FRAMES = ["frame_0001.png", "frame_0002.png"]


def undeploy(*options):
    program = [sys.executable, "infra/undeploy.py", "--stack", FARM]
    run(*program, "--endpoint-url", endpoint(), "--yes", *options)


def frames(bucket, job):
    prefix = f"jobs/{job}/frames/"
    found = client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    return sorted(item["Key"].removeprefix(prefix) for item in found)


def left():
    return {name for name in everything() if FARM in name}


def main():
    bucket = os.environ["SPOTRENDER_OUTPUT_BUCKET"]
    with tempfile.TemporaryDirectory() as folder:
        job = submit(scene(folder, "tiny", "--frames", "1-2"))
    watch(job)
    expect(frames(bucket, job) == FRAMES, "both frames are stored", frames(bucket, job))

    undeploy()
    expect(frames(bucket, job) == FRAMES, "both frames stay", frames(bucket, job))
    kept = {f"bucket {bucket}", f"stack {FARM}-frames"}
    expect(left() == kept, "only the frames' bucket and its stack are left", left())

    undeploy("--frames", "delete")
    expect(not left(), "nothing is left", left())
