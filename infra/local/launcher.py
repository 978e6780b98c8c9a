"""Serves AWS's APIs on loopback for the local cloud: MiniStack, with what it lacks for Spot.

MiniStack (pinned in infra/requirements.txt) answers every call, checks signatures and IAM policies,
and runs the packaged Lambdas. Added here, because it has no Spot market and its groups are lists:

  - POST /_spotrender/events: EC2's own events. PutEvents refuses the source aws.ec2, as AWS does.
  - ec2:DescribeSpotPriceHistory from recorded prices, moved in time so that they end after now.
  - Auto Scaling: a maximum that holds, zones with a price, TerminateInstanceInAutoScalingGroup.
  - The schedule, sped up: rate(1 minute) may fire every few seconds in a rehearsal.

Started by `spotrender local up`, never by hand. It inherits no environment: functions would see it.
"""

import argparse
import asyncio
import bisect
import csv
import hmac
import json
import os
import socket
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

REGION = "us-east-1"  # where the prices were recorded
WEEK_SECONDS = 7 * 24 * 3600
EVENT_BODY_BYTES_MAX = 256 * 1024  # PutEvents' own limit


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--state", type=Path, required=True, help="folder for everything that is kept")
    parser.add_argument("--prices", type=Path, required=True)
    parser.add_argument("--schedule-seconds", type=int, default=60, help="what rate(1 minute) means here")
    return parser.parse_args()


def listen(state):
    """The port is chosen once: queue addresses with it in them are kept in the state."""
    kept = state / "port"
    port = int(kept.read_text()) if kept.exists() else 0
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        server.bind(("127.0.0.1", port))
    except OSError as error:
        sys.exit(
            f"port {port}, which this state was made with, can't be had: {error.strerror}."
            f" End what uses it, or remove {state} to begin anew.")
    server.listen(100)
    server.setblocking(False)
    kept.write_text(str(server.getsockname()[1]))
    return server


def write_record(state):
    """Process id and start time, so that a stale file is not taken for a running launcher."""
    start = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    partial = state / "launcher.json.new"
    partial.write_text(json.dumps({"pid": os.getpid(), "start": start}))
    partial.replace(state / "launcher.json")


def settle_environment(args, port):
    """Replaces the environment: MiniStack reads it on import, and functions inherit it."""
    access_key, secret_key = (args.state / "credentials").read_text().split()
    folders = {name: args.state / "aws" / name for name in ("state", "s3", "tmp")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    path = os.environ.get("PATH", "/usr/bin:/bin")
    os.environ.clear()
    os.environ.update({
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
        # What Lambda sets for a function whose LoggingConfig says JSON.
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_LEVEL": "INFO",
        # By this `spotrender local down` finds whatever may have outlived us.
        "SPOTRENDER_LOCAL_STATE": str(args.state),
    })
    return secret_key


class Prices:
    """Recorded price changes by pool, moved by whole weeks so that the recording covers now."""

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
        """Newest first, with the last change before `start`, as EC2 answers."""
        rows = []
        for (instance_type, pool_zone), pool in self.pools.items():
            if (types and instance_type not in types) or (zone and pool_zone != zone):
                continue
            moments = [moment for moment, _ in pool]
            first = max(0, bisect.bisect_right(moments, start) - 1)
            last = bisect.bisect_right(moments, end)
            rows += [(moment, instance_type, pool_zone, price) for moment, price in pool[first:last]]
        return sorted(rows, reverse=True)


def values(params, prefix):
    """`InstanceType.1`, `InstanceType.2`, …: EC2's lists."""
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
        rows = [] if products and "Linux/UNIX" not in products else prices.history(
            values(params, "InstanceType"), zone,
            moment(ec2._p(params, "StartTime"), now), moment(ec2._p(params, "EndTime"), now))
        offset = int(ec2._p(params, "NextToken") or 0)
        size = min(int(ec2._p(params, "MaxResults") or 1000), 1000)
        items = "".join(
            f"<item><instanceType>{kind}</instanceType><productDescription>Linux/UNIX</productDescription>"
            f"<spotPrice>{price}</spotPrice>"
            f"<timestamp>{datetime.fromtimestamp(when, timezone.utc):%Y-%m-%dT%H:%M:%S.000Z}</timestamp>"
            f"<availabilityZone>{where}</availabilityZone></item>"
            for when, kind, where, price in rows[offset:offset + size])
        rest = str(offset + size) if offset + size < len(rows) else ""
        return ec2._xml(
            200, "DescribeSpotPriceHistoryResponse",
            f"<spotPriceHistorySet>{items}</spotPriceHistorySet><nextToken>{rest}</nextToken>")

    ec2._ACTION_MAP["DescribeSpotPriceHistory"] = describe_spot_price_history


def add_group_rules(prices):
    from ministack.services import autoscaling, ec2

    def zones(group):
        """Of the group's subnets, those with recorded prices."""
        subnets = [ec2._subnets.get(name.strip()) for name in group["VPCZoneIdentifier"].split(",")]
        found = [subnet["AvailabilityZone"] for subnet in subnets if subnet]
        return [zone for zone in found if zone in prices.zones()] or found or group["AvailabilityZones"]

    fill = autoscaling._reconcile_instances

    def reconcile_instances(group):
        """Down as MiniStack does it; up one by one, each into the emptiest zone."""
        desired, choice = group["DesiredCapacity"], zones(group)
        while len(group["Instances"]) < desired:
            taken = [instance["AvailabilityZone"] for instance in group["Instances"]]
            group["AvailabilityZones"] = [min(choice, key=taken.count)]
            group["DesiredCapacity"] = len(taken) + 1
            fill(group)
        group["AvailabilityZones"], group["DesiredCapacity"] = choice, desired
        fill(group)

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
                        " for the AutoScalingGroup.")
        return set_original(params)

    def terminate_instance(params):
        name = autoscaling._p(params, "InstanceId")
        for group in autoscaling._asgs.values():
            instances = group["Instances"]
            for index, instance in enumerate(instances):
                if instance["InstanceId"] != name:
                    continue
                del instances[index]
                if autoscaling._p(params, "ShouldDecrementDesiredCapacity") == "true":
                    group["DesiredCapacity"] = max(group["MinSize"], group["DesiredCapacity"] - 1)
                autoscaling._reconcile_instances(group)
                return autoscaling._xml(
                    200, "TerminateInstanceInAutoScalingGroupResponse",
                    "<TerminateInstanceInAutoScalingGroupResult>"
                    f"<Activity><ActivityId>{autoscaling.new_uuid()}</ActivityId>"
                    f"<AutoScalingGroupName>{group['AutoScalingGroupName']}</AutoScalingGroupName>"
                    f"<Cause>instance {name} was taken away</Cause>"
                    f"<StartTime>{autoscaling.now_iso()}</StartTime>"
                    "<StatusCode>InProgress</StatusCode></Activity>"
                    "</TerminateInstanceInAutoScalingGroupResult>")
        return autoscaling._error("ValidationError", f"Instance Id not found - No managed instance found for {name}")

    set_original = autoscaling._ACTION_MAP["SetDesiredCapacity"]
    autoscaling._reconcile_instances = reconcile_instances
    autoscaling._ACTION_MAP["SetDesiredCapacity"] = set_desired_capacity
    autoscaling._ACTION_MAP["TerminateInstanceInAutoScalingGroup"] = terminate_instance


