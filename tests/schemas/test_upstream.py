"""Real definitions: what the templates render is accepted by what an import makes of upstream's own schemas.

Upstream's definitions are not part of this repository: they are looked for beside the checkout.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.check.contracts import compiled
from generator.check.definitions import Source, imported
from tests.check.test_contracts import FILES, UPSTREAM, name, of_contract
from tests.schemas.test_import import CLOSED


def definition(group: str, kind: str, version: str, schema: Any) -> bytes:
    versions = [{"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}]
    return json.dumps(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "spec": {"group": group, "names": {"kind": kind}, "versions": versions},
        }
    ).encode()


@pytest.mark.parametrize("file", FILES, ids=name)
def test_what_is_rendered_is_accepted_by_the_imported_definition(file: Any) -> None:
    upstream = UPSTREAM / file.parent.name / file.name
    if not upstream.is_file():
        pytest.skip(f"upstream's definition of {name(file)} is not in {UPSTREAM}")
    about = json.loads(file.read_bytes())["properties"]
    group, _, version = about["apiVersion"]["const"].rpartition("/")
    kind = about["kind"]["const"]
    text = definition(group, kind, version, json.loads(upstream.read_bytes()))
    (made,), faults = imported([Source("x", "x", text)])
    assert faults == ()
    assert made.path == name(file)
    validator = compiled(json.loads(made.text))
    for body in of_contract(file, "tests/fleets/small"):
        assert [
            f"{'/'.join(map(str, each.instance_path))}: {each.message}" for each in validator.iter_errors(body)
        ] == []


KEYS = ["type", "properties", "items", "anyOf", "not", "enum", "required", "pattern", "additionalProperties", "$ref",
        "nullable", "minimum", "exclusiveMinimum", "x-kubernetes-int-or-string", "x-kubernetes-embedded-resource",
        "default", "name", "served", "schema", "openAPIV3Schema"]  # fmt: skip
VALUES: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["object", "string", "v1", "$ref"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)


@given(VALUES)
@settings(max_examples=300, deadline=None)
def test_no_schema_whatever_it_is_stops_the_import(schema: Any) -> None:
    made, faults = imported([Source("x", "x", definition("example.com", "Widget", "v1", schema))])
    assert len(made) + len(faults) == 1
    for each in made:
        compiled(json.loads(each.text))


@given(VALUES)
@settings(max_examples=150, deadline=None)
def test_no_definition_whatever_it_is_stops_the_import(value: Any) -> None:
    whole = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": value}
    for data in (value, whole, {**whole, "spec": {"group": "a.b", "names": {"kind": "A"}, "versions": value}}):
        imported([Source("x", "x", json.dumps(data).encode())])
    imported([Source("x", "x", json.dumps(value).encode() + CLOSED.read_bytes())])
