"""The farm's resources on emulated AWS, made without the templates."""

import os
import pathlib

import boto3
from machines import ZONE

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests" / "BlenderTests" / "Fixtures"
# The shortest there may be.
LEASE_SECONDS = 8
WORKERS = 4


class Cloud:
    """The farm's resources, without the faults in between."""

    def __init__(self):
        self.table = "farm"
        self.s3, self.sqs, self.dynamodb, self.groups, topics = (
            boto3.client(name, region_name=ZONE[:-1], endpoint_url=os.environ["AWS_ENDPOINT_URL"])
            for name in ("s3", "sqs", "dynamodb", "autoscaling", "sns")
        )
        self.topic = topics.create_topic(Name="notices")["TopicArn"]
        keys = {"pk", "sk", "open", "holder"}

        def schema(partition, sort):
            return [
                {"AttributeName": partition, "KeyType": "HASH"},
                {"AttributeName": sort, "KeyType": "RANGE"},
            ]

        self.dynamodb.create_table(
            TableName=self.table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=schema("pk", "sk"),
            AttributeDefinitions=[
                {"AttributeName": key, "AttributeType": "S"} for key in sorted(keys)
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": name,
                    "KeySchema": schema(name, sort),
                    "Projection": {"ProjectionType": "ALL"},
                }
                for name, sort in (("holder", "sk"), ("open", "pk"))
            ],
        )
        self.queue, self.high_queue, self.on_demand_queue, self.dead_letters = (
            self.sqs.create_queue(QueueName=name)["QueueUrl"]
            for name in ("tasks", "high", "on-demand", "dead-letters")
        )
        for bucket in ("chaos-input", "chaos-output"):
            self.s3.create_bucket(Bucket=bucket)
        self.groups.create_launch_configuration(
            LaunchConfigurationName="worker", ImageId="ami-12345678", InstanceType="c5a.2xlarge"
        )
        for group in ("farm", "reserve"):
            self.groups.create_auto_scaling_group(
                AutoScalingGroupName=group,
                LaunchConfigurationName="worker",
                MinSize=0,
                MaxSize=WORKERS,
                AvailabilityZones=[ZONE],
            )

    def environment(self, endpoint):
        """The environment of programs that call `endpoint`."""
        parts = {
            "TABLE": self.table,
            "QUEUE_URL": self.queue,
            "HIGH_QUEUE_URL": self.high_queue,
            "ON_DEMAND_QUEUE_URL": self.on_demand_queue,
            "DEAD_LETTER_QUEUE_URL": self.dead_letters,
            "INPUT_BUCKET": "chaos-input",
            "OUTPUT_BUCKET": "chaos-output",
            "SPOT_GROUP": "farm",
            "ON_DEMAND_GROUP": "reserve",
            "STACK": "chaos",
            "TOPIC": self.topic,
            "FLEET_MIN": "0",
            "FLEET_MAX": str(WORKERS),
            "TURN_AROUND_SECONDS": "60",
            "LEASE_SECONDS": str(LEASE_SECONDS),
            # It copies a picture of this repository's.
            "SANDBOX": "off",
            "BLENDER": str(ROOT / "Tests" / "chaos" / "fake-blender.py"),
        }
        return {f"SPOTRENDER_{name}": value for name, value in parts.items()} | {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": "/nonexistent",
            "LANG": "C.UTF-8",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": ZONE[:-1],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def items(self):
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.table, ConsistentRead=True
        )
        return [item for page in pages for item in page["Items"]]

    def frames(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket="chaos-output", Prefix="jobs/"
        )
        size = (FIXTURES / "frame.png").stat().st_size
        return {
            found["Key"]
            for page in pages
            for found in page.get("Contents", [])
            if "/frames/" in found["Key"] and found["Size"] == size
        }
