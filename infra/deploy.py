#!/usr/bin/env python3
"""Deploys infra/spotrender.yaml with the packaged code: to AWS, or to the local cloud by --endpoint-url.

    deploy.py --stack spotrender --dist dist --parameter BlenderSha256=… --outputs outputs.json

Uploads what dist/ holds under a prefix named after its content, creates or updates the stack, waits,
and checks that each function runs the very zip that was packaged. Settings and credentials are the
AWS command line's own (AWS_PROFILE, AWS_REGION, …).
"""

import argparse
import base64
import hashlib
import json
import os
import sys
import time
from pathlib import Path

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

HERE = Path(__file__).resolve().parent
FUNCTIONS = {
    "JobSplitter": "job-splitter.zip",
    "SpotInterruptionHandler": "spot-interruption-handler.zip",
    "FleetScaler": "fleet-scaler.zip",
}
# What programs outside the stack are told, by output.
VARIABLES = {
    "Region": "AWS_REGION",
    "Table": "SPOTRENDER_TABLE",
    "QueueUrl": "SPOTRENDER_QUEUE_URL",
    "DeadLetterQueueUrl": "SPOTRENDER_DEAD_LETTER_QUEUE_URL",
    "InputBucket": "SPOTRENDER_INPUT_BUCKET",
    "OutputBucket": "SPOTRENDER_OUTPUT_BUCKET",
    "Group": "SPOTRENDER_GROUP",
}
WAIT_SECONDS_MAX = 1800


class Refusal(Exception):
    """Something the caller can put right; the text says what."""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stack", default="spotrender", help="lower case, up to 20 characters")
    parser.add_argument("--dist", type=Path, default=HERE.parent / "dist")
    parser.add_argument("--template", type=Path, default=HERE / "spotrender.yaml")
    parser.add_argument("--endpoint-url", help="the local cloud's address; leave out for AWS")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--outputs", type=Path, help="write the stack's outputs here, as JSON")
    parser.add_argument("--environment", type=Path, help="write them here too, for `spotrender status`")
    return parser.parse_args()


