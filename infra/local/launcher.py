"""Serves the local cloud's AWS APIs on loopback: MiniStack with additions for Spot.

MiniStack (pinned in infra/requirements.txt) answers every call, checks signatures and IAM policies,
and runs the packaged Lambda functions. MiniStack has no Spot market, and its Auto Scaling groups
are plain lists. This program adds:

  - POST /_spotrender/events: EC2's own events. PutEvents refuses the source aws.ec2, as AWS does.
  - ec2:DescribeSpotPriceHistory with recorded prices, shifted in time so that they cover today.
  - Auto Scaling: the maximum size, zones with a price, TerminateInstanceInAutoScalingGroup, and
    scale-in through the group's terminate lifecycle hook, until CompleteLifecycleAction.
  - PUT /_spotrender/refusals: a Spot shortage.
  - /_spotrender/holds: delays calls, so that a test can interrupt a program during a call.
  - A faster schedule: rate(1 minute) may fire every few seconds.

`spotrender local up` starts this program. It replaces its environment, because the functions
inherit the environment.
"""

import argparse
import asyncio
import bisect
import contextlib
import csv
import hmac
import json
import os
import re
import socket
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

REGION = "us-east-1"  # where the prices were recorded
WEEK_SECONDS = 7 * 24 * 3600
HOLD_SECONDS_MAX = 60  # then the call continues without a release
WAITING = "Terminating:Wait"  # Auto Scaling's state of an instance that waits for its hook
EVENT_BODY_BYTES_MAX = 256 * 1024  # PutEvents' limit


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--state", type=Path, required=True, help="the folder for all state")
    parser.add_argument("--prices", type=Path, required=True)
    parser.add_argument(
        "--schedule-seconds",
        type=int,
        default=60,
        help="seconds between two runs of rate(1 minute)",
    )
    return parser.parse_args()


def listen(state):
    """The port is chosen once, because stored queue addresses contain it."""
    kept = state / "port"
    port = int(kept.read_text()) if kept.exists() else 0
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        server.bind(("127.0.0.1", port))
    except OSError as error:
        sys.exit(
            f"Port {port}, which this state uses, is not available: {error.strerror}."
            f" End the program that uses the port, or delete {state}."
        )
    server.listen(100)
    server.setblocking(False)
    kept.write_text(str(server.getsockname()[1]))
    return server


def write_record(state):
    """Writes the process ID and start time, so that a stale file is recognized."""
    start = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    partial = state / "launcher.json.new"
    partial.write_text(json.dumps({"pid": os.getpid(), "start": start}))
    partial.replace(state / "launcher.json")


