"""Each sort of demand that a schema can make, those included that no schema makes today."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import pytest

from generator.diagnostics import in_order
from generator.installed import schema_folder
from generator.load.conformity import conformity
from generator.load.lines import Source
from generator.load.positions import Positions
from generator.load.reader import read
from generator.load.schema import SCHEMAS, Schema, schema_of
from generator.report.text import text

HERE = Path(__file__).parent

SCHEMA = {
    "properties": {
        "share": {"anyOf": [{"type": "integer"}, {"description": "A percentage. More.", "type": "string"}]},
        "one": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
        "labels": {"propertyNames": {"description": "A label's key.", "pattern": "^[a-z]+$"}},
        "from": {"format": "date-time"},
        "even": {"multipleOf": 2, "exclusiveMinimum": 0},
        "never": False,
        "both": {"dependentRequired": {"key": ["certificate"]}},
        "list": {"contains": {"const": 1}, "description": "A list with a one in it."},
        "closed": {"unevaluatedProperties": False, "properties": {"known": True}},
        "few": {"maxProperties": 1, "minProperties": 1},
        "items": {"uniqueItems": True, "maxItems": 6},
        "switch": {"enum": [1, True, None, "one"]},
        "count": {"type": ["integer", "null"]},
    },
}

DATA = b"""
share: [half]
one: 1
labels: {Key: a, fine: b}
from: yesterday
even: -3
never: 1
both: {key: a}
list: [2, 3]
closed: {knwon: 1}
few: {a: 1, b: 2}
items: [1, 1.0, true, {a: [1]}, {a: [1.0]}, 2, [2]]
switch: on
count: several
"""


def test_every_sort_of_demand_has_its_sentence(expect: Callable[[Path, str], None]) -> None:
    source = json.dumps(SCHEMA, indent=2)
    positions = Positions(Source("schemas/any.schema.json", source))
    schema = Schema(SCHEMA, jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True), positions)
    reading = read("any.yaml", DATA)
    assert reading.diagnostics == ()
    found = conformity(reading.data, schema, reading.positions, reading.integral)
    expect(HERE / "reports" / "every-sort-of-demand.txt", text(in_order(diagnostic for _, _, diagnostic in found)))


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_schema_of_each_kind_is_found_and_says_where_it_stands(kind: str) -> None:
    schema = schema_of(kind)
    assert schema.data["properties"]["kind"]["const"] == kind
    place = schema.locate(("properties", "kind", "const"))
    assert place.path == f"schemas/{SCHEMAS[kind]}.schema.json"
    lines = (schema_folder() / f"{SCHEMAS[kind]}.schema.json").read_text(encoding="utf-8").splitlines()
    assert f'"const": "{kind}"' in lines[place.line - 1]


def test_colours_change_nothing_but_the_colour() -> None:
    reading = read("x.yaml", b"a: 010\nb: 1\nb: 2\n")
    plain, painted = text(reading.diagnostics), text(reading.diagnostics, color=True)
    assert painted != plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain
    assert text(()) == ""
