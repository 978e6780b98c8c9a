"""Shared by deploying and undeploying: the account, the order of the parts, and one part's stack.

A part is a template of this folder, deployed as the stack STACK-PART. A parameter with the name of
an earlier part's output gets its value. Nothing else connects the parts.
"""

import os
import sys
import time
from pathlib import Path

import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    InvalidRegionError,
)

HERE = Path(__file__).resolve().parent
# In the order of deployment. `network` is deployed only for a network of the farm's own.
PARTS = ["network", "artifacts", "frames", "storage", "fleet", "handlers", "watching"]
WAIT_SECONDS_MAX = 1800
# A stack that was never complete contains nothing. It is created again.
NEVER_WHOLE = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}
STABLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"}


class Refusal(Exception):
    """An error that the caller can fix. The text says how."""


def say(line):
    """Progress goes to standard error, because standard output has the result."""
    print(line, file=sys.stderr, flush=True)


class Account:
    """The AWS account, and clients for it."""

    def __init__(self, endpoint_url=None):
        self.is_local = endpoint_url is not None
        session = botocore.session.get_session()
        # On the loopback interface, bucket names are not host names.
        style = {"addressing_style": "path"} if self.is_local else {}
        config = Config(retries={"mode": "standard"}, s3=style)
        clients = {}

        def client(service):
            if service not in clients:
                clients[service] = session.create_client(
                    service, region_name=self.region, endpoint_url=endpoint_url, config=config
                )
            return clients[service]

        self.client = client
        try:
            # botocore itself reads AWS_DEFAULT_REGION only.
            self.region = os.environ.get("AWS_REGION") or session.get_config_variable("region")
            if not self.region:
                raise Refusal(
                    "No Region is set: REGION=us-east-1, export AWS_REGION, or `aws configure`."
                )
            caller = client("sts").get_caller_identity()
        except (EndpointConnectionError, InvalidRegionError) as error:
            raise Refusal(
                f"{error} Is {self.region} a Region, and is there a way to it? Set REGION=…."
            ) from error
        except (
            BotoCoreError
        ) as error:  # no credentials, no such profile, or a login that has run out
            raise Refusal(
                f"{error}. Set PROFILE=…, or run `aws configure` or `aws sso login`."
            ) from error
        except ClientError as error:
            raise Refusal(
                f"AWS does not take these credentials in {self.region}:"
                f" {error.response['Error']['Message']}"
                " Renew them (`aws sso login`), choose others with PROFILE=…,"
                " or choose a Region that the account has"
                " with REGION=…."
            ) from error
        self.id = caller["Account"]
        say(f"Account {self.id}, {self.region}, as {caller['Arn']}")


