"""What cfn-lint can't know of the templates: who may do what, and which events start what.

.venv/bin/python Tests/Acceptance/test_template.py
"""

import json
import re
import sys
import unittest

import yaml
from harness import INFRA, ROOT

sys.path.insert(0, str(INFRA / "local"))

import deploy  # noqa: E402
import stacks  # noqa: E402
from calls import actions  # noqa: E402
from launcher import WEEK_SECONDS, Prices  # noqa: E402
from stacks import parameter_names, template  # noqa: E402

SOURCES = ROOT / "Sources"


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
PARTS = {part: yaml.load(template(part), TemplateLoader) for part in stacks.PARTS}  # noqa: S506
RESOURCES = {name: item for part in PARTS.values() for name, item in part["Resources"].items()}

LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
ROLES = {
    "JobSplitterRole": "job-splitter",
    "SpotInterruptionHandlerRole": "spot-interruption-handler",
    "FleetScalerRole": "fleet-scaler",
    "WorkerRole": "render-worker",
}
# What no program of ours calls, and is needed all the same: Lambda and the log agent write logs;
# the boot script's GetObject is the worker's too; without ListBucket a missing object is answered
# 403 and not 404.
BESIDES = {
    "JobSplitterRole": LOGS | {"s3:ListBucket"},
    "SpotInterruptionHandlerRole": LOGS,
    "FleetScalerRole": LOGS,
    "WorkerRole": LOGS,
}
# Actions that know no resources.
ANYWINFRA = {
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "ec2:DescribeSpotPriceHistory",
}
# What a program that names this reads from its environment.
READERS = {f"{name}(": name for name in ("FleetSettings", "GroupSettings", "NoticeSettings")} | {
    "AWSFarm(": "Settings"
}
PROGRAMS = {
    "JobSplitter": "job-splitter",
    "SpotInterruptionHandler": "spot-interruption-handler",
    "FleetScaler": "fleet-scaler",
}


