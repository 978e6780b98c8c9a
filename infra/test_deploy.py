"""Deploying and undeploying, whole, against emulated AWS. Run by `make test`:

    Tests/with-ministack.sh .venv/bin/python infra/test_deploy.py

The programs are stand-ins of a few bytes: what the real ones do there is EndToEndTests' business.
"""

import functools
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

import botocore.session

HERE = Path(__file__).resolve().parent
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
FARM = "trial"


@functools.cache
def client(service):
    return botocore.session.get_session().create_client(service, region_name="us-east-1", endpoint_url=ENDPOINT)


def listed(service, operation, key, name):
    pages = client(service).get_paginator(operation).paginate()
    return {f"{service} {item if name is None else item[name]}" for page in pages for item in page.get(key, [])}


def everything():
    """What is there in each service that the templates use, by name."""
    ec2 = {
        f"ec2 {item[name]}" for operation, key, name in (
            ("describe_vpcs", "Vpcs", "VpcId"), ("describe_subnets", "Subnets", "SubnetId"),
            ("describe_route_tables", "RouteTables", "RouteTableId"),
            ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
            ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
            ("describe_security_groups", "SecurityGroups", "GroupId"),
            ("describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"))
        for item in getattr(client("ec2"), operation)()[key]}
    stacks = {
        f"stack {item['StackName']}" for item in client("cloudformation").list_stacks()["StackSummaries"]
        if item["StackStatus"] != "DELETE_COMPLETE"}
    rules = {f"rule {item['Name']}" for item in client("events").list_rules()["Rules"]}
    dashboards = {f"dashboard {item['DashboardName']}" for item in client("cloudwatch").list_dashboards()["DashboardEntries"]}
    buckets = {f"bucket {item['Name']}" for item in client("s3").list_buckets()["Buckets"]}
    policies = {f"policy {item['Arn']}" for item in client("iam").list_policies(Scope="Local")["Policies"]}
    return ec2 | stacks | rules | dashboards | buckets | policies | set().union(*(
        listed(*row) for row in (
            ("dynamodb", "list_tables", "TableNames", None),
            ("sqs", "list_queues", "QueueUrls", None),
            ("sns", "list_topics", "Topics", "TopicArn"),
            ("lambda", "list_functions", "Functions", "FunctionName"),
            ("iam", "list_roles", "Roles", "RoleName"),
            ("iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName"),
            ("logs", "describe_log_groups", "logGroups", "logGroupName"),
            ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
            ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupName"),
        )))


