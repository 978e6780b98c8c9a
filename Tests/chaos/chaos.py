"""Real programs on emulated AWS under random kills, pauses and network faults, from a seed.

    Tests/with-ministack.sh .venv/bin/python Tests/chaos/chaos.py --seed 1 --minutes 2

Workers and functions are this package's own programs. A stand-in for Blender copies a picture. In
the given minutes jobs are uploaded (each event is delivered twice). Workers are killed without a
notice, paused past their lease, drained by SIGTERM, and interrupted with EC2's notice. Functions
are killed while they run. Every call goes through a proxy that fails, delays, repeats and holds
some. Then the faults end, and every job must succeed within some minutes. At the end no frame is
missing, no task was committed twice, there are as many attempts as leases, and a paused worker's
late write was refused.

The seed decides which faults happen, and when. Their effect also depends on the machine's speed.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time

from cloud import FIXTURES, LEASE_SECONDS, ROOT, WORKERS, Cloud
from faults import FaultProxy
from machines import Instance, invoke

FRAMES, CHUNK = 24, 2
# The canary's three, and chunks of two of the eleven and the ten frames between them.
TASKS = 3 + 6 + 5
JOB_EVERY_SECONDS = 12
SCALER_EVERY_SECONDS = 4
# A lost message is sent again after five leases; each may be lost several times.
RECOVERY_SECONDS_MAX = 300
WARNING = "EC2 Spot Instance Interruption Warning"
LOST = "lost a lease while rendering"


class Chaos:
    def __init__(self, seed, minutes, programs, folder):
        self.random = random.Random(seed)
        self.seconds = minutes * 60
        self.programs, self.folder = programs, folder
        self.cloud = Cloud()
        self.proxy = FaultProxy(os.environ["AWS_ENDPOINT_URL"], seed)
        self.environment = self.cloud.environment(self.proxy.url)
        self.log = open(folder / "functions.log", "ab")  # noqa: SIM115 (stays open while its process runs)
        self.counts = collections.Counter()
        self.instances, self.gone, self.paused = [], [], []
        self.pool = concurrent.futures.ThreadPoolExecutor(16)
        self.splits = []
        self.born = 0

    # --- Functions

    def invoke(self, name, event, **options):
        return invoke(self.programs / name, event, self.environment, self.log, **options)

    def split(self, key, kills):
        """Repeats an event until it succeeds, as S3 and Lambda do, but without their limit."""
        event = {
            "Records": [
                {
                    "eventName": "ObjectCreated:Put",
                    "s3": {"bucket": {"name": "chaos-input"}, "object": {"key": key}},
                }
            ]
        }
        for kill in [*kills, *[None] * 20]:
            if self.invoke("job-splitter", event, kill_after=kill) is not None:
                return True
        return False

    def upload(self, number):
        key = f"shot-{number}.blend"
        self.cloud.s3.upload_file(
            str(FIXTURES / "tiny.blend"),
            "chaos-input",
            key,
            # The stand-in for Blender assembles no pictures.
            ExtraArgs={
                "Metadata": {"frames": f"1-{FRAMES}", "chunk": str(CHUNK), "assembly": "false"}
            },
        )
        for _ in range(2):
            kills = [self.random.uniform(0.05, 1.0) for _ in range(self.random.randint(0, 2))]
            self.splits.append(self.pool.submit(self.split, key, kills))
            self.counts["function kills"] += len(kills)

    def tick(self):
        kill = self.random.uniform(0.05, 1.0) if self.random.random() < 0.15 else None
        self.counts["function kills"] += kill is not None
        self.pool.submit(self.invoke, "fleet-scaler", {}, kill_after=kill)

    # --- Workers

    def launch(self):
        self.born += 1
        self.instances.append(
            Instance(
                f"i-{self.born:017x}",
                self.programs / "render-worker",
                self.environment,
                self.folder,
            )
        )

    def end(self, instance):
        instance.close()
        self.instances.remove(instance)
        self.gone.append(instance)

    def tend(self, now):
        """Restarts failed programs and replaces ended instances, as systemd and Auto Scaling do."""
        for instance in list(self.instances):
            if not instance.is_running:
                if (
                    instance.process.returncode == 0
                    or "spot/instance-action" in instance.imds.facts
                ):
                    self.end(instance)
                else:
                    self.counts["restarts"] += 1
                    instance.start()
            elif instance.is_paused and now >= instance.resume_at:
                instance.resume()
            elif (reclaim := getattr(instance, "reclaim_at", None)) and now >= reclaim:
                self.end(instance)
        while len(self.instances) < WORKERS:
            self.launch()

    def strike(self, now):
        healthy = [
            instance
            for instance in self.instances
            if not instance.is_paused and "spot/instance-action" not in instance.imds.facts
        ]
        if not healthy:
            return
        victim = self.random.choice(healthy)
        blow = self.random.choices(
            ["kill", "restart", "pause", "drain", "notice", "warning", "both"],
            [4, 2, 4, 1, 1, 1, 2],
        )[0]
        self.counts[blow] += 1
        if blow == "kill":
            self.end(victim)
        elif blow == "restart":
            victim.send(signal.SIGKILL)
        elif blow == "pause":
            victim.pause()
            victim.resume_at = now + LEASE_SECONDS * self.random.uniform(1.3, 2.5)
            self.paused.append(victim)
        elif blow == "drain":
            victim.send(signal.SIGTERM)
        else:
            if blow != "warning":
                victim.warn()
            if blow != "notice":
                event = {
                    "id": "chaos",
                    "detail-type": WARNING,
                    "source": "aws.ec2",
                    "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                    "detail": {"instance-id": victim.name, "instance-action": "terminate"},
                }
                for _ in range(2):
                    self.pool.submit(self.invoke, "spot-interruption-handler", event)
            victim.reclaim_at = now + self.random.uniform(1, 8)

    # --- The run

    def run(self):
        start = time.monotonic()
        job_at = tick_at = strike_at = start
        jobs = 0
        while (now := time.monotonic()) < start + self.seconds:
            if now >= job_at:
                jobs, job_at = jobs + 1, now + JOB_EVERY_SECONDS
                self.upload(jobs)
            if now >= tick_at:
                tick_at = now + SCALER_EVERY_SECONDS
                self.tick()
            if now >= strike_at:
                strike_at = now + self.random.uniform(0.5, 3)
                self.strike(now)
            self.tend(now)
            time.sleep(0.1)
        self.proxy.is_calm = True
        self.proxy.release()
        print(f"the faults ended after {self.seconds:.0f} s; {jobs} jobs were uploaded", flush=True)
        end = time.monotonic() + RECOVERY_SECONDS_MAX
        while not self.is_settled(jobs) and (now := time.monotonic()) < end:
            if now >= tick_at:
                tick_at = now + SCALER_EVERY_SECONDS
                self.tick()
            self.tend(now)
            time.sleep(0.5)
        print(
            f"the jobs took {RECOVERY_SECONDS_MAX - (end - time.monotonic()):.0f} s more to end",
            flush=True,
        )
        for split in self.splits:
            split.result()
        return jobs

    def is_settled(self, jobs):
        states = [item["state"]["S"] for item in self.cloud.items() if item["sk"]["S"] == "job"]
        return (
            len(states) == jobs
            and not set(states) & {"splitting", "queued", "rendering"}
            and all(split.done() for split in self.splits)
        )

    def close(self):
        for instance in list(self.instances):
            self.end(instance)
        self.pool.shutdown()
        self.proxy.close()
        self.log.close()

    # --- The verdict

    def faults(self, jobs):
        """Describes everything that was lost or done twice. A good run has none."""
        items, frames = self.cloud.items(), self.cloud.frames()
        found = [item for item in items if item["sk"]["S"] == "job"]
        if len(found) != jobs:
            yield f"{jobs} uploads became {len(found)} jobs"
        attempts = collections.defaultdict(list)
        for item in items:
            if item["sk"]["S"].startswith("attempt#"):
                _, task, token = item["sk"]["S"].split("#")
                attempts[item["pk"]["S"], int(task)].append((int(token), item["outcome"]["S"]))
        for job in found:
            name = job["pk"]["S"]
            if job["state"]["S"] != "succeeded":
                yield f"{name} is {job['state']['S']} {job.get('reason', {}).get('S', '')}"
            if int(job["succeeded"]["N"]) != TASKS or int(job["frames"]["N"]) != FRAMES:
                yield f"{name} counts {job['succeeded']['N']} tasks, {job['frames']['N']} frames"
            for frame in range(1, FRAMES + 1):
                key = f"jobs/{name.removeprefix('job#')}/frames/frame_{frame:04d}.png"
                if key not in frames:
                    yield f"{key} is lost"
        tasks = [item for item in items if item["sk"]["S"].startswith("task#")]
        if len(tasks) != len(found) * TASKS:
            yield f"there are {len(tasks)} tasks"
        for task in tasks:
            place = task["pk"]["S"], int(task["sk"]["S"].removeprefix("task#"))
            had, token = sorted(attempts[place]), int(task["token"]["N"])
            if [number for number, _ in had] != list(range(1, token + 1)):
                yield f"{place} has token {token}, and attempts {had}"
            if [outcome for _, outcome in had].count("succeeded") != 1 or had[-1][1] != "succeeded":
                yield f"{place} was committed by {had}"
        self.counts["attempts"] = sum(map(len, attempts.values()))
        self.counts["tasks"] = len(tasks)
        self.counts["expired"] = sum(
            outcome == "expired" for had in attempts.values() for _, outcome in had
        )

    def late_writes(self):
        """How often a paused worker woke up without its lease."""
        return sum(instance.log_text().count(LOST) for instance in set(self.paused))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=time.time_ns() % 100_000)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / ".build" / "debug")
    options = parser.parse_args()
    print(f"chaos: SEED={options.seed} MINUTES={options.minutes:g}", flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="spotrender-chaos-"))
    chaos = Chaos(options.seed, options.minutes, options.programs, folder)
    with contextlib.closing(chaos):
        jobs = chaos.run()
    faults = list(chaos.faults(jobs))
    late = chaos.late_writes()
    print("faults and figures:", json.dumps(chaos.counts | {"late writes refused": late}))
    print("calls and faults: ", json.dumps(chaos.proxy.counts))
    if chaos.counts["pause"] and not late and options.minutes >= 1:
        faults.append("no paused worker was refused: the pauses missed what they are for")
    for fault in faults:
        print("FAULT", fault)
    if faults:
        sys.exit(
            f"chaos: {len(faults)} faults with SEED={options.seed}; the logs are kept in {folder}"
        )
    shutil.rmtree(folder)
    print(f"chaos: 0 lost, 0 double, SEED={options.seed}")


if __name__ == "__main__":
    main()