class Stack:
    """One part of one farm."""

    def __init__(self, account, farm, part):
        self.part = part
        self.name = f"{farm}-{part}"
        self.formation = account.client("cloudformation")
        self.pause = 0.1 if account.is_local else 3

    def describe(self):
        try:
            return self.formation.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            return None

    def outputs(self):
        stack = self.describe() or {}
        return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}

    def parameters(self):
        stack = self.describe() or {}
        return {
            item["ParameterKey"]: item["ParameterValue"] for item in stack.get("Parameters", [])
        }

    # --- Deploying

    def deploy(self, template, chosen):
        """Creates or updates by a change set; nothing at all if nothing changed. Returns the
        outputs.

        Settings of earlier deployments persist. `chosen` goes before
        it.
        """
        known = self.parameters()
        stack = self.settle()
        kind = "UPDATE" if stack and stack["StackStatus"] != "REVIEW_IN_PROGRESS" else "CREATE"
        if kind == "CREATE":
            # A stack that was never complete is created again, and has no previous values.
            chosen = known | chosen
        parameters = [
            {"ParameterKey": name, "ParameterValue": chosen[name]}
            if name in chosen
            else {"ParameterKey": name, "UsePreviousValue": True}
            for name in parameter_names(template)
            if name in chosen or name in known
        ]
        made = self.formation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"deploy-{time.time_ns()}",
            ChangeSetType=kind,
            TemplateBody=template,
            Parameters=parameters,
            Capabilities=["CAPABILITY_IAM"],
        )["Id"]
        changes = self.changes(made)
        if not changes:
            self.formation.delete_change_set(StackName=self.name, ChangeSetName=made)
            say(f"{self.name}: nothing changed")
            return self.outputs()
        say(f"{self.name}: {', '.join(changes)}")
        seen = self.event_ids()
        self.formation.execute_change_set(StackName=self.name, ChangeSetName=made)
        status = self.wait(seen)
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            self.print_refusals(StackName=self.name)
            raise Refusal(
                f"{self.name} ended as {status}: the lines above have the reason."
                f" Deploy again when you have fixed it."
            )
        return self.outputs()

    def settle(self):
        """Brings the stack into a state that can be changed. None where there is no stack."""
        stack = self.describe()
        if (
            stack
            and stack["StackStatus"].endswith("_IN_PROGRESS")
            and stack["StackStatus"] not in STABLE
        ):
            say(f"{self.name}: waiting, {stack['StackStatus']}")
            self.wait(self.event_ids(), is_begun=True)
            stack = self.describe()
        if stack is None or stack["StackStatus"] in STABLE:
            return stack
        status = stack["StackStatus"]
        if status in NEVER_WHOLE:
            say(f"{self.name}: was never whole ({status}); creating it again")
            if (status := self.delete()) == "DELETE_COMPLETE":
                return None
        if status == "UPDATE_ROLLBACK_FAILED":
            say(f"{self.name}: its last update was not rolled back completely; trying again")
            seen = self.event_ids()
            self.formation.continue_update_rollback(StackName=self.name)
            if (status := self.wait(seen)) == "UPDATE_ROLLBACK_COMPLETE":
                return self.describe()
            raise Refusal(
                f"{self.name} is {status}: the lines above have the reason."
                " Deploy again when you have fixed it, or skip what you cannot fix:"
                f" aws cloudformation continue-update-rollback --stack-name {self.name}"
                " --resources-to-skip NAME."
            )
        raise Refusal(
            f"{self.name} is {status}: `make undeploy` finishes the removal; then deploy again."
        )

    def changes(self, made):
        """The changes in words, for example `3 to add, 1 to modify`. Empty without changes."""
        found = self.ended(
            lambda: self.formation.describe_change_set(StackName=self.name, ChangeSetName=made),
            "Status",
        )
        counts = {}
        while True:
            for change in found["Changes"]:
                action = change["ResourceChange"]["Action"].lower()
                counts[action] = counts.get(action, 0) + 1
            if "NextToken" not in found:
                break
            found = self.formation.describe_change_set(
                StackName=self.name, ChangeSetName=made, NextToken=found["NextToken"]
            )
        reason = found.get("StatusReason", "")
        if (
            found["Status"] == "FAILED"
            and "didn't contain changes" not in reason
            and "No updates" not in reason
        ):
            self.print_refusals(ChangeSetName=made)
            raise Refusal(f"{self.name}: {reason}")
        # An update of outputs or parameters has no resource in it, and must be executed, too.
        if found["Status"] != "FAILED" and not counts:
            return ["outputs"]
        return [f"{count} to {action}" for action, count in sorted(counts.items())]

    # --- Deleting

    def delete(self):
        """Returns the last status. It is DELETE_COMPLETE for a stack that does not exist."""
        stack = self.describe()
        if stack is None:
            return "DELETE_COMPLETE"
        # A deleted stack is found only by its id.
        self.name, name = stack["StackId"], self.name
        try:
            seen = self.event_ids()
            self.formation.delete_stack(StackName=self.name)
            return self.wait(seen)
        finally:
            self.name = name

    # --- Waiting

    def ended(self, describe, key):
        waited = 0
        while True:
            found = describe()
            if not found[key].endswith(("_IN_PROGRESS", "_PENDING")):
                return found
            if waited > WAIT_SECONDS_MAX:
                raise Refusal(
                    f"{self.name} is still {found[key]} after {WAIT_SECONDS_MAX // 60} minutes."
                )
            time.sleep(self.pause)
            waited += self.pause

    def wait(self, seen, is_begun=False):
        """Prints the events from now on until the operation has ended. Returns its status."""
        before = len(seen)

        def describe():
            stack = self.describe() or {"StackStatus": "DELETE_COMPLETE"}
            self.print_events(seen)
            # Until the first event, the status is still the old one.
            return stack if is_begun or len(seen) > before else {"StackStatus": "BEGIN_IN_PROGRESS"}

        return self.ended(describe, "StackStatus")["StackStatus"]

    def events(self):
        pages = self.formation.get_paginator("describe_stack_events").paginate(StackName=self.name)
        try:
            return [event for page in pages for event in page["StackEvents"]]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            return []

    def event_ids(self):
        return {event["EventId"] for event in self.events()}

    def print_events(self, seen):
        for event in reversed(self.events()):
            if event["EventId"] in seen:
                continue
            seen.add(event["EventId"])
            status = event["ResourceStatus"]
            if event["ResourceType"] == "AWS::CloudFormation::Stack" or status.endswith(
                "_IN_PROGRESS"
            ):
                continue
            reason = (
                f": {advised(event['ResourceStatusReason'])}"
                if status.endswith("_FAILED") and "ResourceStatusReason" in event
                else ""
            )
            say(f"  {event['LogicalResourceId']:<28} {status.lower().replace('_', ' ')}{reason}")

    def print_refusals(self, **place):
        """Prints errors that CloudFormation found before it began. They are not in the events."""
        for event in self.formation.describe_events(**place, Filters={"FailedEvents": True})[
            "OperationEvents"
        ]:
            if event.get("EventType") == "VALIDATION_ERROR":
                say(
                    f"  {event.get('LogicalResourceId', ''):<28}"
                    f" {advised(event.get('ValidationStatusReason', ''))}"
                )


def advised(reason):
    """CloudFormation's words, with the next step where a name is another's: a bucket's most
    often."""
    taken = "already exists" in reason
    return f"{reason} Choose another STACK=…, or remove what has the name." if taken else reason


def template(part):
    return (HERE / f"{part}.yaml").read_text()


def parameter_names(text):
    """The template's own, read without a YAML parser: two spaces in, under `Parameters:`."""
    names, isInside = [], False
    for line in text.splitlines():
        if line and not line.startswith((" ", "#")):
            isInside = line == "Parameters:"
        elif isInside and line.startswith("  ") and line[2] not in " #" and line.endswith(":"):
            names.append(line[2:-1])
    return names