class Deployment:
    def __init__(self, args):
        self.args = args
        session = botocore.session.get_session()
        # Path style: bucket names are no host names on loopback.
        style = {"addressing_style": "path"} if args.endpoint_url else {}
        config = Config(retries={"mode": "standard"}, s3=style)
        # botocore itself reads AWS_DEFAULT_REGION only.
        self.region = os.environ.get("AWS_REGION") or session.get_config_variable("region")
        if not self.region:
            raise Refusal("No Region is set: export AWS_REGION, or `aws configure`.")
        self.client = lambda service: session.create_client(
            service, region_name=self.region, endpoint_url=args.endpoint_url, config=config)
        self.account = self.client("sts").get_caller_identity()["Account"]
        self.bucket = f"{args.stack}-artifacts-{self.account}-{self.region}"

    def artifacts(self):
        """What is uploaded, by name. The prefix is named after it: new code, new prefix."""
        files = {name: self.args.dist / name for name in [*FUNCTIONS.values(), "render-worker"]}
        missing = [str(path) for path in files.values() if not path.is_file()]
        if missing:
            raise Refusal(f"Not packaged yet: {', '.join(missing)}. Run `make package` first.")
        files["worker-boot.sh"] = HERE / "worker-boot.sh"
        contents = {name: path.read_bytes() for name, path in files.items()}
        digest = hashlib.sha256()
        for name in sorted(contents):
            digest.update(name.encode() + b"\0" + hashlib.sha256(contents[name]).digest())
        return f"code/{digest.hexdigest()[:16]}/", contents

    def upload(self, prefix, contents):
        s3 = self.client("s3")
        try:
            s3.head_bucket(Bucket=self.bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
                raise
            place = {} if self.region == "us-east-1" else {
                "CreateBucketConfiguration": {"LocationConstraint": self.region}}
            s3.create_bucket(Bucket=self.bucket, **place)
            s3.put_public_access_block(Bucket=self.bucket, PublicAccessBlockConfiguration={
                "BlockPublicAcls": True, "IgnorePublicAcls": True,
                "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
        present = {
            item["Key"] for item in
            s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])}
        for name, content in contents.items():
            if prefix + name not in present:
                s3.put_object(Bucket=self.bucket, Key=prefix + name, Body=content)

    def parameters(self, prefix):
        given = dict(pair.split("=", 1) for pair in self.args.parameter if "=" in pair)
        if len(given) != len(self.args.parameter):
            raise Refusal("--parameter wants NAME=VALUE, each name once.")
        chosen = {"ArtifactsBucket": self.bucket, "CodePrefix": prefix}
        if "WorkerSubnets" not in given:
            subnets = self.client("ec2").describe_subnets(
                Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
            if not subnets:
                raise Refusal(
                    f"{self.region} has no default VPC: pass --parameter WorkerVpc=vpc-… and"
                    " --parameter WorkerSubnets=subnet-…,subnet-….")
            chosen["WorkerVpc"] = subnets[0]["VpcId"]
            chosen["WorkerSubnets"] = ",".join(sorted(subnet["SubnetId"] for subnet in subnets))
        return chosen | given

    def apply(self, parameters):
        formation = self.client("cloudformation")
        request = {
            "StackName": self.args.stack,
            "TemplateBody": self.args.template.read_text(),
            "Capabilities": ["CAPABILITY_IAM"],
        }
        try:
            stack = formation.describe_stacks(StackName=self.args.stack)["Stacks"][0]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            stack = None
        if stack and stack["StackStatus"] in ("ROLLBACK_COMPLETE", "CREATE_FAILED"):
            raise Refusal(
                f"The stack {self.args.stack} could not be created the last time"
                f" ({stack['StackStatus']}): delete it, then deploy again.")
        known = {item["ParameterKey"] for item in stack.get("Parameters", [])} if stack else set()
        # What an earlier deployment was told holds until it is told otherwise.
        request["Parameters"] = [
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ] + [
            {"ParameterKey": name, "UsePreviousValue": True}
            for name in sorted(known - parameters.keys())
            if f"\n  {name}:\n" in request["TemplateBody"]
        ]
        if stack is None:
            formation.create_stack(**request, OnFailure="ROLLBACK")
        else:
            try:
                formation.update_stack(**request)
            except ClientError as error:
                if "No updates are to be performed" not in str(error):
                    raise
        return self.wait(formation)

    def wait(self, formation):
        waited = 0
        pause = 0.2 if self.args.endpoint_url else 5
        while True:
            stack = formation.describe_stacks(StackName=self.args.stack)["Stacks"][0]
            status = stack["StackStatus"]
            if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
                return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}
            if not status.endswith("_IN_PROGRESS"):
                events = formation.describe_stack_events(StackName=self.args.stack)["StackEvents"]
                reasons = [
                    f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
                    for event in events if event["ResourceStatus"].endswith("_FAILED")]
                raise Refusal("\n".join([f"The stack ended as {status}:", *reasons[:10]]))
            if waited > WAIT_SECONDS_MAX:
                raise Refusal(f"The stack is still {status} after {WAIT_SECONDS_MAX // 60} minutes.")
            time.sleep(pause)
            waited += pause

    def verify(self, outputs, contents):
        """A function whose zip was missing would deploy and do nothing."""
        functions = self.client("lambda")
        for output, name in FUNCTIONS.items():
            expected = base64.b64encode(hashlib.sha256(contents[name]).digest()).decode()
            found = functions.get_function_configuration(FunctionName=outputs[output])["CodeSha256"]
            if found != expected:
                raise Refusal(f"{outputs[output]} does not run {name}: {found} instead of {expected}.")

    def suspend_rebalancing(self, outputs):
        """Evening out the zones would end instances that are rendering; templates can't say it."""
        self.client("autoscaling").suspend_processes(
            AutoScalingGroupName=outputs["Group"], ScalingProcesses=["AZRebalance"])


def main():
    args = arguments()
    deployment = Deployment(args)
    prefix, contents = deployment.artifacts()
    deployment.upload(prefix, contents)
    outputs = deployment.apply(deployment.parameters(prefix))
    deployment.verify(outputs, contents)
    if not args.endpoint_url:
        deployment.suspend_rebalancing(outputs)
    outputs |= {"Region": deployment.region}
    text = json.dumps(outputs, indent=2, sort_keys=True)
    if args.outputs:
        args.outputs.write_text(text + "\n")
    if args.environment:
        args.environment.parent.mkdir(parents=True, exist_ok=True)
        args.environment.write_text("".join(
            f"export {variable}={outputs[name]}\n" for name, variable in VARIABLES.items()))
    print(text)
    if not args.endpoint_url:
        print(f"Blender's release goes to s3://{deployment.bucket}/blender/blender-linux.tar.xz")
        print(f"Next: aws s3 cp scene.blend s3://{outputs['InputBucket']}/")


if __name__ == "__main__":
    try:
        main()
    except (Refusal, BotoCoreError, ClientError) as failure:
        sys.exit(f"deploy: {failure}")
