"""The contracts of custom resources: what is rendered keeps them, and what keeps them upstream accepts.

Upstream's definitions are not part of this repository: they are looked for beside the checkout.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from generator.check.contracts import contract
from generator.check.fields import field
from generator.check.schemas import api
from generator.pipeline import output
from tests.check.sound import unsound
from tests.conftest import REPOSITORY

CONTRACTS = REPOSITORY / "schemas" / "crds"
UPSTREAM = REPOSITORY.parent / "shared" / "crds"
FILES = sorted(CONTRACTS.glob("*/*.json"))
FLEETS = ["", "tests/fleets/small"]


def name(file: Path) -> str:
    return file.relative_to(CONTRACTS).as_posix()


def closed(file: Path) -> dict[str, Any]:
    """Upstream's definition of the contract's kind, its root closed as the API server closes it."""
    where = UPSTREAM / file.relative_to(CONTRACTS)
    if not UPSTREAM.is_dir():
        pytest.skip(f"upstream's definitions of custom resources are not in {UPSTREAM}")
    if not where.is_file():
        pytest.skip(f"upstream's definition of {name(file)} is not in {UPSTREAM}")
    schema = json.loads(where.read_bytes())
    known = {"apiVersion": True, "kind": True, "metadata": True, **schema.get("properties", {})}
    return {**schema, "properties": known, "additionalProperties": False}


@cache
def rendered(fleet: str) -> list[dict[str, Any]]:
    """Every object that a fleet renders."""
    tree = output.render(REPOSITORY / fleet).tree
    assert tree is not None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [body for content in tree.files.values() for body in yaml.load_all(content, Loader=loader) if body]


def of_contract(file: Path, fleet: str) -> list[dict[str, Any]]:
    about = json.loads(file.read_bytes())["properties"]
    wanted = (about["apiVersion"]["const"], about["kind"]["const"])
    return [body for body in rendered(fleet) if (body["apiVersion"], body["kind"]) == wanted]


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_contract_is_found_by_its_kind_and_says_what_it_is(file: Path) -> None:
    data = json.loads(file.read_bytes())
    about = data["properties"]
    found = contract(about["apiVersion"]["const"], about["kind"]["const"])
    assert found is not None
    assert found.data == data
    group, _, version = about["apiVersion"]["const"].rpartition("/")
    assert name(file) == f"{group}/{about['kind']['const'].lower()}_{version}.json"
    jsonschema_rs.meta.validate(data)
    assert file.read_text(encoding="utf-8") == json.dumps(data, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("file", FILES, ids=name)
def test_every_object_of_a_contract_is_closed_and_every_field_described(file: Path) -> None:
    data = json.loads(file.read_bytes())
    for place, schema in walk(data, data["title"]):
        if "properties" in schema:
            assert schema["additionalProperties"] is False, place
            for key, value in schema["properties"].items():
                assert "$ref" in value or value.get("description"), f"{place}.{key}"
        if schema.get("type") == "object" and "properties" not in schema:
            assert "additionalProperties" in schema, place


def walk(schema: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield place, schema
    for key in ("properties", "$defs"):
        for inner, value in schema.get(key, {}).items():
            yield from walk(value, f"{place}.{inner}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from walk(schema[key], f"{place}.{key}")


def test_only_what_is_spelt_like_a_kind_is_looked_up() -> None:
    assert contract("argoproj.io/v1alpha1", "Rollout") is not None
    for odd in (
        ("argoproj.io/v1alpha1", "rollout"),
        ("argoproj.io/v1", "Rollout"),
        ("../crds/argoproj.io/v1alpha1", "Rollout"),
    ):
        assert contract(*odd) is None


@pytest.mark.parametrize("fleet", FLEETS)
def test_every_rendered_object_keeps_its_contract(fleet: str) -> None:
    faults = []
    for body in rendered(fleet):
        found = contract(body["apiVersion"], body["kind"])
        if found is not None:
            faults += [
                f"{body['kind']} {body['metadata']['name']}: {'/'.join(map(str, error.instance_path))}: {error.message}"
                for error in found.validator.iter_errors(body)
            ]
    assert not faults


WITHOUT: set[tuple[str, str]] = set()
"""Kinds that are rendered and have no contract yet (apiVersion, kind)."""


@pytest.mark.parametrize("fleet", FLEETS)
def test_every_rendered_kind_is_checked(fleet: str) -> None:
    core = {group for version in ("1.33", "1.34") if (found := api(version)) for group in found.groups}
    kinds = {(body["apiVersion"], body["kind"]) for body in rendered(fleet)}
    custom = {kind for kind in kinds if kind[0].rpartition("/")[0] not in core}
    assert custom
    assert {kind for kind in custom if contract(*kind) is None} <= WITHOUT


@pytest.mark.parametrize("file", FILES, ids=name)
def test_what_a_contract_accepts_upstream_accepts(file: Path) -> None:
    upstream = closed(file)
    data = json.loads(file.read_bytes())
    assert not [str(fault) for fault in unsound(data, upstream, data)]


@pytest.mark.parametrize("file", FILES, ids=name)
def test_changed_objects_that_a_contract_accepts_upstream_accepts(file: Path) -> None:
    """Every rendered shape, with each value left out, emptied, doubled or replaced."""
    upstream = jsonschema_rs.validator_for(closed(file))
    data = json.loads(file.read_bytes())
    agreed = jsonschema_rs.Draft202012Validator(data)
    shapes: dict[str, dict[str, Any]] = {}
    for fleet in FLEETS:
        for body in of_contract(file, fleet):
            shapes.setdefault(json.dumps(shape(body), sort_keys=True), body)
    accepted = 0
    for body in list(shapes.values())[:12]:
        for changed in changes(body):
            if agreed.is_valid(changed):
                accepted += 1
                assert upstream.is_valid(changed), changed
    assert accepted or not shapes


def shape(value: Any) -> Any:
    """The fields of an object without their values."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value).__name__


