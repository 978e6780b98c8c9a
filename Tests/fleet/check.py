#!/usr/bin/env python3
"""Two ticks of the scaler at once, as deployed in the local cloud: nothing is changed twice.

    Tests/with-local-cloud.sh .venv/bin/python Tests/fleet/check.py

The schedule is stopped meanwhile, so that every tick is one of ours. On the way up both ticks are
held at their first write, when both have read the same memory; on the way down six run as chance
has it.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STATE = Path(os.environ["SPOTRENDER_TEST_CLOUD"])
FARM = ["--stack", f"{STATE}/env.sh"]
variables = subprocess.run(
    ["bash", "-c", '. "$0" && env', f"{STATE}/env.sh"], check=True, capture_output=True, text=True
).stdout
os.environ.update(
    line.split("=", 1)
    for line in variables.splitlines()
    if line.startswith(("AWS_", "SPOTRENDER_"))
)
sys.path.insert(0, str(ROOT / "infra"))

from test_deploy import ENDPOINT, client  # noqa: E402

OUTPUTS = json.loads((STATE / "outputs.json").read_text())
IDLE_GRACE_SECONDS, PAID_SECONDS_MIN = 30, 60  # `local up`'s default; EC2's


def expect(condition, words, *details):
    if not condition:
        sys.exit("\n".join([f"FAILED: {words}", *map(str, details)]))


def until(words, look, seconds=180):
    end = time.monotonic() + seconds
    while not (found := look()):
        expect(time.monotonic() < end, f"after {seconds} s: {words}")
        time.sleep(0.2)
    return found


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def fleet():
    return json.loads(run("dist/spotrender", "fleet", "--json", "--decisions", "20", *FARM))


def desired():
    groups = client("autoscaling").describe_auto_scaling_groups(
        AutoScalingGroupNames=[OUTPUTS["SpotGroup"]]
    )
    return groups["AutoScalingGroups"][0]["DesiredCapacity"]


def tick():
    """The tick that the scaler decided on, or None when another was at work."""
    answer = client("lambda").invoke(
        FunctionName=OUTPUTS["FleetScaler"], Payload=(ROOT / "events/schedule.json").read_bytes()
    )
    body = answer["Payload"].read()
    expect("FunctionError" not in answer, "the scaler answers", body)
    return json.loads(body)


def hold(method, order=None):
    secret = (STATE / "credentials").read_text().split()[1]
    request = urllib.request.Request(
        f"{ENDPOINT}/_spotrender/holds",
        method=method,
        data=order and json.dumps(order).encode(),
        headers={"Authorization": f"Bearer {secret}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def spot_row(tick):
    return next(row for row in tick["groups"] if row["lifecycle"] == "spot")


def log_count(message):
    """Lines of the scaler's log that say so."""
    return (STATE / "logs/fleet-scaler.log").read_text().count(f'"message":"{message}"')


def up():
    hold(
        "PUT", {"method": "POST", "path": "^/$", "target": "DynamoDB_20120810.PutItem", "count": 2}
    )
    with ThreadPoolExecutor() as pool:
        ticks = [pool.submit(tick) for _ in range(2)]
        try:
            until(
                "both ticks are about to store what they decided",
                lambda: len(hold("GET")["held"]) == 2,
                30,
            )
        finally:
            hold("PUT", {"count": 0})
        answers = [answer.result() for answer in ticks]
    expect(answers.count(None) == 1, "one of two ticks at once is refused", answers)
    row = spot_row(next(filter(None, answers)))
    expect(
        (row["unitsBefore"], row["unitsDesired"], desired()) == (0, 2, 2),
        "the other one asks for two",
        row,
        desired(),
    )
    told = [row for row in map(spot_row, fleet()["decisions"]) if row["unitsDesired"] > row["unitsBefore"]]
    expect(len(told) == 1, "once", told)
    expect(
        f'"reason":"{row["reason"]}"' in (STATE / "logs/fleet-scaler.log").read_text(),
        "and the log says why",
        row,
    )
    expect(
        row["reason"] in run("dist/spotrender", "fleet", *FARM),
        "and so does `spotrender fleet`",
        row,
    )


def down():
    def are_idle():
        workers = fleet()["workers"]
        now = time.time() * 1000
        return len(workers) == 2 and all(
            worker["state"] == "idle" and now - worker["since"] > IDLE_GRACE_SECONDS * 1000
            for worker in workers
        )

    time.sleep(PAID_SECONDS_MIN)
    until("both workers are idle for the grace", are_idle)
    before = log_count("ended an instance")
    with ThreadPoolExecutor() as pool:
        answers = [answer.result() for answer in [pool.submit(tick) for _ in range(6)]]
    # One that began while another still acted may have decided the same again.
    ended = {worker for answer in filter(None, answers) for worker in spot_row(answer)["endingWorkers"]}
    expect(
        len(ended) == 2 == log_count("ended an instance") - before,
        "each idle worker is ended once",
        answers,
    )
    expect(desired() == 0, "the group is smaller by those two", desired())
    print(
        f"Two ticks at once: one decided, the other gave way."
        f" Of six at once {answers.count(None)} gave way,"
        " and two workers were ended once each."
    )


def main():
    events = client("events")
    (schedule,) = [
        rule["Name"] for rule in events.list_rules()["Rules"] if "ScheduleExpression" in rule
    ]
    events.disable_rule(Name=schedule)
    with tempfile.TemporaryDirectory() as folder:
        scene = f"{folder}/twice.blend"
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
        job = json.loads(run("dist/spotrender", "submit", scene, "--json", *FARM))["job"]
    until(
        "the scene is split",
        lambda: (
            job
            in {
                found["job"]
                for found in json.loads(run("dist/spotrender", "jobs", "--json", *FARM))["jobs"]
                if found["state"] == "queued"
            }
        ),
    )
    up()
    run("dist/spotrender", "watch", job, "--json", *FARM)
    down()


if __name__ == "__main__":
    main()