def program(text, machine=62):
    """A zip that Lambda takes: an ELF header and something that differs."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("bootstrap", b"\x7fELF\2\1\1" + bytes(11) + machine.to_bytes(2, "little") + text.encode())
    return archive.getvalue()


class Farm(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.dist = self.folder / "dist"
        self.dist.mkdir()
        for name in ("job-splitter", "spot-interruption-handler", "fleet-scaler"):
            (self.dist / f"{name}.zip").write_bytes(program(name))
        (self.dist / "render-worker.tar.gz").write_bytes(b"worker")
        self.before = everything()
        self.addCleanup(self.run_program, "undeploy.py", "--yes", "--frames", "delete")

    def run_program(self, name, *arguments, fails=False, answer=None):
        done = subprocess.run(
            [sys.executable, HERE / name, "--stack", FARM, "--endpoint-url", ENDPOINT, *arguments],
            capture_output=True, text=True, input=answer or "")
        self.assertEqual(done.returncode != 0, fails, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def deploy(self, *arguments, **named):
        outputs = self.folder / "outputs.json"
        said = self.run_program(
            "deploy.py", "--dist", self.dist, "--outputs", outputs, "--parameter", "RequireTls=false",
            *arguments, **named)
        self.outputs = json.loads(outputs.read_text()) if outputs.exists() else None
        return said

    def keys(self, bucket="ArtifactsBucket"):
        return {item["Key"] for item in client("s3").list_objects_v2(Bucket=self.outputs[bucket]).get("Contents", [])}

    def test_is_removed_without_a_trace_and_its_frames_only_when_told(self):
        self.deploy("--parameter", "WorkerVpc=own")
        s3 = client("s3")
        for number in range(3):  # versions; no .blend, which would start the stand-in
            s3.put_object(Bucket=self.outputs["InputBucket"], Key="a scene.txt", Body=str(number).encode())
        s3.delete_object(Bucket=self.outputs["InputBucket"], Key="a scene.txt")
        s3.put_object(Bucket=self.outputs["OutputBucket"], Key="jobs/j/frames/frame_0001.png", Body=b"frame")
        client("autoscaling").set_desired_capacity(AutoScalingGroupName=self.outputs["SpotGroup"], DesiredCapacity=2)
        self.assertGreater(len(everything()), len(self.before) + 30)

        self.run_program("undeploy.py", "--yes")
        bucket = self.outputs["OutputBucket"]
        self.assertEqual(everything() - self.before, {f"stack {FARM}-frames", f"bucket {bucket}"})
        self.assertEqual(self.keys("OutputBucket"), {"jobs/j/frames/frame_0001.png"})

        self.deploy()  # finds the frames' bucket where it was left
        self.assertEqual(self.outputs["OutputBucket"], bucket)
        self.run_program("undeploy.py", "--yes", "--frames", "delete")
        self.assertEqual(everything(), self.before)
        self.assertIn("There is no trial", self.run_program("undeploy.py", "--yes", "--frames", "delete"))

    def test_changes_nothing_when_nothing_changed(self):
        self.deploy()
        again = self.deploy("--environment", self.folder / "farm.env")
        told = (self.folder / "farm.env").read_text()
        for variable in ("AWS_REGION=us-east-1", f"SPOTRENDER_TABLE={self.outputs['Table']}", "SPOTRENDER_FLEET_MAX=10"):
            self.assertIn(f"export {variable}\n", told)
        self.assertEqual(again.count("nothing changed"), len(list(HERE.glob("*.yaml"))) - 1, again)
        self.assertNotIn("uploaded", again)

    def test_uploads_what_changed_and_keeps_what_ran_until_now(self):
        self.deploy()
        first = self.keys()
        (self.dist / "fleet-scaler.zip").write_bytes(program("second"))
        said = self.deploy()
        self.assertEqual(said.count("uploaded"), 1, said)
        self.assertIn(f"{FARM}-fleet: nothing changed", said)
        second = self.keys()
        self.assertLess(first, second)
        (self.dist / "fleet-scaler.zip").write_bytes(program("third"))
        self.deploy()
        self.assertEqual(len(self.keys()), len(second))
        self.assertFalse(first <= self.keys(), "the first scaler is in nobody's way any more")

    def test_uploads_a_blender_release_once_and_remembers_it(self):
        release = self.folder / "blender-4.5.4-linux-x64.tar.xz"
        release.write_bytes(b"\xfd7zXZ\0 release")
        self.assertIn("blender-4.5.4-linux-x64.tar.xz, 0 MB, uploaded", self.deploy("--blender", release))
        self.assertNotIn("uploaded", self.deploy("--blender", release))
        self.assertIn(f"{FARM}-fleet: nothing changed", self.deploy())
        release.write_bytes(b"a page that says 404")
        self.assertIn("is not a .tar.xz", self.deploy("--blender", release, fails=True))

    def test_goes_on_after_a_failure(self):
        # Somebody has the input bucket's name already: the handlers can't be made.
        taken = f"{FARM}-input-000000000000-us-east-1"
        s3 = client("s3")
        s3.create_bucket(Bucket=taken)
        self.addCleanup(lambda: taken in str(s3.list_buckets()) and s3.delete_bucket(Bucket=taken))
        said = self.deploy(fails=True)
        self.assertIn("InputBucket", said)
        self.assertIn("ROLLBACK_COMPLETE", said)
        s3.delete_bucket(Bucket=taken)
        self.assertIn("was never whole", self.deploy())
        self.assertEqual(len(client("lambda").list_functions()["Functions"]), 3)

    def test_half_deleted_goes_on(self):
        self.deploy()
        s3 = client("s3")
        s3.put_object(Bucket=self.outputs["InputBucket"], Key="scene.txt", Body=b"scene")
        formation = client("cloudformation")
        formation.delete_stack(StackName=f"{FARM}-watching")
        formation.delete_stack(StackName=f"{FARM}-handlers")  # as somebody does in the console
        self.run_program("undeploy.py", "--yes", "--frames", "delete")
        self.assertEqual(everything(), self.before)

    def test_refuses_what_can_not_work(self):
        self.assertIn("There is no parameter FleetMxa", self.deploy("--parameter", "FleetMxa=3", fails=True))
        (self.dist / "fleet-scaler.zip").write_bytes(program("for another machine", machine=183))
        self.assertIn("built for arm64", self.deploy(fails=True))
        (self.dist / "fleet-scaler.zip").unlink()
        self.assertIn("make package", self.deploy(fails=True))
        self.assertEqual(everything(), self.before)

    def test_asks_before_it_removes(self):
        self.deploy()
        there = everything()
        self.assertIn("nothing was removed", self.run_program("undeploy.py", answer="yes\n", fails=True))
        self.assertIn("YES=1", self.run_program("undeploy.py", fails=True))
        self.assertEqual(everything(), there)
        self.run_program("undeploy.py", answer=f"{FARM}\n")


if __name__ == "__main__":
    unittest.main()
