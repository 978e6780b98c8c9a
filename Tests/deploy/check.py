#!/usr/bin/env python3
"""A farm's whole life on the local cloud: deployed by `local up`, a scene rendered, undeployed.

    Tests/with-local-cloud.sh .venv/bin/python Tests/deploy/check.py

Holds: the frames outlive the farm, and nothing outlives `FRAMES=delete`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FARM = "spotrender"  # the local cloud's
STATE = os.environ["SPOTRENDER_TEST_CLOUD"]
variables = subprocess.run(
    ["bash", "-c", '. "$0" && env', f"{STATE}/env.sh"], check=True, capture_output=True, text=True
).stdout
os.environ.update(
    line.split("=", 1)
    for line in variables.splitlines()
    if line.startswith(("AWS_", "SPOTRENDER_"))
)
sys.path.insert(0, str(ROOT / "infra"))

from test_deploy import ENDPOINT, client, everything  # noqa: E402


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def undeploy(*options):
    print(
        run(
            sys.executable,
            "infra/undeploy.py",
            "--stack",
            FARM,
            "--endpoint-url",
            ENDPOINT,
            "--yes",
            *options,
        )
    )


def frames(bucket):
    listed = client("s3").list_objects_v2(Bucket=bucket, Prefix="jobs/").get("Contents", [])
    return sorted(item["Key"].rpartition("/")[2] for item in listed if "/frames/" in item["Key"])


def main():
    bucket = os.environ["SPOTRENDER_OUTPUT_BUCKET"]
    with tempfile.TemporaryDirectory() as folder:
        scene = f"{folder}/tiny.blend"
        run(
            "blender",
            "-b",
            "--factory-startup",
            "--python",
            "infra/demo/make_scene.py",
            "--",
            scene,
            "--tiny",
            "--frames",
            "1-2",
        )
        run("dist/spotrender", "local", "run", scene, "--state", STATE, "--out", f"{folder}/frames")
    assert frames(bucket) == ["frame_0001.png", "frame_0002.png"], frames(bucket)

    undeploy()
    assert frames(bucket) == ["frame_0001.png", "frame_0002.png"], frames(bucket)
    left = {name for name in everything() if FARM in name}
    assert left == {f"bucket {bucket}", f"stack {FARM}-frames"}, left

    undeploy("--frames", "delete")
    left = {name for name in everything() if FARM in name}
    assert not left, left
    print("Deployed, rendered, undeployed: nothing is left.")


if __name__ == "__main__":
    main()
