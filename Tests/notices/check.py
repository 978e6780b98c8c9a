#!/usr/bin/env python3
"""What people hear: a queue subscribed to the farm's topic, on the local cloud.

    Tests/with-local-cloud.sh .venv/bin/python Tests/notices/check.py

Holds: a job that is done, one that failed, one that needs more than its budget, and a burst of
interruptions are each told once, with a command that can be given as it stands.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STATE = os.environ["SPOTRENDER_TEST_CLOUD"]
SECONDS_MAX = 120
variables = subprocess.run(
    ["bash", "-c", '. "$0" && env', f"{STATE}/env.sh"], check=True, capture_output=True, text=True
).stdout
os.environ.update(
    line.split("=", 1)
    for line in variables.splitlines()
    if line.startswith(("AWS_", "SPOTRENDER_"))
)
sys.path.insert(0, str(ROOT / "infra"))

from test_deploy import client  # noqa: E402


def spotrender(*arguments, codes=(0,)):
    answer = subprocess.run(
        ["dist/spotrender", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert answer.returncode in codes, answer.stdout
    return answer.stdout


class Listener:
    """All that the topic told since it was made."""

    def __init__(self):
        topic = json.loads(Path(f"{STATE}/outputs.json").read_text())["Notices"]
        self.sqs = client("sqs")
        self.queue = self.sqs.create_queue(QueueName="listener")["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": arn,
                    "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
                }
            ],
        }
        self.sqs.set_queue_attributes(
            QueueUrl=self.queue, Attributes={"Policy": json.dumps(policy)}
        )
        client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        self.heard = []

    def listen(self):
        answer = self.sqs.receive_message(
            QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        for message in answer.get("Messages", []):
            self.heard.append(json.loads(message["Body"]))
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])

    def wait(self, subject):
        """The one message with this in its subject."""
        end = time.monotonic() + SECONDS_MAX
        while not (found := [one["Message"] for one in self.heard if subject in one["Subject"]]):
            assert time.monotonic() < end, f"“{subject}” was not told; heard: {self.heard}"
            self.listen()
        return found[0]

    def count(self, subject):
        return sum(subject in one["Subject"] for one in self.heard)


def scene(folder, name, *options):
    path = f"{folder}/{name}.blend"
    subprocess.run(
        [
            "blender",
            "-b",
            "--factory-startup",
            "--python",
            "infra/demo/make_scene.py",
            "--",
            path,
            "--tiny",
            *options,
        ],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return path


def main():
    listener = Listener()
    with tempfile.TemporaryDirectory() as folder:
        slow = scene(folder, "slow", "--frames", "1-300", "--samples", "2000")
        failing = json.loads(
            spotrender(
                "submit",
                scene(folder, "foreign", "--frames", "1-1"),
                "--engine",
                "LUXCORE",
                "--json",
            )
        )["job"]
        assert f"spotrender retry {failing} --failed" in listener.wait(f"{failing} failed")

        # A cent pays for some fifty of these frames.
        poor = json.loads(spotrender("submit", slow, "--budget", "0.01", "--chunk", "1", "--json"))[
            "job"
        ]
        assert f"spotrender cancel {poor}" in listener.wait(f"{poor} needs more than its budget")
        spotrender("cancel", poor)

        output = spotrender(
            "local",
            "run",
            slow,
            "--frames",
            "1-6",
            "--chunk",
            "1",
            "--state",
            STATE,
            "--out",
            f"{folder}/frames",
            "--interrupt",
            "both",
            "--interrupt-rounds",
            "3",
            "--interrupt-after",
            "3",
        )
        done = output.partition(" as job ")[2].split()[0]
        assert f"spotrender download {done}" in listener.wait(f"{done} is done")
        assert "spotrender fleet" in listener.wait("back at once")
    # Ticks go on, every five seconds here: nothing is told again.
    for _ in range(15):
        listener.listen()
    for subject in (f"{failing} failed", f"{poor} needs more", f"{done} is done", "back at once"):
        assert listener.count(subject) == 1, (subject, listener.heard)
    assert listener.count("Spot interruption in") == 3, listener.heard
    print("Done, failed, over budget, a burst: each is told once.")


if __name__ == "__main__":
    main()
