"""Lists the AWS actions that a program may call, from the Swift sources.

It walks the calls from a program's main down to the functions that name an AWS operation.
`queue.send(…)` leads to `send` of the types that a `queue` is declared as, and of the types that
conform to them. A call on something undeclared leads to every function of that name in the types
that the code mentions so far, except for services and the adapters of the ports. The walk may find
more than is ever called. It finds everything as long as services and ports are called through
declared names (`sqs.`, `jobs.`), which is the case here. The end-to-end tests enforce the roles and
would notice a missing action.

    calls.py PROGRAM        prints the actions, each with its path of calls
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

import botocore.session

SOURCES = Path(__file__).resolve().parent.parent / "Sources"
SERVICES = {
    "S3": "s3",
    "SQS": "sqs",
    "SNS": "sns",
    "DynamoDB": "dynamodb",
    "EC2": "ec2",
    "AutoScaling": "autoscaling",
    "STS": "sts",
}
# A transaction is allowed by its parts.
PARTS = {
    "put": "PutItem",
    "update": "UpdateItem",
    "delete": "DeleteItem",
    "check": "ConditionCheckItem",
}
PROGRAMS = {
    "job-splitter": ["Handlers"],
    "spot-interruption-handler": ["Handlers"],
    "fleet-scaler": ["Handlers"],
    "render-worker": ["Worker", "Blender"],
}
BELOW = ["Operations", "Inspection", "Farm", "FarmOnAWS", "AWS"]

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
TYPE = re.compile(
    r"\b(?:struct|enum|class|actor|extension|protocol)\s+([A-Z][\w.]*)(?:<[^>{]*>)?\s*(?::\s*([^{]*?))?\s*(?:where[^{]*)?\{"
)
FUNCTION = re.compile(r"\b(?:func\s+(\w+)|(init)\b|var\s+(\w+)\s*:[^={\n]+(?=\{))[^{}]*\{")
DECLARED = re.compile(
    r"\b(\w+)\s*:\s*(?:inout\s+)?(?:any\s+|some\s+)?([A-Z]\w*(?:\s*&\s*[A-Z]\w*)*)"
)
MADE = re.compile(r"\b(?:let|var)\s+(\w+)\s*=\s*(?:try\s+)?(?:await\s+)?([A-Z]\w*)\(")
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[A-Za-z_]\w*|\S')
NAMED = re.compile(r"\b[A-Z]\w*")
OPERATION = re.compile(r'"((?:s3:)?[A-Z]\w+)"|"(s3:\w+)"')
KEYWORDS = {"case", "return", "throw", "in", "where", "is", "as", "try", "await", "else"}
IMPLICIT = ("(", ",", ":", "=", "{", "[", "&", "|")
WRITE = re.compile(r"(?:Write|append\()\.(put|update|delete|check)\(")


class Function:
    """Or an initializer, or a computed property, which is called without parentheses."""

    def __init__(self, owner, name, is_property, body, path):
        self.owner, self.name, self.is_property, self.body, self.path = (
            owner,
            name,
            is_property,
            body,
            path,
        )
        self.calls = set(calls(body))


def calls(body):
    """(what it is called on, or None; whether that is an expression; the name; whether it may be a
    property)"""
    tokens = TOKEN.findall(body)
    for place, token in enumerate(tokens):
        if not token[0].islower():
            continue
        following = tokens[place + 1] if place + 1 < len(tokens) else ""
        before = place - 1
        if before < 0 or tokens[before] != ".":
            yield None, False, token, following not in "({"
            continue
        before -= 1
        while before >= 0 and tokens[before] in "?!":
            before -= 1
        receiver = tokens[before] if before >= 0 else ""
        is_implicit = receiver in KEYWORDS or receiver[-1:] in IMPLICIT
        if is_implicit and (following not in "({" or token == "init"):
            continue  # `.interruption` with no value before it is an enum's case and calls nothing
        is_name = receiver[:1].isalpha()
        yield receiver if is_name else None, not is_name, token, following not in "({"


def closing(text, opening):
    depth = 0
    for place in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return len(text)


class Code:
    def __init__(self, folders):
        self.functions = defaultdict(list)  # by name
        self.declared = defaultdict(set)  # types, by the name of what has them
        self.conformers = defaultdict(set)  # types, by protocol
        self.headers = defaultdict(str)  # what stands in a type and in no function, by type
        for folder in folders:
            for path in sorted((SOURCES / folder).rglob("*.swift")):
                self.read(path)

    def read(self, path):
        text = COMMENT.sub("", path.read_text())
        for found in DECLARED.finditer(text):
            self.declared[found[1]] |= set(NAMED.findall(found[2]))
        for found in MADE.finditer(text):
            self.declared[found[1]].add(found[2])
        types = [
            (
                found.start(),
                closing(text, found.end() - 1),
                found[1].rpartition(".")[2],
                found[2] or "",
            )
            for found in TYPE.finditer(text)
        ]
        for _, _, name, conforms in types:
            for protocol in NAMED.findall(conforms):
                self.conformers[protocol].add(name)
        inside = []
        for found in FUNCTION.finditer(text):
            opening = found.end() - 1
            end = closing(text, opening)
            owners = [kind for kind in types if kind[0] < found.start() < kind[1]]
            owner = max(owners)[2] if owners else None
            name = found[1] or found[2] or found[3]
            self.functions[name].append(
                Function(owner, name, found[3] is not None, text[found.start() : end], path)
            )
            inside.append((found.start(), end))
        for start, end, name, _ in types:
            places = sorted(place for place in inside if start < place[0] < end)
            rest, at = "", start
            for first, last in places:
                rest, at = rest + text[at : max(at, first)], max(at, last)
            self.headers[name] += rest + text[at:end]


def actions(program):
    """IAM's names, each with the functions that lead to it."""
    code = Code([program, *PROGRAMS[program], *BELOW])
    models = {
        service: set(botocore.session.get_session().get_service_model(prefix).operation_names)
        for service, prefix in SERVICES.items()
    }
    start = [
        function
        for named in code.functions.values()
        for function in named
        if function.path.parent.name == program
    ]
    came, waiting = {id(function): None for function in start}, list(start)
    walked, live, found = [], set(), {}

    def meet(function, caller):
        if id(function) not in came:
            came[id(function)] = caller
            waiting.append(function)

    def way(function):
        names = []
        while function is not None:
            names.append(f"{function.owner}.{function.name}")
            function = came[id(function)]
        return " < ".join(names)

    def enliven(text):
        for name in set(NAMED.findall(text)) - live:
            live.add(name)
            enliven(code.headers[name])

    def targets(function, receiver, is_chained, name):
        candidates = code.functions.get(name, [])
        if receiver == "self" or (receiver is None and not is_chained):
            # A protocol's extension calls what the conforming types have, and the other way round.
            kin = {function.owner, *code.conformers[function.owner]}
            kin |= {
                protocol
                for protocol, conforming in code.conformers.items()
                if function.owner in conforming
            }
            own = [other for other in candidates if other.owner in kin]
            return own or [other for other in candidates if other.owner is None]
        if receiver and receiver[0].isupper():
            return [other for other in candidates if other.owner == receiver]
        kinds = code.declared.get(receiver, set()) & (code.headers.keys() | code.conformers.keys())
        kinds = {
            kind for protocol in kinds for kind in {protocol, *code.conformers.get(protocol, ())}
        }
        if any(other.owner in kinds for other in candidates):
            return [other for other in candidates if other.owner in kinds]
        return [
            other
            for other in candidates
            if other.owner not in SERVICES and "FarmOnAWS" not in other.path.parts
        ]

    while True:
        size = (len(came), len(live))
        walked += waiting
        waiting.clear()
        for function in list(walked):
            enliven(function.body)
            for receiver, is_chained, name, is_property in function.calls:
                for other in targets(function, receiver, is_chained, name):
                    if other.is_property == is_property and (
                        other.owner is None or other.owner in live
                    ):
                        meet(other, function)
            for made in set(re.findall(r"\b([A-Z]\w*)\(", function.body)):
                for other in code.functions["init"]:
                    if other.owner == made:
                        meet(other, function)
        if (len(came), len(live)) == size:
            break
    for function in walked:
        if function.owner in SERVICES:
            for literal, literal_s3 in OPERATION.findall(function.body):
                operation = literal_s3 or literal
                prefix = SERVICES[function.owner]
                if operation.startswith("s3:"):
                    found.setdefault(operation, way(function))
                elif (
                    operation in models[function.owner]
                    and function.owner != "S3"
                    and operation != "TransactWriteItems"
                ):
                    name = operation.removesuffix("Batch") if prefix == "sqs" else operation
                    found.setdefault(f"{prefix}:{name}", way(function))
        for part in WRITE.findall(function.body):
            found.setdefault(f"dynamodb:{PARTS[part]}", way(function))
    return found


if __name__ == "__main__":
    for action, by in sorted(actions(sys.argv[1]).items()):
        print(f"{action:<45} {by}")
