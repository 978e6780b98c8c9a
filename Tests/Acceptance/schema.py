"""Checks JSON documents against the published schemas in docs/schema."""

import functools
import json
from datetime import datetime
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

SCHEMAS = Path(__file__).resolve().parents[2] / "docs/schema"

# The schema of each command's document, as docs/json.md lists them.
SCHEMA_OF = {
    "inspect": "inspection",
    "estimate": "estimate",
    "submit": "submission",
    "watch": "job",
    "cancel": "job",
    "pause": "job",
    "resume": "job",
    "retry": "job",
    "jobs": "jobs",
    "logs": "log",
    "download": "download",
    "fleet": "fleet",
    "workers": "workers",
    "drain": "worker",
    "report": "report",
    "local up": "local-up",
    "local down": "local-down",
    "local run": "local-run",
    "local instances": "local-instances",
    "local interrupt": "local-interruption",
    "local refuse": "local-shortage",
}

formats = FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def is_date_time(value):
    """ISO 8601 in UTC, as in 2026-11-21T09:35:00Z."""
    if isinstance(value, str):
        datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ")
    return True


@functools.cache
def registry():
    resources = []
    for path in SCHEMAS.glob("*.schema.json"):
        schema = json.loads(path.read_text())
        Draft202012Validator.check_schema(schema)
        resources.append((path.name, Resource.from_contents(schema)))
    return Registry().with_resources(resources)


def check_schema(name, text):
    """Returns the document in `text`, which must fit docs/schema/NAME.schema.json."""
    document = json.loads(text)
    schema = registry().contents(f"{name}.schema.json")
    validator = Draft202012Validator(schema, registry=registry(), format_checker=formats)
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]
    if errors:
        raise AssertionError(f"The document does not fit {name}.schema.json: {errors[:5]}")
    return document


def check_answer(arguments, text):
    """Returns the document that the command line printed for `arguments` with --json."""
    words = [str(word) for word in arguments]
    if words[0] == "status":
        names_job = len(words) > 1 and not words[1].startswith("-")
        return check_schema("status" if names_job else "jobs", text)
    if words[0] == "submit" and "--watch" in words:
        return check_schema("job", text)
    command = " ".join(words[:2]) if words[0] == "local" else words[0]
    return check_schema(SCHEMA_OF[command], text)
