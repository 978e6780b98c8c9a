#!/usr/bin/env python3
"""Removes a farm: instances, functions, queues, table, scenes, logs. The frames stay by default.

    undeploy.py --stack spotrender [--frames delete] [--yes]

Asks first. You can run it again at any time: it completes an interrupted run.
"""

import argparse
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from stacks import PARTS, Account, Refusal, Stack, say

# The part with the frames is kept. A bucket must be empty before its stack can be removed.
FRAMES = "frames"
BUCKETS = {"artifacts": "ArtifactsBucket", "frames": "OutputBucket", "handlers": "InputBucket"}
# A bucket may be written to while it is being emptied.
ATTEMPTS_MAX = 3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stack", default="spotrender")
    parser.add_argument("--endpoint-url", help="the local cloud's address; leave out for AWS")
    parser.add_argument("--frames", choices=["keep", "delete"], default="keep")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--environment", type=Path, help="the file that deploy.py wrote; removed, too"
    )
    return parser.parse_args()


def bucket_name(account, stack, part):
    """Found as a resource, because a stack that was never complete has no outputs."""
    try:
        found = stack.formation.describe_stack_resource(
            StackName=stack.name, LogicalResourceId=BUCKETS[part]
        )
        name = found["StackResourceDetail"].get("PhysicalResourceId")
        if name:
            account.client("s3").head_bucket(Bucket=name)
        return name
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchBucket", "ValidationError"):
            return None
        raise


def empty(account, bucket):
    """Deletes every version of every object, a thousand at a time."""
    s3, count = account.client("s3"), 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        items = [
            {"Key": item["Key"], "VersionId": item["VersionId"]}
            for kind in ("Versions", "DeleteMarkers")
            for item in page.get(kind, [])
        ]
        if not items:
            continue
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": items, "Quiet": True})
        if failed := answer.get("Errors"):
            raise Refusal(
                f"s3://{bucket}/{failed[0]['Key']} cannot be deleted: {failed[0]['Message']}"
            )
        count += len(items)
        say(f"  {bucket}: {count} objects deleted")


def end_instances(account, stack):
    """Ends all instances at once, also protected ones. CloudFormation would wait for those."""
    scaling = account.client("autoscaling")
    try:
        resources = stack.formation.describe_stack_resources(StackName=stack.name)["StackResources"]
    except ClientError as error:
        if "does not exist" in str(error):
            return
        raise
    for resource in resources:
        name = resource.get("PhysicalResourceId")
        if resource["ResourceType"] != "AWS::AutoScaling::AutoScalingGroup" or not name:
            continue
        groups = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])[
            "AutoScalingGroups"
        ]
        if groups and not groups[0].get("Status"):
            say(f"  {name}: {len(groups[0]['Instances'])} instances ended")
            scaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)


def remove(account, farm, part):
    stack = Stack(account, farm, part)
    if stack.describe() is None:
        return
    say(f"{stack.name}: deleting")
    status = None
    for _ in range(ATTEMPTS_MAX):
        if part in BUCKETS and (bucket := bucket_name(account, stack, part)):
            empty(account, bucket)
        if part == "fleet":
            end_instances(account, stack)
        status = stack.delete()
        if status == "DELETE_COMPLETE":
            return
    raise Refusal(
        f"{stack.name} ended as {status}: the lines above have the reason."
        f" Run this again when you have fixed it."
    )


def remove_late_logs(account, farm):
    """A function that still ran may have created its log group again with its last lines."""
    logs = account.client("logs")
    for page in logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix=f"/spotrender/{farm}/"
    ):
        for group in page["logGroups"]:
            logs.delete_log_group(logGroupName=group["logGroupName"])


def confirm(account, args, parts):
    if args.yes:
        return
    fate = "The frames are deleted, too." if args.frames == "delete" else "The frames are kept."
    print(
        f"This removes {', '.join(f'{args.stack}-{part}' for part in parts)}"
        f" from account {account.id}, with all jobs"
        f" and uploaded scenes. {fate}"
    )
    try:
        answer = input(f"Type the farm's name ({args.stack}) to go on: ")
    except EOFError:
        raise Refusal("there was no answer. YES=1 removes the farm without a question.") from None
    if answer.strip() != args.stack:
        raise Refusal("nothing was removed.")


def main():
    args = arguments()
    account = Account(args.endpoint_url)
    # In reverse order: what starts instances is removed before the instances.
    parts = [part for part in reversed(PARTS) if part != FRAMES or args.frames == "delete"]
    there = [part for part in parts if Stack(account, args.stack, part).describe()]
    if there:
        confirm(account, args, there)
    for part in there:
        remove(account, args.stack, part)
    remove_late_logs(account, args.stack)
    if args.environment:
        args.environment.unlink(missing_ok=True)
    kept = Stack(account, args.stack, FRAMES).outputs().get("OutputBucket")
    print(
        f"{args.stack} is removed." if there else f"There is no {args.stack} in {account.region}."
    )
    if kept:
        print(f"The frames are kept in s3://{kept}/ (FRAMES=delete removes them).")


if __name__ == "__main__":
    try:
        main()
    except (Refusal, BotoCoreError, ClientError) as failure:
        sys.exit(f"undeploy: {failure}")
    except KeyboardInterrupt:
        sys.exit("undeploy: interrupted; run it again to finish.")