ACTS: list[Any] = ["without", "", "*", "Hostname", 0, -1, 70000, 2.5, True, None, [], {}, "x" * 300, ["x"], "twice"]


def changes(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in paths(body):
        for act in ACTS:
            changed = copy.deepcopy(body)
            parent: Any = field(changed, *path[:-1])
            if act == "without":
                del parent[path[-1]]
            elif act == "twice":
                if not isinstance(parent, list):
                    continue
                parent.append(copy.deepcopy(parent[path[-1]]))
            else:
                parent[path[-1]] = act
            yield changed


def paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner: Iterable[tuple[Any, Any]] = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, below in inner:
        if (*above, step) not in {("metadata",), ("apiVersion",), ("kind",)}:
            yield (*above, step)
            yield from paths(below, (*above, step))


BEYOND_SHAPE = [
    ("networking.istio.io/v1", "DestinationRule", {"trafficPolicy": {"outlierDetection": {"interval": "0s"}}}),
    ("networking.istio.io/v1", "ServiceEntry", {"ports": [{"number": 0, "name": "x"}]}),
    ("networking.istio.io/v1", "ServiceEntry", {"hosts": ["*"]}),
    ("security.istio.io/v1", "RequestAuthentication", {"jwtRules": [{"issuer": "x", "jwksUri": "ftp://x/y"}]}),
    ("security.istio.io/v1", "AuthorizationPolicy", {"selector": {"matchLabels": {"app": "a*"}}}),
    ("gateway.networking.k8s.io/v1", "Gateway", {"listeners": [{"name": "x", "port": 443, "protocol": "HTTPS"}]}),
]
"""What upstream demands by rules in CEL, which a schema cannot be compared with."""


@pytest.mark.parametrize(("api_version", "kind", "changed"), BEYOND_SHAPE)
def test_contracts_refuse_what_upstreams_rules_refuse(api_version: str, kind: str, changed: dict[str, Any]) -> None:
    found = contract(api_version, kind)
    assert found is not None
    body = next(body for body in rendered("") if (body["apiVersion"], body["kind"]) == (api_version, kind))
    assert found.validator.is_valid(body)
    assert not found.validator.is_valid({**body, "spec": {**body["spec"], **changed}})


def test_the_comparison_sees_what_is_wider_than_upstream() -> None:
    upstream = {
        "type": "object",
        "additionalProperties": False,
        "required": ["a"],
        "properties": {
            "a": {"type": "string", "enum": ["x", "y"]},
            "b": {"type": "integer", "minimum": 1, "maximum": 9},
            "c": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5},
            "d": {"type": "array", "maxItems": 2, "items": {"type": "string"}},
            "e": {"oneOf": [{"required": ["p"]}, {"required": ["q"]}], "properties": {"p": {}, "q": {}}},
        },
    }
    ours = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "a": {"enum": ["x", "z"]},
            "b": {"type": "integer", "minimum": 0},
            "c": {"type": "string", "pattern": "^[A-Z]+$"},
            "d": {"type": "array", "items": {"type": "integer"}},
            "e": {"type": "object", "additionalProperties": False, "properties": {"p": {}, "q": {}}},
            "f": {},
        },
    }
    said = [str(fault) for fault in unsound(ours, upstream, ours)]
    assert [re.sub(r":.*", "", line) for line in said] == ["", "a", "b", "b", "c", "c", "d", "d[]", "e", "f"], said
