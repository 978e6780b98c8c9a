"""Checks JSON documents against the published schemas in docs/schema."""

import functools
import json
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

SCHEMAS = Path(__file__).resolve().parent.parent.parent / "docs/schema"

formats = FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def is_date_time(value):
    """ISO 8601 in UTC, as in 2026-11-21T09:35:00Z."""
    if isinstance(value, str):
        from datetime import datetime

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
