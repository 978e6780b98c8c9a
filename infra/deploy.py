#!/usr/bin/env python3
"""Deploys the farm with the packaged code: to AWS, or to the local cloud by --endpoint-url.

    deploy.py --stack spotrender --dist dist --parameter FleetMax=20 \\
        --blender blender-4.5.15-linux-x64.tar.xz

Prints the account, uploads what is missing, deploys each part by a change set, checks
that each function runs the very zip that was packaged, and deletes code that nothing runs any more.
May be called again at any time, also after a failure. Settings and credentials are the AWS command
line's own (AWS_PROFILE, AWS_REGION, …).
"""

import argparse
import base64
import hashlib
import io
import json
import os
import re
import sys
import zipfile
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from stacks import HERE, PARTS, Account, Refusal, Stack, parameter_names, say, template

# The packaged files, by the parameter that names their keys.
CODE = {
    "JobSplitterKey": "job-splitter.zip",
    "SpotInterruptionHandlerKey": "spot-interruption-handler.zip",
    "FleetScalerKey": "fleet-scaler.zip",
    "WorkerKey": "render-worker.tar.gz",
}
# As blender.org names its releases. Workers use only the newest release of a series (4.5).
RELEASE = re.compile(r"blender-(?P<version>(?P<series>\d+\.\d+)\.\d+)[\w.+-]*\.tar\.xz", re.ASCII)
MACHINES = {62: "x86_64", 183: "arm64"}  # ELF's e_machine
# Defaults for arm64.
ARM64 = {
    "AmiId": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
    "InstanceTypes": "c6g.2xlarge,c6gn.2xlarge,c7g.2xlarge,c8g.2xlarge,"
    "m6g.2xlarge,m7g.2xlarge,m8g.2xlarge",
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stack", default="spotrender", help="lower case, up to 20 characters")
    parser.add_argument("--dist", type=Path, default=HERE.parent / "dist")
    parser.add_argument("--endpoint-url", help="the local cloud's address; leave out for AWS")
    parser.add_argument(
        "--parameter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of the templates",
    )
    parser.add_argument(
        "--blender",
        type=Path,
        action="append",
        default=[],
        help="a Blender release for Linux from blender.org (.tar.xz);"
        " replaces a release of the same series",
    )
    parser.add_argument(
        "--remove-blender",
        action="append",
        default=[],
        metavar="VERSION",
        help="remove a Blender from the workers, as in 4.2",
    )
    parser.add_argument("--outputs", type=Path, help="write the outputs here, as JSON")
    parser.add_argument(
        "--environment",
        type=Path,
        help="write the farm's settings to this file, for `spotrender`",
    )
    return parser.parse_args()


def given_parameters(pairs):
    given = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if len(given) != len(pairs):
        raise Refusal("--parameter needs NAME=VALUE, and each name only once.")
    known = {name for part in PARTS for name in parameter_names(template(part))}
    if unknown := sorted(given.keys() - known):
        raise Refusal(
            f"There is no parameter {', '.join(unknown)}. The parameters are:"
            f" {', '.join(sorted(known))}."
        )
    return given


def packaged(dist):
    """The files to upload: (parameter, key, content)."""
    missing = [name for name in CODE.values() if not (dist / name).is_file()]
    if missing:
        raise Refusal(
            f"Not packaged yet: {', '.join(missing)} in {dist}. Run `make package` first."
        )
    for parameter, name in CODE.items():
        content = (dist / name).read_bytes()
        stem, _, suffix = name.partition(".")
        # The key contains the hash of the content. An existing object is therefore the same.
        yield parameter, f"code/{stem}/{hashlib.sha256(content).hexdigest()[:16]}.{suffix}", content


def release(path):
    """The key of a Blender release: the hash of its content, and its name at blender.org."""
    if not RELEASE.fullmatch(path.name):
        raise Refusal(
            f"{path.name} names no version. BLENDER= needs the name that blender.org gave the file,"
            " for example blender-4.5.15-linux-x64.tar.xz."
        )
    if not path.is_file():
        raise Refusal(
            f"There is no file {path}. BLENDER= needs a release from blender.org,"
            " blender-*-linux-x64.tar.xz."
        )
    with path.open("rb") as file:
        if file.read(6) != b"\xfd7zXZ\0":
            raise Refusal(
                f"{path} is not a .tar.xz file. Download a release for Linux from blender.org."
            )
        file.seek(0)
        return f"blender/{hashlib.file_digest(file, 'sha256').hexdigest()}/{path.name}"


def named(key):
    """The version and series in the key of a release."""
    return RELEASE.fullmatch(key.rpartition("/")[2])


def versions(keys):
    return ", ".join(named(key)["version"] for key in keys) or "none"


def architecture(zipped):
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive, archive.open("bootstrap") as program:
        return MACHINES.get(
            int.from_bytes(program.read(20)[18:20], "little"), "an unknown architecture"
        )


class Deployment:
    def __init__(self, args, given):
        self.args = args
        self.given = given
        self.account = Account(args.endpoint_url)
        self.client = self.account.client
        # Values of parameters: outputs of earlier parts, and keys.
        self.values = {"Stack": args.stack}
        # The functions' settings and the account's: for programs outside the stacks.
        self.environment = {"AWS_REGION": self.account.region} | {
            name: os.environ[name] for name in ["AWS_PROFILE"] if name in os.environ
        }
        self.used = set()  # keys that a stack used before this deployment

    def run(self):
        code = list(packaged(self.args.dist))
        self.check_architecture(code)
        releases = {release(path): path for path in self.args.blender}
        blenders = self.choose_blenders(releases)
        for part in PARTS:
            if part == "network" and not self.needs_network():
                continue
            stack = Stack(self.account, self.args.stack, part)
            self.used |= {value for name, value in stack.parameters().items() if name in CODE}
            self.values |= stack.deploy(template(part), self.values | self.given)
            if part == "artifacts":
                self.upload(code)
                self.upload_releases(
                    {key: path for key, path in releases.items() if key in blenders}
                )
            if part == "fleet":
                self.suspend_rebalancing()
        self.verify(code)
        self.prune({key for _, key, _ in code} | set(blenders))
        return self.values

    def check_architecture(self, code):
        before = Stack(self.account, self.args.stack, "handlers").parameters()
        wanted = self.given.get("Architecture") or before.get("Architecture") or "x86_64"
        for _, key, content in code:
            if key.endswith(".zip") and (found := architecture(content)) != wanted:
                raise Refusal(
                    f"{key} was built for {found}, not for {wanted}."
                    f" Run `make package` on a machine with {wanted}."
                )
        if self.given.get("Architecture") == "arm64":
            self.given = ARM64 | self.given

    def choose_blenders(self, releases):
        """The keys of all Blenders that workers should have after this deployment."""
        had = Stack(self.account, self.args.stack, "fleet").parameters().get("Blenders", "").split()
        self.used |= set(had)
        chosen = {named(key)["series"]: key for key in had}
        for version in self.args.remove_blender:
            unwanted = [
                series
                for series, key in chosen.items()
                if version in (series, named(key)["version"])
            ]
            if not unwanted:
                raise Refusal(
                    f"Workers have no Blender {version}; they have {versions(chosen.values())}."
                )
            del chosen[unwanted[0]]
        for key in releases:
            before = chosen.get(named(key)["series"], key)
            if before != key:
                say(
                    f"Blender {named(key)['version']} takes the place of {named(before)['version']}"
                )
            chosen[named(key)["series"]] = key
        keys = sorted(
            chosen.values(),
            key=lambda key: [int(number) for number in named(key)["version"].split(".")],
        )
        if keys != had:
            self.given["Blenders"] = " ".join(keys)
        return keys

    # --- Network

    def needs_network(self):
        """Chooses the workers' network: the given one, else the one in use, else the default
        VPC, else a network of the farm's own."""
        chosen = self.given.get("WorkerVpc")
        if chosen == "own":
            del self.given["WorkerVpc"]
            return True
        if chosen not in (None, "default"):
            if "WorkerSubnets" not in self.given:
                raise Refusal(f"WorkerVpc={chosen} also needs WorkerSubnets=subnet-…,subnet-….")
            return False
        if chosen is None:
            if Stack(self.account, self.args.stack, "network").describe():
                return True
            if "WorkerVpc" in Stack(self.account, self.args.stack, "fleet").parameters():
                return False
        subnets = self.client("ec2").describe_subnets(
            Filters=[{"Name": "default-for-az", "Values": ["true"]}]
        )["Subnets"]
        if not subnets:
            say(f"{self.account.region} has no default VPC. The farm gets its own network.")
            self.given.pop("WorkerVpc", None)
            return True
        self.given["WorkerVpc"] = subnets[0]["VpcId"]
        self.given["WorkerSubnets"] = ",".join(sorted(subnet["SubnetId"] for subnet in subnets))
        return False

    # --- Artifacts

    def is_uploaded(self, key):
        try:
            self.client("s3").head_object(Bucket=self.values["ArtifactsBucket"], Key=key)
            return True
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
                raise
            return False

    def put(self, key, body):
        self.client("s3").put_object(Bucket=self.values["ArtifactsBucket"], Key=key, Body=body)

    def upload(self, code):
        for parameter, key, content in code:
            self.values[parameter] = key
            if not self.is_uploaded(key):
                say(f"  {key}, {len(content) / 1e6:.1f} MB, uploaded")
                self.put(key, content)

    def upload_releases(self, releases):
        for key, path in releases.items():
            if not self.is_uploaded(key):
                say(f"  {path.name}, {path.stat().st_size / 1e6:.0f} MB, uploaded")
                with path.open("rb") as file:
                    self.put(key, file)

    def prune(self, current):
        """Deletes old programs and Blenders. Those that ran until now stay, because an instance may
        be booting with them."""
        bucket = self.values["ArtifactsBucket"]
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for key in [item["Key"] for page in pages for item in page.get("Contents", [])]:
            if key.startswith(("code/", "blender/")) and key not in current | self.used:
                say(f"  {key}, deleted")
                self.client("s3").delete_object(Bucket=bucket, Key=key)

    # --- After the stacks

    def verify(self, code):
        """Checks each function's code. A function without its zip would deploy and do nothing."""
        for parameter, key, content in code:
            function = self.values.get(parameter.removesuffix("Key"))
            if function is None:
                continue
            expected = base64.b64encode(hashlib.sha256(content).digest()).decode()
            found = self.client("lambda").get_function_configuration(FunctionName=function)
            if found["CodeSha256"] != expected:
                raise Refusal(
                    f"{function} does not run {key}: {found['CodeSha256']} instead of {expected}."
                )
            self.environment |= found["Environment"]["Variables"]

    def suspend_rebalancing(self):
        """Stops Auto Scaling from ending busy instances to balance the zones. Templates cannot."""
        if self.account.is_local:
            return
        for group in ("SpotGroup", "OnDemandGroup"):
            self.client("autoscaling").suspend_processes(
                AutoScalingGroupName=self.values[group], ScalingProcesses=["AZRebalance"]
            )


def report(deployment, args, outputs):
    for name in (
        "InputBucket",
        "OutputBucket",
        "ArtifactsBucket",
        "SpotGroup",
        "OnDemandGroup",
        "Notices",
    ):
        print(f"{name:<16} {outputs[name]}")
    if deployment.account.is_local:
        return
    blenders = (
        Stack(deployment.account, args.stack, "fleet").parameters().get("Blenders", "").split()
    )
    print(f"{'Blenders':<16} {versions(blenders)}")
    if not blenders:
        print(
            "Workers have no Blender yet: make deploy"
            " BLENDER=blender-4.5.15-linux-x64.tar.xz (from blender.org)"
        )
    print(f"Next: aws s3 cp scene.blend s3://{outputs['InputBucket']}/")
    if args.environment:
        print(f"or:   dist/spotrender submit scene.blend --watch --stack {args.stack}")


def main():
    args = arguments()
    deployment = Deployment(args, given_parameters(args.parameter))
    outputs = deployment.run()
    if args.outputs:
        args.outputs.write_text(json.dumps(outputs, indent=2, sort_keys=True) + "\n")
    if args.environment:
        args.environment.parent.mkdir(parents=True, exist_ok=True)
        args.environment.write_text(
            "".join(
                f"export {name}={value}\n" for name, value in sorted(deployment.environment.items())
            )
        )
    report(deployment, args, outputs)


if __name__ == "__main__":
    try:
        main()
    except (Refusal, BotoCoreError, ClientError) as failure:
        sys.exit(f"deploy: {failure}")
    except KeyboardInterrupt:
        sys.exit("deploy: interrupted; run it again to go on.")
