"""`deploy.py` and `undeploy.py` against emulated AWS.

    Tests/with-ministack.sh .venv/bin/python Tests/Acceptance/test_deploy.py

Programs of a few bytes stand in for the real ones, which EndToEndTests cover.
"""

import contextlib
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import types
import unittest
import zipfile
from pathlib import Path

import botocore.session
from botocore.stub import Stubber
from harness import INFRA, client, endpoint, everything

import stacks
import undeploy
from deploy import Deployment, report

ENDPOINT = endpoint()
FARM = "trial"


def program(text, machine=62):
    """A zip that Lambda takes: an ELF header and something that differs."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr(
            "bootstrap",
            b"\x7fELF\2\1\1" + bytes(11) + machine.to_bytes(2, "little") + text.encode(),
        )
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

    def run_program(self, name, *arguments, fails=False, answer=None, environment=os.environ):
        done = subprocess.run(
            [sys.executable, INFRA / name, "--stack", FARM, "--endpoint-url", ENDPOINT, *arguments],
            capture_output=True,
            text=True,
            input=answer or "",
            env=environment,
        )
        self.assertEqual(done.returncode != 0, fails, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def deploy(self, *arguments, **named):
        outputs = self.folder / "outputs.json"
        said = self.run_program(
            "deploy.py",
            "--dist",
            self.dist,
            "--outputs",
            outputs,
            "--parameter",
            "RequireTls=false",
            *arguments,
            **named,
        )
        self.outputs = json.loads(outputs.read_text()) if outputs.exists() else None
        return said

    def keys(self, bucket="ArtifactsBucket"):
        return {
            item["Key"]
            for item in client("s3")
            .list_objects_v2(Bucket=self.outputs[bucket])
            .get("Contents", [])
        }

    def test_is_removed_without_a_trace_and_its_frames_only_when_told(self):
        self.deploy("--parameter", "WorkerVpc=own")
        s3 = client("s3")
        for number in range(3):  # versions; no .blend, which would start the stand-in
            s3.put_object(
                Bucket=self.outputs["InputBucket"], Key="a scene.txt", Body=str(number).encode()
            )
        s3.delete_object(Bucket=self.outputs["InputBucket"], Key="a scene.txt")
        s3.put_object(
            Bucket=self.outputs["OutputBucket"], Key="jobs/j/frames/frame_0001.png", Body=b"frame"
        )
        client("autoscaling").set_desired_capacity(
            AutoScalingGroupName=self.outputs["SpotGroup"], DesiredCapacity=2
        )
        self.assertGreater(len(everything()), len(self.before) + 30)
        for farm in (FARM, f"{FARM}-two"):  # a handler's last lines, and a neighbour's
            client("logs").create_log_group(logGroupName=f"/spotrender/{farm}/late")
        self.addCleanup(
            client("logs").delete_log_group, logGroupName=f"/spotrender/{FARM}-two/late"
        )
        self.before.add(f"logs /spotrender/{FARM}-two/late")

        self.run_program("undeploy.py", "--yes")
        bucket = self.outputs["OutputBucket"]
        self.assertEqual(everything() - self.before, {f"stack {FARM}-frames", f"bucket {bucket}"})
        self.assertEqual(self.keys("OutputBucket"), {"jobs/j/frames/frame_0001.png"})

        self.deploy()  # finds the frames' bucket where it was left
        self.assertEqual(self.outputs["OutputBucket"], bucket)
        self.run_program("undeploy.py", "--yes", "--frames", "delete")
        self.assertEqual(everything(), self.before)
        self.assertIn(
            "There is no trial", self.run_program("undeploy.py", "--yes", "--frames", "delete")
        )

    def test_changes_nothing_when_nothing_changed(self):
        self.deploy()
        again = self.deploy("--environment", self.folder / "farm.env")
        told = (self.folder / "farm.env").read_text()
        for variable in (
            "AWS_REGION=us-east-1",
            f"SPOTRENDER_TABLE={self.outputs['Table']}",
            "SPOTRENDER_FLEET_MAX=10",
        ):
            self.assertIn(f"export {variable}\n", told)
        self.assertEqual(again.count("nothing changed"), len(list(INFRA.glob("*.yaml"))) - 1, again)
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

    def blender(self, version):
        path = self.folder / f"blender-{version}-linux-x64.tar.xz"
        path.write_bytes(b"\xfd7zXZ\0 Blender " + version.encode())
        return path

    def installed(self):
        """The versions that workers install; each is there, under its content's hash."""
        keys = self.parameter("fleet", "Blenders").split()
        for key in keys:
            found = (
                client("s3")
                .get_object(Bucket=self.outputs["ArtifactsBucket"], Key=key)["Body"]
                .read()
            )
            self.assertEqual(key.split("/")[1], hashlib.sha256(found).hexdigest())
        return [key.split("-")[1] for key in keys]

    def test_uploads_blender_releases_once_and_keeps_them_until_told(self):
        said = self.deploy("--blender", self.blender("5.0.1"), "--blender", self.blender("4.5.4"))
        self.assertIn("blender-4.5.4-linux-x64.tar.xz, 0 MB, uploaded", said)
        self.assertEqual(self.installed(), ["4.5.4", "5.0.1"])
        self.assertNotIn("uploaded", self.deploy("--blender", self.blender("4.5.4")))
        self.assertIn(f"{FARM}-fleet: nothing changed", self.deploy())

        said = self.deploy("--blender", self.blender("4.5.15"), "--blender", self.blender("4.2.23"))
        self.assertIn("Blender 4.5.15 takes the place of 4.5.4", said)
        self.assertEqual(self.installed(), ["4.2.23", "4.5.15", "5.0.1"])
        stored = [key for key in self.keys() if key.startswith("blender/")]
        self.assertEqual(
            len(stored), 4, "an instance may be booting with the one that was replaced"
        )
        self.deploy("--remove-blender", "4.2", "--remove-blender", "5.0.1")
        self.assertEqual(self.installed(), ["4.5.15"])
        self.deploy()
        self.assertEqual(
            [key for key in self.keys() if key.startswith("blender/")],
            self.parameter("fleet", "Blenders").split(),
        )

    def test_refuses_blenders_that_can_not_work(self):
        page = self.blender("4.5.4")
        page.write_bytes(b"a page that says 404")
        nameless = page.with_name("blender.tar.xz")
        for words, *arguments in (
            ("is not a .tar.xz", "--blender", page),
            ("There is no file", "--blender", page.with_name("blender-4.5.5-x.tar.xz")),
            ("names no version", "--blender", nameless),
            ("they have none", "--remove-blender", "4.5"),
        ):
            self.assertIn(words, self.deploy(*arguments, fails=True))
        self.assertEqual(everything(), self.before)

    def parameter(self, part, name):
        found = client("cloudformation").describe_stacks(StackName=f"{FARM}-{part}")["Stacks"][0][
            "Parameters"
        ]
        return {item["ParameterKey"]: item["ParameterValue"] for item in found}[name]

    def test_goes_on_after_a_failure(self):
        # Somebody has the input bucket's name already: the handlers can't be made.
        taken = f"{FARM}-input-000000000000-us-east-1"
        s3 = client("s3")
        s3.create_bucket(Bucket=taken)
        self.addCleanup(lambda: taken in str(s3.list_buckets()) and s3.delete_bucket(Bucket=taken))
        said = self.deploy("--parameter", "TurnAroundSeconds=1234", fails=True)
        self.assertIn("InputBucket", said)
        self.assertIn("Choose another STACK=…", said)
        self.assertIn("ROLLBACK_COMPLETE", said)
        s3.delete_bucket(Bucket=taken)
        self.assertIn("was never whole", self.deploy())
        self.assertEqual(len(client("lambda").list_functions()["Functions"]), 3)
        self.assertEqual(
            self.parameter("handlers", "TurnAroundSeconds"), "1234", "what it was told holds"
        )

    def test_goes_on_after_an_interruption(self):
        deploying = subprocess.Popen(
            [
                sys.executable,
                INFRA / "deploy.py",
                "--stack",
                FARM,
                "--endpoint-url",
                ENDPOINT,
                "--dist",
                self.dist,
                "--parameter",
                "RequireTls=false",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A shell's background job, as this test may be one, ignores Ctrl-C, and so do its
            # children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        for line in deploying.stdout:
            if line.startswith(f"{FARM}-storage: "):  # its change set is about to be carried out
                deploying.send_signal(signal.SIGINT)
                break
        rest = deploying.communicate()[0]
        self.assertIn("run it again to go on", rest)
        self.assertEqual(deploying.returncode, 1)
        self.deploy()
        self.assertEqual(len(client("lambda").list_functions()["Functions"]), 3)

    def test_goes_on_where_a_change_set_was_left(self):
        client("cloudformation").create_change_set(
            StackName=f"{FARM}-storage",
            ChangeSetName="left",
            ChangeSetType="CREATE",
            TemplateBody=stacks.template("storage"),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": "Stack", "ParameterValue": FARM}],
        )
        self.deploy()
        self.assertIn(FARM, self.outputs["Table"])

    def test_says_what_is_wrong_with_the_account(self):
        settings = self.folder / "config"
        settings.write_text(
            "[profile studio]\nregion=us-east-1\nsso_session=studio\nsso_account_id=1\n"
            "sso_role_name=r\n"
            "[sso-session studio]\nsso_region=us-east-1\nsso_start_url=https://studio.test\n"
        )
        home = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "AWS_CONFIG_FILE": str(settings),
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        region = {"AWS_REGION": "us-east-1"}
        keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "another's"}
        for words, wrong, arguments in (
            ("No Region is set: REGION=us-east-1", keys, ()),
            ("Unable to locate credentials. Set PROFILE=…", region, ()),
            ("(nobody) could not be found. Set PROFILE=…", region | {"AWS_PROFILE": "nobody"}, ()),
            (
                "Set PROFILE=…, or run `aws configure` or `aws sso login`",
                {"AWS_PROFILE": "studio"},
                (),
            ),
            ("AWS does not take these credentials in us-east-1", region | keys, ()),
            ("Is us east a Region", keys | {"AWS_REGION": "us east"}, ()),
            (
                "Is us-east-9 a Region, and is there a way to it? Set REGION=…",
                keys | {"AWS_REGION": "us-east-9"},
                ("--endpoint-url", "http://127.0.0.1:9"),
            ),
        ):
            for program in ("deploy.py", "undeploy.py"):
                with self.subTest(words, program=program):
                    self.assertIn(
                        words,
                        self.run_program(program, *arguments, fails=True, environment=home | wrong),
                    )

    def test_takes_graviton_by_one_parameter(self):
        for name in ("job-splitter", "spot-interruption-handler", "fleet-scaler"):
            (self.dist / f"{name}.zip").write_bytes(program(name, machine=183))
        # The emulator has no Amazon Linux image for it.
        image = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
        self.deploy("--parameter", "Architecture=arm64", "--parameter", f"AmiId={image}")
        for function in client("lambda").list_functions()["Functions"]:
            self.assertEqual(function["Architectures"], ["arm64"])
        self.assertIn("c7g.2xlarge", self.parameter("fleet", "InstanceTypes"))

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
        self.assertIn(
            "There is no parameter FleetMxa", self.deploy("--parameter", "FleetMxa=3", fails=True)
        )
        (self.dist / "fleet-scaler.zip").write_bytes(program("for another machine", machine=183))
        self.assertIn("built for arm64", self.deploy(fails=True))
        (self.dist / "fleet-scaler.zip").unlink()
        self.assertIn("make package", self.deploy(fails=True))
        self.assertEqual(everything(), self.before)

    def test_asks_before_it_removes(self):
        self.deploy()
        there = everything()
        self.assertIn(
            "nothing was removed", self.run_program("undeploy.py", answer="yes\n", fails=True)
        )
        self.assertIn("YES=1", self.run_program("undeploy.py", fails=True))
        self.assertEqual(everything(), there)
        self.run_program("undeploy.py", answer=f"{FARM}\n")


class Formation:
    """CloudFormation where the emulator does not get to: each operation ends in the next of these
    statuses."""

    def __init__(self, *statuses):
        self.statuses, self.asked = list(statuses), []

    def describe_stacks(self, StackName):
        return {
            "Stacks": [
                {"StackName": StackName, "StackId": StackName, "StackStatus": self.statuses[0]}
            ]
        }

    def describe_stack_resource(self, StackName, LogicalResourceId):
        return {"StackResourceDetail": {"PhysicalResourceId": "a-bucket"}}

    def get_paginator(self, _):
        return self

    def paginate(self, StackName):
        return [
            {
                "StackEvents": [
                    {
                        "EventId": str(number),
                        "LogicalResourceId": "InputBucket",
                        "ResourceType": "AWS::S3::Bucket",
                        "ResourceStatus": "UPDATE_FAILED",
                        "ResourceStatusReason": "its policy is another's",
                    }
                    for number in range(len(self.asked))
                ]
            }
        ]

    def next(self, name):
        self.asked.append(name)
        self.statuses.pop(0)

    def continue_update_rollback(self, StackName):
        self.next("continue")

    def delete_stack(self, StackName):
        self.next("delete")


class Bucket:
    """S3 with a bucket that somebody goes on writing to: there is an object each time one looks."""

    def __init__(self, asked):
        self.asked = asked

    def head_bucket(self, Bucket):
        pass

    def get_paginator(self, _):
        return self

    def paginate(self, Bucket):
        return [{"Versions": [{"Key": "scene.blend", "VersionId": "1"}]}]

    def delete_objects(self, Bucket, Delete):
        self.asked.append("empty")
        return {}


class Trouble(unittest.TestCase):
    def setUp(self):
        self.enterContext(contextlib.redirect_stderr(io.StringIO()))

    def account(self, *statuses):
        self.formation = Formation(*statuses)
        clients = {"cloudformation": self.formation, "s3": Bucket(self.formation.asked)}
        return types.SimpleNamespace(is_local=True, client=clients.get)

    def settle(self, *statuses):
        return stacks.Stack(self.account(*statuses), FARM, "handlers").settle()

    def test_takes_back_an_update_that_was_not_taken_back_whole(self):
        stack = self.settle("UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_COMPLETE")
        self.assertEqual(stack["StackStatus"], "UPDATE_ROLLBACK_COMPLETE")
        self.assertEqual(self.formation.asked, ["continue"])

    def test_tells_the_next_step_where_that_fails(self):
        with self.assertRaisesRegex(
            stacks.Refusal, f"Deploy again .* --stack-name {FARM}-handlers --resources-to-skip"
        ):
            self.settle("UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED")

    def test_tells_the_next_step_where_a_stack_can_not_be_begun_anew(self):
        with self.assertRaisesRegex(stacks.Refusal, "is DELETE_FAILED: `make undeploy` finishes"):
            self.settle("ROLLBACK_FAILED", "DELETE_FAILED")
        self.assertEqual(self.formation.asked, ["delete"])
        with self.assertRaisesRegex(stacks.Refusal, "is DELETE_FAILED: `make undeploy` finishes"):
            self.settle("DELETE_FAILED")

    def test_empties_a_bucket_again_that_was_written_to_meanwhile(self):
        undeploy.remove(
            self.account("CREATE_COMPLETE", "DELETE_FAILED", "DELETE_COMPLETE"), FARM, "handlers"
        )
        self.assertEqual(self.formation.asked, ["empty", "delete"] * 2)

    def test_gives_up_a_bucket_that_is_written_to_all_the_time(self):
        with self.assertRaisesRegex(stacks.Refusal, "ended as DELETE_FAILED: .* Run this again"):
            undeploy.remove(
                self.account("CREATE_COMPLETE", *["DELETE_FAILED"] * 4), FARM, "handlers"
            )


class Report(unittest.TestCase):
    def test_ends_with_the_next_command(self):
        formation = Formation("CREATE_COMPLETE")
        outputs = dict.fromkeys(
            ["OutputBucket", "ArtifactsBucket", "SpotGroup", "OnDemandGroup", "Notices"], "name"
        )
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            report(
                types.SimpleNamespace(
                    account=types.SimpleNamespace(is_local=False, client=lambda _: formation)
                ),
                types.SimpleNamespace(stack=FARM, environment=Path("farm.env")),
                outputs | {"InputBucket": "scenes"},
            )
        self.assertIn("Next: aws s3 cp scene.blend s3://scenes/\n", said.getvalue())
        self.assertIn(
            f"dist/spotrender submit scene.blend --watch --stack {FARM}\n", said.getvalue()
        )
        self.assertIn("Workers have no Blender yet: make deploy BLENDER=", said.getvalue())


class Groups(unittest.TestCase):
    def test_are_not_evened_out_over_zones(self):
        """The emulator has no SuspendProcesses; botocore holds the calls to the service's model."""
        scaling = botocore.session.get_session().create_client(
            "autoscaling", region_name="us-east-1"
        )
        with Stubber(scaling) as stub:
            for group in ("spot", "on-demand"):
                stub.add_response(
                    "suspend_processes",
                    {},
                    {"AutoScalingGroupName": group, "ScalingProcesses": ["AZRebalance"]},
                )
            Deployment.suspend_rebalancing(
                types.SimpleNamespace(
                    account=types.SimpleNamespace(is_local=False),
                    client=lambda _: scaling,
                    values={"SpotGroup": "spot", "OnDemandGroup": "on-demand"},
                )
            )
            stub.assert_no_pending_responses()


if __name__ == "__main__":
    unittest.main()