def settle_environment(args, port):
    """Replaces the environment. MiniStack reads it on import, and functions inherit it."""
    access_key, secret_key = (args.state / "credentials").read_text().split()
    folders = {name: args.state / "aws" / name for name in ("state", "s3", "tmp")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    path = os.environ.get("PATH", "/usr/bin:/bin")
    os.environ.clear()
    os.environ.update(
        {
            "PATH": path,
            "HOME": str(args.state),
            "LANG": "C.UTF-8",
            "TMPDIR": str(folders["tmp"]),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_REGION": REGION,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": secret_key,
            "AUTH": "true",
            "LAMBDA_EXECUTOR": "local",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(folders["state"]),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(folders["s3"]),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "INFO",
            # Lambda sets these for a function whose LoggingConfig says JSON.
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "INFO",
            # `spotrender local down` finds remaining processes by this variable.
            "SPOTRENDER_LOCAL_STATE": str(args.state),
        }
    )
    return secret_key


class Prices:
    """Recorded price changes by pool, shifted by whole weeks so that they cover today."""

    def __init__(self, path, now):
        self.pools = {}
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                pool = self.pools.setdefault((row["instance_type"], row["az"]), [])
                pool.append((int(row["ts"]), row["price"]))
        for pool in self.pools.values():
            pool.sort()
        end = max(pool[-1][0] for pool in self.pools.values())
        shift = max(0, -(-(int(now) - end) // WEEK_SECONDS)) * WEEK_SECONDS
        for key, pool in self.pools.items():
            self.pools[key] = [(moment + shift, price) for moment, price in pool]

    def zones(self):
        return {zone for _, zone in self.pools}

    def history(self, types, zone, start, end):
        """Newest first, including the last change before `start`, as in EC2."""
        rows = []
        for (instance_type, pool_zone), pool in self.pools.items():
            if (types and instance_type not in types) or (zone and pool_zone != zone):
                continue
            moments = [moment for moment, _ in pool]
            first = max(0, bisect.bisect_right(moments, start) - 1)
            last = bisect.bisect_right(moments, end)
            rows += [
                (moment, instance_type, pool_zone, price) for moment, price in pool[first:last]
            ]
        return sorted(rows, reverse=True)


def values(params, prefix):
    """Reads one of EC2's lists: `InstanceType.1`, `InstanceType.2`, …"""
    found = []
    while (value := params.get(f"{prefix}.{len(found) + 1}")) is not None:
        found.append(value[0] if isinstance(value, list) else value)
    return found


def add_spot_prices(prices):
    from ministack.services import ec2

    def moment(text, otherwise):
        if not text:
            return otherwise
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()

    def describe_spot_price_history(params):
        now = time.time()
        zone = ec2._p(params, "AvailabilityZone")
        for number in range(1, 6):
            if ec2._p(params, f"Filter.{number}.Name") == "availability-zone":
                zone = ec2._p(params, f"Filter.{number}.Value.1")
        products = values(params, "ProductDescription")
        rows = (
            []
            if products and "Linux/UNIX" not in products
            else prices.history(
                values(params, "InstanceType"),
                zone,
                moment(ec2._p(params, "StartTime"), now),
                moment(ec2._p(params, "EndTime"), now),
            )
        )
        offset = int(ec2._p(params, "NextToken") or 0)
        size = min(int(ec2._p(params, "MaxResults") or 1000), 1000)
        items = "".join(
            f"<item><instanceType>{kind}</instanceType><productDescription>Linux/UNIX</productDescription>"
            f"<spotPrice>{price}</spotPrice>"
            f"<timestamp>"
            f"{datetime.fromtimestamp(when, timezone.utc):%Y-%m-%dT%H:%M:%S.000Z}</timestamp>"
            f"<availabilityZone>{where}</availabilityZone></item>"
            for when, kind, where, price in rows[offset : offset + size]
        )
        rest = str(offset + size) if offset + size < len(rows) else ""
        return ec2._xml(
            200,
            "DescribeSpotPriceHistoryResponse",
            f"<spotPriceHistorySet>{items}</spotPriceHistorySet><nextToken>{rest}</nextToken>",
        )

    ec2._ACTION_MAP["DescribeSpotPriceHistory"] = describe_spot_price_history


def add_group_rules(prices, refusals):
    from ministack.services import autoscaling, ec2

    def zones(group):
        """The zones of the group's subnets that have recorded prices."""
        subnets = [ec2._subnets.get(name.strip()) for name in group["VPCZoneIdentifier"].split(",")]
        found = [subnet["AvailabilityZone"] for subnet in subnets if subnet]
        return (
            [zone for zone in found if zone in prices.zones()]
            or found
            or group["AvailabilityZones"]
        )

    fill = autoscaling._reconcile_instances

    def reconcile_instances(group):
        """Launches each instance in the zone with the fewest. Ends unprotected instances through
        the hook."""
        desired, choice = group["DesiredCapacity"], zones(group)
        leaving = [instance for instance in group["Instances"] if is_leaving(instance)]
        group["Instances"] = [
            instance for instance in group["Instances"] if not is_leaving(instance)
        ]
        refused = refusals.meet(group)
        while len(group["Instances"]) < desired and not refused:
            taken = [instance["AvailabilityZone"] for instance in group["Instances"]]
            group["AvailabilityZones"] = [min(choice, key=taken.count)]
            group["DesiredCapacity"] = len(taken) + 1
            fill(group)
        group["AvailabilityZones"], group["DesiredCapacity"] = choice, desired
        surplus = len(group["Instances"]) - desired
        free = [instance for instance in group["Instances"] if not instance["ProtectedFromScaleIn"]]
        group["Instances"] += leaving
        for instance in free[-surplus:] if surplus > 0 else []:
            begin_end(group, instance)

    def is_leaving(instance):
        return instance["LifecycleState"] == WAITING

    def begin_end(group, instance):
        """The instance stays until the hook is completed or times out, as in Auto Scaling."""
        name = group["AutoScalingGroupName"]
        hook = next(
            (
                hook
                for hook in autoscaling._hooks.values()
                if hook["AutoScalingGroupName"] == name
                and hook["LifecycleTransition"] == "autoscaling:EC2_INSTANCE_TERMINATING"
            ),
            None,
        )
        if not hook:
            group["Instances"].remove(instance)
            return
        token = autoscaling.new_uuid()
        instance["LifecycleState"], instance["LifecycleActionToken"] = WAITING, token
        put_event(
            {
                "Source": "aws.autoscaling",
                "DetailType": "EC2 Instance-terminate Lifecycle Action",
                "Resources": [group["AutoScalingGroupARN"]],
                "Detail": json.dumps(
                    {
                        "LifecycleActionToken": token,
                        "AutoScalingGroupName": name,
                        "LifecycleHookName": hook["LifecycleHookName"],
                        "EC2InstanceId": instance["InstanceId"],
                        "LifecycleTransition": hook["LifecycleTransition"],
                        "Origin": "AutoScalingGroup",
                        "Destination": "EC2",
                    }
                ),
            }
        )
        asyncio.get_running_loop().call_later(hook["HeartbeatTimeout"], complete, name, token)

    def complete(name, token, instance_id=None):
        """Whether an instance was waiting for this action."""
        group = autoscaling._asgs.get(name) or {"Instances": []}
        for instance in group["Instances"]:
            is_meant = (
                token == instance.get("LifecycleActionToken")
                if token
                else instance["InstanceId"] == instance_id
            )
            if is_meant and is_leaving(instance):
                group["Instances"].remove(instance)
                return True
        return False

    def complete_lifecycle_action(params):
        name, token, instance = (
            autoscaling._p(params, key)
            for key in ("AutoScalingGroupName", "LifecycleActionToken", "InstanceId")
        )
        if not complete(name, token, instance):
            return autoscaling._error(
                "ValidationError", f"No active Lifecycle Action found with instance ID {instance}"
            )
        return complete_original(params)

    def set_desired_capacity(params):
        group = autoscaling._asgs.get(autoscaling._p(params, "AutoScalingGroupName"))
        desired = autoscaling._p(params, "DesiredCapacity")
        if group and desired.isdigit():
            for bound, beyond, word in (
                ("MaxSize", int(desired) > group["MaxSize"], "above max"),
                ("MinSize", int(desired) < group["MinSize"], "below min"),
            ):
                if beyond:
                    return autoscaling._error(
                        "ValidationError",
                        f"New SetDesiredCapacity value {desired} is {word} value {group[bound]}"
                        " for the AutoScalingGroup.",
                    )
        return set_original(params)

    def set_instance_protection(params):
        group = autoscaling._asgs.get(autoscaling._p(params, "AutoScalingGroupName")) or {
            "Instances": []
        }
        known = {
            instance["InstanceId"]: instance
            for instance in group["Instances"]
            if not is_leaving(instance)
        }
        wanted = autoscaling._parse_member_list(params, "InstanceIds")
        for name in wanted:
            if name not in known:
                return autoscaling._error(
                    "ValidationError",
                    f"The instance {name} is not in InService or EnteringStandby or Standby.",
                )
        for name in wanted:
            known[name]["ProtectedFromScaleIn"] = (
                autoscaling._p(params, "ProtectedFromScaleIn") == "true"
            )
        return autoscaling._xml(
            200,
            "SetInstanceProtectionResponse",
            "<SetInstanceProtectionResult></SetInstanceProtectionResult>",
        )

    def describe_groups(params):
        """Brings every group to its size first, as Auto Scaling does continuously."""
        for group in autoscaling._asgs.values():
            autoscaling._reconcile_instances(group)
        return describe_original(params)

    def terminate_instance(params):
        """The scaler ends an instance through the hook and makes the group one smaller. The Spot
        emulator removes an instance that has ended already."""
        name = autoscaling._p(params, "InstanceId")
        for group in autoscaling._asgs.values():
            instances = group["Instances"]
            for index, instance in enumerate(instances):
                if instance["InstanceId"] != name:
                    continue
                if autoscaling._p(params, "ShouldDecrementDesiredCapacity") != "true":
                    del instances[index]
                    autoscaling._reconcile_instances(group)
                elif is_leaving(instance):
                    return autoscaling._error(
                        "ScalingActivityInProgress", f"{name} is being terminated already."
                    )
                elif group["DesiredCapacity"] <= group["MinSize"]:
                    return autoscaling._error(
                        "ValidationError",
                        f"Terminating {name} would take the group below its minimum size.",
                    )
                else:
                    group["DesiredCapacity"] -= 1
                    begin_end(group, instance)
                return autoscaling._xml(
                    200,
                    "TerminateInstanceInAutoScalingGroupResponse",
                    "<TerminateInstanceInAutoScalingGroupResult>"
                    f"<Activity><ActivityId>{autoscaling.new_uuid()}</ActivityId>"
                    f"<AutoScalingGroupName>{group['AutoScalingGroupName']}</AutoScalingGroupName>"
                    f"<Cause>instance {name} was taken away</Cause>"
                    f"<StartTime>{autoscaling.now_iso()}</StartTime>"
                    "<StatusCode>InProgress</StatusCode></Activity>"
                    "</TerminateInstanceInAutoScalingGroupResult>",
                )
        return autoscaling._error(
            "ValidationError", f"Instance Id not found - No managed instance found for {name}"
        )

    set_original = autoscaling._ACTION_MAP["SetDesiredCapacity"]
    describe_original = autoscaling._ACTION_MAP["DescribeAutoScalingGroups"]
    complete_original = autoscaling._ACTION_MAP["CompleteLifecycleAction"]
    autoscaling._reconcile_instances = reconcile_instances
    autoscaling._ACTION_MAP["CompleteLifecycleAction"] = complete_lifecycle_action
    autoscaling._ACTION_MAP["SetDesiredCapacity"] = set_desired_capacity
    autoscaling._ACTION_MAP["TerminateInstanceInAutoScalingGroup"] = terminate_instance
    autoscaling._ACTION_MAP["SetInstanceProtection"] = set_instance_protection
    autoscaling._ACTION_MAP["DescribeAutoScalingGroups"] = describe_groups


def put_event(entry):
    """Sends an event of an AWS service. PutEvents refuses these sources from others."""
    from ministack.services import eventbridge

    status, _, answer = eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    return status, json.loads(answer)


def name_actions_as_iam_does():
    """Names actions and resources as IAM does. sqs:SendMessage also allows SendMessageBatch. A
    request that names only an instance concerns the instance's group."""
    from ministack.core import iam_actions
    from ministack.services import autoscaling

    extract, extract_resource = iam_actions.extract_iam_action, iam_actions.extract_resource_arn

    def extract_iam_action(*args):
        action = extract(*args)
        return action.removesuffix("Batch") if action and action.startswith("sqs:") else action

    def extract_resource_arn(service, method, path, headers, body, query_params, *place):
        found = extract_resource(service, method, path, headers, body, query_params, *place)
        if service != "autoscaling" or found != "*":
            return found
        instance = iam_actions._query_param(query_params, "InstanceId")
        for group in autoscaling._asgs.values():
            if any(instance == member["InstanceId"] for member in group["Instances"]):
                return group["AutoScalingGroupARN"]
        return found

    iam_actions.extract_iam_action = extract_iam_action
    iam_actions.extract_resource_arn = extract_resource_arn


def speed_up_schedule(seconds):
    from ministack.services import eventbridge

    parse = eventbridge._parse_rate_seconds
    eventbridge._SCHEDULER_TICK_INTERVAL = 1
    eventbridge._parse_rate_seconds = lambda text: (
        seconds if text == "rate(1 minute)" else parse(text)
    )


def keep_function_logs(folder):
    """Also writes the functions' logs to files, because MiniStack keeps them in memory."""
    from ministack.services import lambda_svc

    folder.mkdir(parents=True, exist_ok=True)
    emit = lambda_svc._emit_lambda_logs

    def emit_lambda_logs(function, request_id, text, *rest, **named):
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or config.get(
            "FunctionName", "unknown"
        )
        if text:
            with (folder / f"{group.rpartition('/')[2]}.log").open("a") as file:
                file.write(text.rstrip("\n") + "\n")
        return emit(function, request_id, text, *rest, **named)

    lambda_svc._emit_lambda_logs = emit_lambda_logs


class Hold:
    """Delays calls of one method, path and optional DynamoDB target until they are released, as a
    slow network would."""

    def __init__(self):
        self.put({"count": 0})

    def put(self, order):
        """Releases the held calls. `{"method": "PUT", "path": "regex", "count": 1}` holds the next
        call."""
        if hasattr(self, "released"):
            self.released.set()
        self.order, self.held, self.released = order, [], asyncio.Event()

    async def meet(self, scope):
        order, held, released = self.order, self.held, self.released
        if (
            len(held) == order["count"]
            or scope["method"] != order["method"]
            or not re.search(order["path"], scope["path"])
        ):
            return
        target = dict(scope["headers"]).get(b"x-amz-target", b"").decode()
        if order.get("target", target) != target:
            return
        held.append(scope["path"])
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(released.wait(), HOLD_SECONDS_MAX)


class Refusals:
    """Groups with a shortage. Auto Scaling keeps trying and sends an event for each failure."""

    INTERVAL_SECONDS = 10

    def __init__(self):
        self.ends, self.event_times = {}, {}

    def put(self, order):
        self.ends[order["group"]] = time.monotonic() + order["seconds"]

    def meet(self, group):
        """Whether the group has a shortage. Sends the event if the group needs instances."""
        name, now = group["AutoScalingGroupName"], time.monotonic()
        if now >= self.ends.get(name, 0):
            return False
        missing = group["DesiredCapacity"] - len(group["Instances"])
        if (
            missing > 0
            and now - self.event_times.get(name, -self.INTERVAL_SECONDS) >= self.INTERVAL_SECONDS
        ):
            self.event_times[name] = now
            put_event(
                {
                    "Source": "aws.autoscaling",
                    "DetailType": "EC2 Instance Launch Unsuccessful",
                    "Resources": [group["AutoScalingGroupARN"]],
                    "Detail": json.dumps(
                        {
                            "StatusCode": "Failed",
                            "AutoScalingGroupName": name,
                            "EC2InstanceId": "",
                            "Details": {"Availability Zone": group["AvailabilityZones"][0]},
                            "StatusMessage": "Could not launch Spot Instances."
                            " UnfulfillableCapacity - There is no Spot"
                            " capacity available that matches your request.",
                            "Origin": "EC2",
                            "Destination": "AutoScalingGroup",
                        }
                    ),
                }
            )
        return True


class Gateway:
    """MiniStack's application behind our own routes. These need the secret key as bearer token."""

    def __init__(self, application, secret_key, refusals):
        self.application = application
        self.refusals = refusals
        self.secret_key = secret_key
        self.hold = Hold()

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            await self.hold.meet(scope)
        if scope["type"] != "http" or not scope["path"].startswith("/_spotrender/"):
            return await self.application(scope, receive, send)
        status, answer = await self.respond(scope, receive)
        body = json.dumps(answer).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def respond(self, scope, receive):
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if message["type"] == "http.disconnect" or len(body) > EVENT_BODY_BYTES_MAX:
                return 413, {"error": "the event is larger than 256 KiB"}
        presented = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(presented, f"Bearer {self.secret_key}".encode()):
            return 403, {"error": "wrong or missing bearer token"}
        match scope["method"], scope["path"]:
            case "POST", "/_spotrender/events":
                return self.send_event(body)
            case "PUT", "/_spotrender/refusals":
                self.refusals.put(json.loads(body))
                return 200, {}
            case "PUT", "/_spotrender/holds":
                self.hold.put(json.loads(body))
                return 200, {}
            case "GET", "/_spotrender/holds":
                return 200, {"held": self.hold.held}
        return 404, {
            "error": "there are POST events, PUT refusals, PUT and GET holds, under /_spotrender/"
        }

    def send_event(self, body):
        try:
            event = json.loads(body)
            entry = {
                "Source": event["source"],
                "DetailType": event["detail-type"],
                "Detail": json.dumps(event["detail"]),
                "Resources": event.get("resources", []),
            }
        except (ValueError, KeyError, TypeError) as error:
            return 400, {"error": f"not an event with source, detail-type and detail: {error!r}"}
        return put_event(entry)


def main():
    args = arguments()
    args.state = args.state.resolve()
    args.prices = args.prices.resolve()
    server = listen(args.state)
    secret_key = settle_environment(args, server.getsockname()[1])
    write_record(args.state)
    # Imported here, because MiniStack reads its settings from the environment on import.
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    prices = Prices(args.prices, time.time())
    add_spot_prices(prices)
    name_actions_as_iam_does()
    refusals = Refusals()
    add_group_rules(prices, refusals)
    speed_up_schedule(args.schedule_seconds)
    keep_function_logs(args.state / "logs")
    config = Config()
    config.bind = [f"fd://{server.detach()}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    config.graceful_timeout = 2
    asyncio.run(serve(Gateway(app, secret_key, refusals), config))


if __name__ == "__main__":
    sys.exit(main())