def of_type(kind):
    return {name: item["Properties"] for name, item in RESOURCES.items() if item["Type"] == kind}


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(role):
    for policy in RESOURCES[role]["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]
    for policy in of_type("AWS::IAM::Policy").values():
        if {"Ref": role} in policy["Roles"]:
            yield from policy["PolicyDocument"]["Statement"]


def event(name):
    return json.loads((ROOT / "events" / name).read_text())


def matches(pattern, event):
    """EventBridge's rule for the patterns we use: each field is one of the listed values."""
    return all(
        matches(wanted, event.get(field, {}))
        if isinstance(wanted, dict)
        else event.get(field) in wanted
        for field, wanted in pattern.items()
    )


class Permissions(unittest.TestCase):
    def test_each_role_may_do_what_its_program_calls_and_nothing_else(self):
        self.assertEqual(set(of_type("AWS::IAM::Role")), set(ROLES))
        for role, program in ROLES.items():
            called = actions(program)
            allowed = {action for item in statements(role) for action in listed(item["Action"])}
            missing = called.keys() - allowed
            self.assertFalse(missing, f"{role} may not: {[called[action] for action in missing]}")
            self.assertEqual(
                allowed - called.keys(), BESIDES[role], f"{role} may what nobody calls"
            )

    def test_no_statement_reaches_everything(self):
        for role in ROLES:
            for item in statements(role):
                if "*" in listed(item["Resource"]):
                    self.assertLessEqual(set(listed(item["Action"])), ANYWINFRA, role)

    def test_a_worker_reaches_only_its_own_prefixes_of_the_output(self):
        may = {}
        for item in statements("WorkerRole"):
            for place in listed(item["Resource"]):
                path = place["Sub"].partition("${OutputBucket}")[2] if "Sub" in place else ""
                for action in listed(item["Action"]):
                    if path:
                        may.setdefault(action, set()).add(path)
        self.assertEqual(
            may,
            {
                "s3:GetObject": {"/jobs/*", "/slices/*"},
                "s3:PutObject": {"/jobs/*", "/slices/*", "/logs/*"},
                "s3:AbortMultipartUpload": {"/jobs/*", "/slices/*", "/logs/*"},
                "s3:DeleteObject": {"/slices/*"},
            },
        )

    def test_a_worker_writes_only_jobs_and_workers_and_reads_no_list(self):
        may = {}
        for item in statements("WorkerRole"):
            for action in listed(item["Action"]):
                if not action.startswith("dynamodb:"):
                    continue
                self.assertEqual(item["Resource"], {"Ref": "TableArn"}, "no index")
                ((operator, keys),) = item["Condition"].items()
                self.assertTrue(operator.startswith("ForAllValues:String"), operator)
                may.setdefault(action, set()).update(keys["dynamodb:LeadingKeys"])
        self.assertEqual(
            may,
            {
                "dynamodb:GetItem": {"job#*", "worker#*", "fleet"},
                "dynamodb:PutItem": {"job#*", "worker#*"},
                "dynamodb:Query": {"job#*", "worker#*"},
                "dynamodb:UpdateItem": {"job#*"},
            },
        )

    def test_instances_render_only_in_a_sandbox_unless_asked_otherwise(self):
        self.assertEqual(PARTS["fleet"]["Parameters"]["Sandbox"]["Default"], "required")

    def test_each_trigger_may_call_its_function_from_its_source_only(self):
        for name, properties in of_type("AWS::Lambda::Permission").items():
            self.assertIn("SourceArn", properties, name)
        called = {
            item["FunctionName"]["Ref"] for item in of_type("AWS::Lambda::Permission").values()
        }
        self.assertEqual(called, set(of_type("AWS::Lambda::Function")))


class Events(unittest.TestCase):
    def taken(self, rule):
        pattern = json.loads(
            json.dumps(RESOURCES[rule]["Properties"]["EventPattern"]).replace(
                '{"Ref": "SpotGroup"}', '"spotrender-group"'
            )
        )
        # Anyone may put events on the bus: the source is what AWS alone can set.
        for path in (ROOT / "events").glob("*.json"):
            self.assertFalse(matches(pattern, event(path.name) | {"source": "someone"}))
        return pattern, sorted(
            path.name
            for path in (ROOT / "events").glob("*.json")
            if matches(pattern, event(path.name))
        )

    def test_each_rule_takes_its_events_and_no_others(self):
        _, taken = self.taken("InterruptionRule")
        self.assertEqual(
            taken,
            [
                "rebalance-recommendation.json",
                "spot-interruption-hibernate.json",
                "spot-interruption-stop.json",
                "spot-interruption-warning.json",
            ],
        )
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
        _, taken = self.taken("LaunchFailureRule")
        self.assertEqual(taken, ["instance-launch-unsuccessful.json"])

    def test_the_scaler_ticks_each_minute(self):
        rules = {
            name: rule
            for name, rule in of_type("AWS::Events::Rule").items()
            if "ScheduleExpression" in rule
        }
        ((name, rule),) = rules.items()
        self.assertEqual(rule["ScheduleExpression"], "rate(1 minute)")
        self.assertEqual(
            [target["Arn"] for target in rule["Targets"]], [{"GetAtt": "FleetScaler.Arn"}], name
        )

    def test_the_upload_trigger_takes_scenes_and_projects(self):
        settings = RESOURCES["InputBucket"]["Properties"]["NotificationConfiguration"][
            "LambdaConfigurations"
        ]
        suffixes = [setting["Filter"]["S3Key"]["Rules"][0]["Value"] for setting in settings]
        self.assertEqual(suffixes, [".blend", ".zip", ".tar.gz", ".tgz", ".project"])
        record = event("s3-object-created.json")["Records"][0]
        self.assertTrue(record["s3"]["object"]["key"].endswith(suffixes[0]))
        self.assertEqual({setting["Event"] for setting in settings}, {"s3:ObjectCreated:*"})
        self.assertTrue(record["eventName"].startswith("ObjectCreated:"))


def settings_read(program):
    """By the program's main: its own variables, and those of each group of settings that it
    reads."""
    main = "".join(path.read_text() for path in (SOURCES / program).glob("*.swift"))
    settings = (SOURCES / "FarmOnAWS" / "Settings.swift").read_text()
    if "InstalledBlenders" in main:
        main += (SOURCES / "Blender" / "Session" / "InstalledBlenders.swift").read_text()
    if "WorkerEnvironment(" in main:
        main += (SOURCES / "Worker" / "WorkerEnvironment.swift").read_text()
    read = r'(?:environment|variables)\["(SPOTRENDER_[A-Z_]+)"\]'
    found, texts = set(re.findall(read, main)), [main]
    for text in texts:  # grows: groups of settings hold others
        for call, name in READERS.items():
            if call in text:
                body = settings.partition(f"struct {name}:")[2].partition("\npackage struct")[0]
                found |= set(re.findall(r"SPOTRENDER_[A-Z_]+", body))
                texts.append(body)
    return found


class Settings(unittest.TestCase):
    def test_each_function_is_told_what_its_program_reads_and_nothing_else(self):
        for name, program in PROGRAMS.items():
            told, read = (
                set(RESOURCES[name]["Properties"]["Environment"]["Variables"]),
                settings_read(program),
            )
            self.assertEqual(told, read, name)

    def test_workers_are_told_what_they_read_and_nothing_else(self):
        data = RESOURCES["WorkerTemplate"]["Properties"]["LaunchTemplateData"]
        told = set(re.findall(r"(SPOTRENDER_[A-Z_]+)=", data["UserData"]["Fn::Base64"]["Sub"]))
        # Nor where its Blenders are: the boot script puts them where it looks by itself.
        self.assertEqual(told | {"SPOTRENDER_BLENDER"}, settings_read("render-worker"))


class Parts(unittest.TestCase):
    def test_no_name_stands_in_two_parts(self):
        self.assertEqual(len(RESOURCES), sum(len(part["Resources"]) for part in PARTS.values()))

    def test_parameters_are_read_from_the_text_as_from_the_yaml(self):
        for part, content in PARTS.items():
            self.assertEqual(parameter_names(template(part)), list(content["Parameters"]), part)

    def test_a_parameter_means_the_same_in_each_part(self):
        first = {}
        for part in PARTS.values():
            for name, parameter in part["Parameters"].items():
                limits = {key: value for key, value in parameter.items() if key != "Description"}
                self.assertEqual(first.setdefault(name, limits), limits, name)

    def test_what_has_no_default_comes_from_an_earlier_part_or_from_deploying(self):
        known = {"Stack", *deploy.CODE}
        for part, content in PARTS.items():
            for name, parameter in content["Parameters"].items():
                self.assertTrue("Default" in parameter or name in known, f"{part}: {name}")
            known |= set(content.get("Outputs", {}))

    def test_a_template_can_be_sent_as_it_is(self):
        for part in PARTS:
            self.assertLess(len(template(part).encode()), 51_200, part)  # CloudFormation's most


class Storage(unittest.TestCase):
    def test_buckets_are_private_and_encrypted(self):
        for name, properties in of_type("AWS::S3::Bucket").items():
            self.assertEqual(
                set(properties["PublicAccessBlockConfiguration"].values()), {True}, name
            )
            self.assertIn("BucketEncryption", properties, name)
            policy = RESOURCES[f"{name}Policy"]["Properties"]["PolicyDocument"]["Statement"][0]
            self.assertEqual(
                (policy["Effect"], policy["Principal"], policy["Action"]),
                ("Deny", "*", "s3:*"),
                name,
            )
            self.assertEqual(policy["Condition"], {"Bool": {"aws:SecureTransport": "false"}}, name)

    def test_logs_and_slices_do_not_stay_for_ever_and_frames_do(self):
        rules = RESOURCES["OutputBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
        self.assertEqual(
            {rule["Prefix"] for rule in rules if "ExpirationInDays" in rule}, {"logs/", "slices/"}
        )

    def test_interruptions_do_not_send_messages_to_the_dead_letter_queue(self):
        queue = RESOURCES["Queue"]["Properties"]
        self.assertGreaterEqual(queue["RedrivePolicy"]["maxReceiveCount"], 50)
        self.assertEqual(queue["VisibilityTimeout"], {"Ref": "LeaseSeconds"})

    def test_logs_do_not_stay_for_ever(self):
        groups = of_type("AWS::Logs::LogGroup")
        self.assertEqual(len(groups), len(of_type("AWS::Lambda::Function")) + 1, "the workers'")
        for name, properties in groups.items():
            self.assertIn("RetentionInDays", properties, name)


class Fleet(unittest.TestCase):
    def test_capacity_is_spot_where_it_is_least_likely_to_be_taken(self):
        # Auto Scaling's defaults are 100 % On-Demand and lowest-price.
        distribution = RESOURCES["SpotGroup"]["Properties"]["MixedInstancesPolicy"][
            "InstancesDistribution"
        ]
        self.assertEqual(distribution["OnDemandBaseCapacity"], 0)
        self.assertEqual(distribution["OnDemandPercentageAboveBaseCapacity"], 0)
        self.assertEqual(distribution["SpotAllocationStrategy"], "price-capacity-optimized")

    def test_on_demand_is_nothing_else(self):
        distribution = RESOURCES["OnDemandGroup"]["Properties"]["MixedInstancesPolicy"][
            "InstancesDistribution"
        ]
        self.assertEqual(distribution["OnDemandPercentageAboveBaseCapacity"], 100)

    def test_a_spot_instance_at_risk_is_replaced_before_it_is_gone(self):
        self.assertIs(RESOURCES["SpotGroup"]["Properties"]["CapacityRebalance"], True)

    def test_the_scaler_alone_ends_and_begins_instances(self):
        for name, group in of_type("AWS::AutoScaling::AutoScalingGroup").items():
            self.assertNotIn("DesiredCapacity", group, name)
            self.assertTrue(group["NewInstancesProtectedFromScaleIn"], name)

    def test_each_group_gives_back_its_tasks_before_an_instance_ends(self):
        hooked = [
            hook["AutoScalingGroupName"]["Ref"]
            for hook in of_type("AWS::AutoScaling::LifecycleHook").values()
        ]
        self.assertEqual(sorted(hooked), sorted(of_type("AWS::AutoScaling::AutoScalingGroup")))

    def test_instances_answer_metadata_to_their_own_programs_only(self):
        data = RESOURCES["WorkerTemplate"]["Properties"]["LaunchTemplateData"]
        self.assertEqual(data["MetadataOptions"]["HttpTokens"], "required")
        self.assertEqual(data["MetadataOptions"]["HttpPutResponseHopLimit"], 1)
        self.assertNotIn("SecurityGroupIngress", RESOURCES["WorkerSecurityGroup"]["Properties"])

    def test_instances_and_their_disks_are_encrypted_and_carry_the_farms_name(self):
        data = RESOURCES["WorkerTemplate"]["Properties"]["LaunchTemplateData"]
        for disk in (item["Ebs"] for item in data["BlockDeviceMappings"]):
            self.assertEqual(
                (disk["VolumeType"], disk["Encrypted"], disk["DeleteOnTermination"]),
                ("gp3", True, True),
            )
        for tagged in data["TagSpecifications"]:
            self.assertIn({"Key": "spotrender:stack", "Value": {"Ref": "Stack"}}, tagged["Tags"])
        self.assertEqual(
            {tagged["ResourceType"] for tagged in data["TagSpecifications"]}, {"instance", "volume"}
        )

    def test_a_network_of_the_farms_own_reaches_storage_without_a_gateway_that_costs(self):
        endpoints = of_type("AWS::EC2::VPCEndpoint").values()
        self.assertEqual({endpoint["VpcEndpointType"] for endpoint in endpoints}, {"Gateway"})
        self.assertEqual(
            {endpoint["ServiceName"]["Sub"].rpartition(".")[2] for endpoint in endpoints},
            {"s3", "dynamodb"},
        )
        self.assertFalse(of_type("AWS::EC2::NatGateway"))

    def test_functions_are_plain_programs_of_the_architecture_that_is_asked_for(self):
        for name, function in of_type("AWS::Lambda::Function").items():
            self.assertEqual(
                (function["Runtime"], function["Handler"], function["Architectures"]),
                ("provided.al2023", "bootstrap", [{"Ref": "Architecture"}]),
                name,
            )


class Watching(unittest.TestCase):
    PUBLISHED = SOURCES / "Farm/Fleet/FleetMetrics.swift"

    def test_what_is_drawn_is_published_and_the_other_way_round(self):
        published = set(re.findall(r'case \w+ = "(\w+)"', self.PUBLISHED.read_text()))
        body = json.loads(
            re.sub(
                r"\$\{.*?\}", "value", RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Sub"]
            )
        )
        drawn = {
            metric[1]
            for widget in body["widgets"]
            for metric in widget["properties"]["metrics"]
            if metric[0] == "Spotrender"
        }
        self.assertEqual(drawn, published)

    def test_every_alarm_tells_the_topic_of_something_that_is_published(self):
        published = self.PUBLISHED.read_text()
        for name, alarm in of_type("AWS::CloudWatch::Alarm").items():
            self.assertEqual(alarm["AlarmActions"], [{"Ref": "Notices"}], name)
            if alarm["Namespace"] == "Spotrender":
                self.assertIn(f'= "{alarm["MetricName"]}"', published, name)


class RecordedPrices(unittest.TestCase):
    NOW = 1_800_000_000

    def setUp(self):
        self.prices = Prices(INFRA / "local" / "spot-prices.csv", self.NOW)

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