def name_actions_as_iam_does():
    """IAM has no batch actions for SQS: sqs:SendMessage allows SendMessageBatch, and so on."""
    from ministack.core import iam_actions

    extract = iam_actions.extract_iam_action

    def extract_iam_action(*args):
        action = extract(*args)
        return action.removesuffix("Batch") if action and action.startswith("sqs:") else action

    iam_actions.extract_iam_action = extract_iam_action


def speed_up_schedule(seconds):
    from ministack.services import eventbridge

    parse = eventbridge._parse_rate_seconds
    eventbridge._SCHEDULER_TICK_INTERVAL = 1
    eventbridge._parse_rate_seconds = lambda text: seconds if text == "rate(1 minute)" else parse(text)


def keep_function_logs(folder):
    """Also into files: CloudWatch's are in memory here, and a person wants to look."""
    from ministack.services import lambda_svc

    folder.mkdir(parents=True, exist_ok=True)
    emit = lambda_svc._emit_lambda_logs

    def emit_lambda_logs(function, request_id, text, *rest, **named):
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or config.get("FunctionName", "unknown")
        if text:
            with (folder / f"{group.rpartition('/')[2]}.log").open("a") as file:
                file.write(text.rstrip("\n") + "\n")
        return emit(function, request_id, text, *rest, **named)

    lambda_svc._emit_lambda_logs = emit_lambda_logs


class Gateway:
    """MiniStack's application with our own routes in front, which want the secret key as bearer."""

    def __init__(self, application, secret_key):
        self.application = application
        self.secret_key = secret_key

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or not scope["path"].startswith("/_spotrender/"):
            return await self.application(scope, receive, send)
        status, answer = await self.respond(scope, receive)
        body = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
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
            return 403, {"error": "wrong or missing bearer"}
        if (scope["method"], scope["path"]) != ("POST", "/_spotrender/events"):
            return 404, {"error": "POST /_spotrender/events is all there is"}
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
        from ministack.services import eventbridge

        status, _, answer = eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
        return status, json.loads(answer)


def main():
    args = arguments()
    args.state = args.state.resolve()
    args.prices = args.prices.resolve()
    server = listen(args.state)
    secret_key = settle_environment(args, server.getsockname()[1])
    write_record(args.state)
    # Imported only now: MiniStack reads its settings from the environment on import.
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    prices = Prices(args.prices, time.time())
    add_spot_prices(prices)
    name_actions_as_iam_does()
    add_group_rules(prices)
    speed_up_schedule(args.schedule_seconds)
    keep_function_logs(args.state / "logs")
    config = Config()
    config.bind = [f"fd://{server.detach()}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    config.graceful_timeout = 2
    asyncio.run(serve(Gateway(app, secret_key), config))


if __name__ == "__main__":
    sys.exit(main())
