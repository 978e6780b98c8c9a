"""Concurrent ticks of the deployed scaler: no change is made twice.

The schedule is disabled, so every tick is one of this file's. On the way up two ticks are held at
their first write, after both have read the same record. On the way down six ticks race.
"""

import datetime
import json
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from harness import (
    ROOT,
    answer,
    client,
    cloud,
    endpoint,
    expect,
    scene,
    spotrender,
    submit,
    until,
    watch,
)

IDLE_GRACE_SECONDS = 30  # the default of `local up`
PAID_SECONDS_MIN = 60  # EC2 bills an instance's first minute in any case


def fleet():
    return answer("fleet", "--decisions", "20")


def desired():
    names = [cloud().outputs["SpotGroup"]]
    groups = client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=names)
    return groups["AutoScalingGroups"][0]["DesiredCapacity"]


def tick():
    """What the scaler decided, or None when another tick was at work."""
    event = (ROOT / "events/schedule.json").read_bytes()
    response = client("lambda").invoke(FunctionName=cloud().outputs["FleetScaler"], Payload=event)
    body = response["Payload"].read()
    expect("FunctionError" not in response, "the scaler answers", body)
    return json.loads(body)


def hold(method, order=None):
    """Asks the emulated APIs to hold requests, or which ones they hold."""
    request = urllib.request.Request(
        f"{endpoint()}/_spotrender/holds",
        method=method,
        data=order and json.dumps(order).encode(),
        headers={"Authorization": f"Bearer {cloud().secret()}"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def spot_row(tick):
    return next(row for row in tick["groups"] if row["lifecycle"] == "spot")


def log_count(message):
    return cloud().log("fleet-scaler").count(f'"message":"{message}"')


def two_ticks_start_the_workers_once():
    write = {"method": "POST", "path": "^/$", "target": "DynamoDB_20120810.PutItem"}
    hold("PUT", write | {"count": 2})
    with ThreadPoolExecutor() as pool:
        ticks = [pool.submit(tick) for _ in range(2)]
        try:
            held = lambda: len(hold("GET")["held"]) == 2  # noqa: E731
            until("both ticks are about to store their decision", held, 30)
        finally:
            hold("PUT", {"count": 0})
        answers = [one.result() for one in ticks]
    expect(answers.count(None) == 1, "one of two ticks at once is refused", answers)
    row = spot_row(next(filter(None, answers)))
    change = (row["unitsBefore"], row["unitsDesired"], desired())
    expect(change == (0, 2, 2), "the other tick asks for two workers", row, desired())
    rows = map(spot_row, fleet()["decisions"])
    raised = [row for row in rows if row["unitsDesired"] > row["unitsBefore"]]
    expect(len(raised) == 1, "one decision is recorded", raised)
    expect(f'"reason":"{row["reason"]}"' in cloud().log("fleet-scaler"), "the log says why", row)
    shown = spotrender("fleet", *cloud().farm)
    expect(row["reason"] in shown, "`spotrender fleet` says why", row, shown)


def are_idle():
    workers = fleet()["workers"]
    grace = datetime.timedelta(seconds=IDLE_GRACE_SECONDS)
    before = datetime.datetime.now(datetime.timezone.utc) - grace
    return len(workers) == 2 and all(
        worker["state"] == "idle" and datetime.datetime.fromisoformat(worker["since"]) < before
        for worker in workers
    )


def six_ticks_end_the_workers_once():
    time.sleep(PAID_SECONDS_MIN)
    until("both workers are idle for the grace period", are_idle)
    before = log_count("ended an instance")
    with ThreadPoolExecutor() as pool:
        answers = [one.result() for one in [pool.submit(tick) for _ in range(6)]]
    # A tick that began while another one acted may have made the same decision.
    ended = {worker for one in filter(None, answers) for worker in spot_row(one)["endingWorkers"]}
    count = log_count("ended an instance") - before
    expect(len(ended) == 2 == count, "each idle worker is ended once", answers)
    expect(desired() == 0, "the group shrinks by those two", desired())


def is_queued(job):
    return any(one["job"] == job and one["state"] == "queued" for one in answer("jobs")["jobs"])


def main():
    events = client("events")
    rules = events.list_rules()["Rules"]
    (schedule,) = [rule["Name"] for rule in rules if "ScheduleExpression" in rule]
    events.disable_rule(Name=schedule)
    with tempfile.TemporaryDirectory() as folder:
        job = submit(scene(folder, "twice", "--frames", "1-2"))
    until("the scene is split", lambda: is_queued(job))
    two_ticks_start_the_workers_once()
    watch(job)
    six_ticks_end_the_workers_once()
