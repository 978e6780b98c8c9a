"""Each command's JSON document fits its published schema.

    Tests/with-local-cloud.sh .venv/bin/python Tests/Acceptance/documents.py

Beside a local cloud: it renders two small jobs.
"""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from schema import SCHEMA_OF, check_answer

ROOT = Path(__file__).resolve().parents[2]
STATE = os.environ["SPOTRENDER_TEST_CLOUD"]
SECONDS_MAX = 240
checked = set()


def document(*arguments, farm=True, code=0):
    """What the command line prints with --json; the document must fit its schema."""
    place = ["--stack", f"{STATE}/env.sh"] if farm else []
    command = [str(ROOT / "dist/spotrender"), *map(str, arguments), "--json", *place]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS_MAX)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    checked.add(" ".join(arguments[:2]) if arguments[0] == "local" else arguments[0])
    return check_answer(arguments, done.stdout)


def local(command, *arguments):
    return document("local", command, *arguments, "--state", STATE, farm=False)


def scene(folder, name, frames):
    path = f"{folder}/{name}.blend"
    make = ["--factory-startup", "--python", "infra/demo/make_scene.py", "--", path, "--tiny"]
    command = ["blender", "-b", *make, "--frames", frames]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return path


def a_job_from_upload_to_report(folder):
    path = scene(folder, "documented", "1-2")
    document("inspect", path, farm=False)
    document("estimate", path, farm=False)
    job = document("submit", path)["job"]
    assert document("watch", job)["framesDone"] == 2
    listed = document("jobs", "--all")["jobs"]
    assert job in [one["job"] for one in listed]
    document("status")
    assert document("status", job)["job"] == job
    assert document("logs", job)["job"] == job
    assert document("download", job, f"{folder}/frames")["filesFetched"] >= 2
    assert document("report", job)["runs"][0]["job"] == job


def a_steered_job(folder):
    path = scene(folder, "steered", "1-40")
    job = document("submit", path, "--no-canary", "--samples", "2000")["job"]
    wait_for(lambda: document("status", job)["state"] in ("queued", "rendering"), job)
    assert document("pause", job)["state"] == "paused"
    assert document("resume", job)["state"] in ("queued", "rendering")
    document("fleet")
    wait_for(lambda: document("workers")["workers"], job)
    worker = document("workers")["workers"][0]["worker"]
    assert document("drain", worker, "--now")["worker"] == worker
    assert document("cancel", job)["job"] == job
    wait_for(lambda: document("status", job)["state"] == "canceled", job)
    assert document("retry", job)["job"] == job
    document("cancel", job)


def wait_for(look, job):
    """Waits while the splitter has not created the job, and until `look` finds something."""
    end = time.monotonic() + SECONDS_MAX
    while True:
        try:
            if look():
                return
        except AssertionError as error:
            if "no job" not in str(error) and "there is none" not in str(error):
                raise
        assert time.monotonic() < end, f"{job} did not come so far"
        time.sleep(1)


def the_local_cloud(folder):
    local("up", "--fleet-max", "2", "--turn-around", "60", "--lease", "30")
    for seconds in (60, 0):
        assert local("refuse", "--for", seconds)["shortageSeconds"] == seconds
    path = scene(folder, "local", "1-2")
    run = local("run", path, "--out", f"{folder}/local", "--interrupt", "imds")
    assert run["isDone"] and run["framesDone"] == 2
    instances = local("instances")["instances"]
    if any(one["state"] == "running" for one in instances):
        local("interrupt", "--after", "3")
    document("local", "down", "--state", f"{folder}/nowhere", farm=False)


def main():
    with tempfile.TemporaryDirectory() as folder:
        a_job_from_upload_to_report(folder)
        a_steered_job(folder)
        the_local_cloud(folder)
    left = {*SCHEMA_OF, "status"} - checked
    assert left <= {"local interrupt"}, f"No document was checked of {left}"
    print(f"The documents of {len(checked)} commands fit their schemas.")


if __name__ == "__main__":
    main()
