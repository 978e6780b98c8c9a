"""The published examples fit their schemas, and a key too many or too few does not."""

import json
import unittest

from schema import SCHEMAS, check_schema


class SchemaTest(unittest.TestCase):
    def test_examples_fit(self):
        names = {path.name.removesuffix(".schema.json") for path in SCHEMAS.glob("*.schema.json")}
        examples = {path.stem: path for path in (SCHEMAS / "examples").glob("*.json")}
        self.assertEqual(names - {"common"}, set(examples))
        for name, path in examples.items():
            with self.subTest(name):
                check_schema(name, path.read_text())

    def test_schemas_are_strict(self):
        for path in (SCHEMAS / "examples").glob("*.json"):
            example = json.loads(path.read_text())
            with self.subTest(path.stem):
                with self.assertRaises(AssertionError):
                    check_schema(path.stem, json.dumps({**example, "surplus": 1}))
                del example["schemaVersion"]
                with self.assertRaises(AssertionError):
                    check_schema(path.stem, json.dumps(example))

    def test_times_are_in_utc(self):
        example = json.loads((SCHEMAS / "examples/job.json").read_text())
        with self.assertRaises(AssertionError):
            check_schema("job", json.dumps({**example, "created": "2026-11-21T08:00:00+01:00"}))


if __name__ == "__main__":
    unittest.main()
