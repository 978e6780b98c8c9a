"""What the acceptance files share: the cloud, the command line, small scenes, and waiting."""

import functools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import botocore.session
from schema import check_answer

ROOT = Path(__file__).resolve().parents[2]
INFRA = ROOT / "infra"
PROGRAM = str(ROOT / "dist/spotrender")
SECONDS_MAX = 180

sys.path.insert(0, str(INFRA))


def expect(condition, sentence, *details):
    """Ends the run unless the sentence is true."""
    if not condition:
        sys.exit("\n".join([f"FAILED: {sentence}", *map(str, details)]))


def until(sentence, look, seconds=SECONDS_MAX):
    """Waits until `look` finds something, and returns it."""
    end = time.monotonic() + seconds
    while not (found := look()):
        expect(time.monotonic() < end, f"within {seconds} s: {sentence}")
        time.sleep(0.1)
    return found


class Cloud:
    """The local cloud that `Tests/with-local-cloud.sh` started for this run."""

    def __init__(self, state):
        self.state = Path(state)
        self.outputs = json.loads((self.state / "outputs.json").read_text())
        self.farm = ["--stack", f"{state}/env.sh"]

    def log(self, name):
        return (self.state / f"logs/{name}.log").read_text()

    def secret(self):
        """The key that the emulator's own endpoints ask for."""
        return (self.state / "credentials").read_text().split()[1]


@functools.cache
def cloud():
    """Also sets the variables that programs and clients need to reach the cloud."""
    state = os.environ["SPOTRENDER_TEST_CLOUD"]
    shell = ["bash", "-c", '. "$0" && env', f"{state}/env.sh"]
    for line in run(*shell).splitlines():
        if line.startswith(("AWS_", "SPOTRENDER_")):
            name, value = line.split("=", 1)
            os.environ[name] = value
    return Cloud(state)


def endpoint():
    return os.environ["AWS_ENDPOINT_URL"]


@functools.cache
def client(service):
    """A client of the emulated AWS APIs."""
    session = botocore.session.get_session()
    return session.create_client(service, region_name="us-east-1", endpoint_url=endpoint())


def run(*command, **options):
    """Runs a command that must succeed, and returns its standard output."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **options)
    expect(done.returncode == 0, f"exit code 0: {command}", done.returncode, done.stdout)
    return done.stdout


def start(*arguments, **options):
    """Starts the command line as a person's shell does."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.Popen(
        [PROGRAM, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        text=True,
        # A test's shell may ignore SIGINT for background jobs. A person's shell does not.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )


def spotrender(*arguments):
    """Runs the command line on the cloud's farm, and returns its standard output."""
    process = start(*arguments)
    output, errors = process.communicate(timeout=SECONDS_MAX)
    sentence = f"exit code 0: spotrender {' '.join(map(str, arguments))}"
    expect(process.returncode == 0, sentence, process.returncode, output, errors)
    return output


def answer(*arguments):
    """What the command line prints as JSON; the document must fit its schema."""
    return check_answer(arguments, spotrender(*arguments, "--json", *cloud().farm))


def submit(path, *options):
    """Uploads a scene, and returns the job's id."""
    return answer("submit", path, *options)["job"]


def watch(job):
    return spotrender("watch", job, *cloud().farm)


def scene(folder, name, *options, is_tiny=True, before_saving=""):
    """Makes a small scene. `before_saving` is Python that Blender runs on it."""
    path = f"{folder}/{name}.blend"
    tiny = ["--tiny"] if is_tiny else []
    make = ["--factory-startup", "--python", "infra/demo/make_scene.py", "--", path]
    run("blender", "-b", *make, *tiny, *options)
    if before_saving:
        save = f"bpy.ops.wm.save_as_mainfile(filepath={path!r}, compress=False)"
        run("blender", "-b", path, "--python-expr", f"import bpy; {before_saving}; {save}")
    return path


def listed(service, operation, key, name):
    pages = client(service).get_paginator(operation).paginate()
    return {
        f"{service} {item if name is None else item[name]}"
        for page in pages
        for item in page.get(key, [])
    }


EC2_LISTS = (
    ("describe_vpcs", "Vpcs", "VpcId"),
    ("describe_subnets", "Subnets", "SubnetId"),
    ("describe_route_tables", "RouteTables", "RouteTableId"),
    ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("describe_security_groups", "SecurityGroups", "GroupId"),
    ("describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
)
PAGED_LISTS = (
    ("dynamodb", "list_tables", "TableNames", None),
    ("sqs", "list_queues", "QueueUrls", None),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupName"),
)


def everything():
    """The names of all resources in the services that the templates use."""
    found = {
        f"ec2 {item[name]}"
        for operation, key, name in EC2_LISTS
        for item in getattr(client("ec2"), operation)()[key]
    }
    found |= {
        f"stack {item['StackName']}"
        for item in client("cloudformation").list_stacks()["StackSummaries"]
        if item["StackStatus"] != "DELETE_COMPLETE"
    }
    found |= {f"rule {item['Name']}" for item in client("events").list_rules()["Rules"]}
    dashboards = client("cloudwatch").list_dashboards()["DashboardEntries"]
    found |= {f"dashboard {item['DashboardName']}" for item in dashboards}
    found |= {f"bucket {item['Name']}" for item in client("s3").list_buckets()["Buckets"]}
    policies = client("iam").list_policies(Scope="Local")["Policies"]
    found |= {f"policy {item['Arn']}" for item in policies}
    return found.union(*(listed(*row) for row in PAGED_LISTS))
