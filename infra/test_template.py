"""What cfn-lint can't know of the template: who may do what, and which events start what.

Run by `make check`: .venv/bin/python -m unittest discover -s infra
"""

import json
import sys
import unittest
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "local"))

from launcher import WEEK_SECONDS, Prices  # noqa: E402


class TemplateLoader(yaml.SafeLoader):
    """CloudFormation's short forms become plain values: `!Ref X` is {"Ref": X}."""


def short_form(loader, tag, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {tag: value}


TemplateLoader.add_multi_constructor("!", short_form)
TEMPLATE = yaml.load((HERE / "spotrender.yaml").read_text(), TemplateLoader)  # noqa: S506
RESOURCES = TEMPLATE["Resources"]

READ_TABLE = {"dynamodb:GetItem", "dynamodb:Query"}
WRITE_TABLE = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem"}
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
ALLOWED = {
    "JobSplitterRole": READ_TABLE | WRITE_TABLE | LOGS | {
        "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "sqs:SendMessage"},
    "SpotInterruptionHandlerRole": READ_TABLE | WRITE_TABLE | LOGS | {
        "sqs:SendMessage", "sns:Publish", "autoscaling:CompleteLifecycleAction"},
    "FleetScalerRole": READ_TABLE | WRITE_TABLE | LOGS | {
        "sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:DeleteMessage",
        "autoscaling:DescribeAutoScalingGroups", "autoscaling:SetDesiredCapacity"},
    "WorkerRole": READ_TABLE | WRITE_TABLE | {
        "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:SendMessage",
        "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListBucket",
        "ec2:DescribeSpotPriceHistory"},
}
# Actions that know no resources.
ANYWHERE = {"autoscaling:DescribeAutoScalingGroups", "ec2:DescribeSpotPriceHistory"}
SETTINGS = {
    "SPOTRENDER_TABLE", "SPOTRENDER_QUEUE_URL", "SPOTRENDER_DEAD_LETTER_QUEUE_URL", "SPOTRENDER_INPUT_BUCKET",
    "SPOTRENDER_OUTPUT_BUCKET", "SPOTRENDER_FLEET_MIN", "SPOTRENDER_FLEET_MAX", "SPOTRENDER_TURN_AROUND_SECONDS",
    "SPOTRENDER_LEASE_SECONDS",
}


def of_type(kind):
    return {name: item["Properties"] for name, item in RESOURCES.items() if item["Type"] == kind}


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(role):
    for policy in RESOURCES[role]["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def event(name):
    return json.loads((HERE.parent / "events" / name).read_text())


def matches(pattern, event):
    """EventBridge's rule for the patterns we use: each field is one of the listed values."""
    return all(
        matches(wanted, event.get(field, {})) if isinstance(wanted, dict) else event.get(field) in wanted
        for field, wanted in pattern.items())


class Permissions(unittest.TestCase):
    def test_each_role_may_do_what_its_program_calls_and_nothing_else(self):
        self.assertEqual(set(of_type("AWS::IAM::Role")), set(ALLOWED))
        for role, allowed in ALLOWED.items():
            found = {action for item in statements(role) for action in listed(item["Action"])}
            self.assertEqual(found, allowed, role)

    def test_no_statement_reaches_everything(self):
        for role in ALLOWED:
            for item in statements(role):
                if "*" in listed(item["Resource"]):
                    self.assertLessEqual(set(listed(item["Action"])), ANYWHERE, role)

    def test_each_trigger_may_call_its_function_from_its_source_only(self):
        for name, properties in of_type("AWS::Lambda::Permission").items():
            self.assertIn("SourceArn", properties, name)
        called = {item["FunctionName"]["Ref"] for item in of_type("AWS::Lambda::Permission").values()}
        self.assertEqual(called, set(of_type("AWS::Lambda::Function")))


class Events(unittest.TestCase):
    def taken(self, rule):
        pattern = json.loads(
            json.dumps(RESOURCES[rule]["Properties"]["EventPattern"])
            .replace('{"Ref": "Group"}', '"spotrender-group"'))
        # Anyone may put events on the bus: the source is what AWS alone can set.
        for path in (HERE.parent / "events").glob("*.json"):
            self.assertFalse(matches(pattern, event(path.name) | {"source": "someone"}))
        return pattern, sorted(
            path.name for path in (HERE.parent / "events").glob("*.json") if matches(pattern, event(path.name)))

    def test_each_rule_takes_its_events_and_no_others(self):
        _, taken = self.taken("InterruptionRule")
        self.assertEqual(taken, [
            "rebalance-recommendation.json", "spot-interruption-hibernate.json", "spot-interruption-stop.json",
            "spot-interruption-warning.json"])
        pattern, taken = self.taken("InstanceEndRule")
        self.assertEqual(taken, ["instance-state-change.json"])
        running = event("instance-state-change.json")
        running["detail"]["state"] = "running"
        self.assertFalse(matches(pattern, running))
        pattern, taken = self.taken("TerminationRule")
        self.assertEqual(taken, ["instance-terminate-lifecycle-action.json"])
        other = event("instance-terminate-lifecycle-action.json")
        other["detail"]["AutoScalingGroupName"] = "another"
        self.assertFalse(matches(pattern, other))

    def test_the_upload_trigger_takes_scenes(self):
        setting = RESOURCES["InputBucket"]["Properties"]["NotificationConfiguration"]["LambdaConfigurations"][0]
        suffix = setting["Filter"]["S3Key"]["Rules"][0]["Value"]
        record = event("s3-object-created.json")["Records"][0]
        self.assertTrue(record["s3"]["object"]["key"].endswith(suffix))
        self.assertTrue(setting["Event"].endswith(":ObjectCreated:*"))
        self.assertTrue(record["eventName"].startswith("ObjectCreated:"))


class Settings(unittest.TestCase):
    def test_functions_and_workers_read_the_same_names(self):
        for name, properties in of_type("AWS::Lambda::Function").items():
            more = {"SPOTRENDER_GROUP"} | ({"SPOTRENDER_TOPIC"} if name == "SpotInterruptionHandler" else set())
            self.assertEqual(set(properties["Environment"]["Variables"]), SETTINGS | more, name)
        data = RESOURCES["WorkerTemplate"]["Properties"]["LaunchTemplateData"]["UserData"]
        for name in SETTINGS:
            self.assertIn(f"\n{name}=${{", data["Fn::Base64"]["Sub"])


class Storage(unittest.TestCase):
    def test_buckets_are_private_and_encrypted(self):
        for name, properties in of_type("AWS::S3::Bucket").items():
            self.assertEqual(set(properties["PublicAccessBlockConfiguration"].values()), {True}, name)
            self.assertIn("BucketEncryption", properties, name)

    def test_interruptions_do_not_send_messages_to_the_dead_letter_queue(self):
        queue = RESOURCES["Queue"]["Properties"]
        self.assertGreaterEqual(queue["RedrivePolicy"]["maxReceiveCount"], 50)
        self.assertEqual(queue["VisibilityTimeout"], {"Ref": "LeaseSeconds"})

    def test_logs_do_not_stay_for_ever(self):
        groups = of_type("AWS::Logs::LogGroup")
        self.assertEqual(len(groups), len(of_type("AWS::Lambda::Function")))
        for name, properties in groups.items():
            self.assertIn("RetentionInDays", properties, name)


class Fleet(unittest.TestCase):
    def test_capacity_is_spot_where_it_is_least_likely_to_be_taken(self):
        # Auto Scaling's defaults are 100 % On-Demand and lowest-price.
        group = RESOURCES["Group"]["Properties"]
        distribution = group["MixedInstancesPolicy"]["InstancesDistribution"]
        self.assertEqual(distribution["OnDemandBaseCapacity"], 0)
        self.assertEqual(distribution["OnDemandPercentageAboveBaseCapacity"], 0)
        self.assertEqual(distribution["SpotAllocationStrategy"], "price-capacity-optimized")
        self.assertNotIn("DesiredCapacity", group, "the scaler alone owns it")

    def test_instances_answer_metadata_to_their_own_programs_only(self):
        data = RESOURCES["WorkerTemplate"]["Properties"]["LaunchTemplateData"]
        self.assertEqual(data["MetadataOptions"]["HttpTokens"], "required")
        self.assertEqual(data["MetadataOptions"]["HttpPutResponseHopLimit"], 1)
        self.assertTrue(all(item["Ebs"]["Encrypted"] for item in data["BlockDeviceMappings"]))
        self.assertNotIn("SecurityGroupIngress", RESOURCES["WorkerSecurityGroup"]["Properties"])


class RecordedPrices(unittest.TestCase):
    NOW = 1_800_000_000

    def setUp(self):
        self.prices = Prices(HERE / "local" / "spot-prices.csv", self.NOW)

    def test_cover_now_and_the_week_before(self):
        for rows in self.prices.pools.values():
            self.assertLess(rows[0][0], self.NOW - WEEK_SECONDS)
        self.assertGreaterEqual(max(rows[-1][0] for rows in self.prices.pools.values()), self.NOW)

    def test_answer_with_the_price_in_force(self):
        rows = self.prices.history(["c5a.2xlarge"], "us-east-1b", self.NOW, self.NOW)
        self.assertEqual(len(rows), 1)
        self.assertLessEqual(rows[0][0], self.NOW)

    def test_come_newest_first_with_the_last_change_before_the_start(self):
        rows = self.prices.history([], "us-east-1c", self.NOW - 86_400, self.NOW)
        moments = [moment for moment, *_ in rows]
        self.assertEqual(moments, sorted(moments, reverse=True))
        self.assertLess(moments[-1], self.NOW - 86_400)
        self.assertTrue(all(moment >= self.NOW - 86_400 for moment in moments[:-1]))


if __name__ == "__main__":
    unittest.main()
