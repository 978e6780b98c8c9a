"""The notifications that a queue receives when it subscribes to the farm's topic.

A finished job, a failed job, a job above its budget and a burst of interruptions each send one
notification. A notification contains a command that works as it is.
"""

import json
import tempfile

from harness import client, cloud, expect, scene, spotrender, submit, until


class Subscriber:
    """Receives everything that the topic publishes from now on."""

    def __init__(self):
        topic = cloud().outputs["Notices"]
        self.sqs = client("sqs")
        self.queue = self.sqs.create_queue(QueueName="subscriber")["QueueUrl"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])
        arn = found["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.sqs.set_queue_attributes(QueueUrl=self.queue, Attributes={"Policy": policy})
        client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        self.received = []

    def receive(self):
        """Waits one second at most."""
        answer = self.sqs.receive_message(
            QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        for message in answer.get("Messages", []):
            self.received.append(json.loads(message["Body"]))
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])

    def message(self, subject):
        """Waits for the first notification with this text in its subject."""

        def look():
            self.receive()
            return [one["Message"] for one in self.received if subject in one["Subject"]]

        return until(f"a notification “{subject}” arrives", look)[0]

    def count(self, subject):
        return sum(subject in one["Subject"] for one in self.received)

    def expect_command(self, command, subject):
        message = self.message(subject)
        expect(command in message, f"“{subject}” names `{command}`", message)


def main():
    topic = Subscriber()
    with tempfile.TemporaryDirectory() as folder:
        slow = scene(folder, "slow", "--frames", "1-300", "--samples", "2000")
        foreign = scene(folder, "foreign", "--frames", "1-1")
        failing = submit(foreign, "--engine", "LUXCORE")
        topic.expect_command(f"spotrender retry {failing} --failed", f"{failing} failed")

        # A cent pays for about fifty of these frames.
        poor = submit(slow, "--budget", "0.01", "--chunk", "1")
        topic.expect_command(f"spotrender cancel {poor}", f"{poor} needs more than its budget")
        spotrender("cancel", poor, *cloud().farm)

        run = ["local", "run", slow, "--state", cloud().state, "--out", f"{folder}/frames"]
        rounds = ["--interrupt", "both", "--interrupt-rounds", "3", "--interrupt-after", "3"]
        output = spotrender(*run, "--frames", "1-6", "--chunk", "1", *rounds)
        done = output.partition(" as job ")[2].split()[0]
        topic.expect_command(f"spotrender download {done}", f"{done} is done")
        topic.expect_command("spotrender fleet", "back at once")
    # The scaler runs every five seconds here. It must not send a notification again.
    for _ in range(15):
        topic.receive()
    for subject in (f"{failing} failed", f"{poor} needs more", f"{done} is done", "back at once"):
        expect(topic.count(subject) == 1, f"“{subject}” arrives once", topic.received)
    expect(topic.count("Spot interruption in") == 3, "each interruption arrives", topic.received)
