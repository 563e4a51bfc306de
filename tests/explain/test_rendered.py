"""What `explain` says of rendered fields holds: the template's line wrote it, and it follows the inputs' lines."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from generator.check.objects import read
from generator.model.explanation import Explained, Puzzled, Reached
from generator.model.paths import at, pointer_to
from generator.pipeline import explaining, inputs
from generator.pipeline.explaining.objects import templates_of
from generator.pipeline.inputs import fleet_of
from generator.render import Side, everything, render_part
from tests.conftest import REPOSITORY
from tests.explain.changes import changed
from tests.fleets import SMALL, small_fleet

ASKED = (
    ("acme", "Rollout/api", "spec.template.spec.containers[name=api]"),
    ("acme", "ResourceQuota/tenant", "spec"),
    ("fjordlys", "VirtualService/tenant", "spec.hosts"),
    ("bluewater", "Namespace/tenant-bluewater", "metadata"),
)
"""Objects of different platforms, tiers, providers and templates."""
EACH = 3
"""How many lines of each are tried; the seed is fixed, so that a change fails for what it did."""


@pytest.fixture(scope="module")
def validated() -> inputs.Validated:
    return inputs.validate(REPOSITORY)


@pytest.mark.parametrize(("tenant", "name", "field"), ASKED)
def test_a_rendered_field_follows_the_lines_named(
    validated: inputs.Validated, tenant: str, name: str, field: str
) -> None:
    found = explaining.explain(REPOSITORY, validated, tenant, name, field)
    assert isinstance(found, Explained), found
    templates = templates_of(REPOSITORY)
    assert templates is not None
    claims = [(each, line) for each in found.fields for line in each.lines if line.instead is not None]
    assert claims
    for each, line in random.Random(name).sample(claims, min(EACH, len(claims))):
        assert each.location is not None
        before = (REPOSITORY / each.location.path).read_bytes()
        fleet = fleet_of(changed(validated.documents, [(line.said.location, line.instead)]))[0]
        assert fleet is not None
        # No other cell's files are looked at, and all cells are a dozen times as many.
        cell = each.location.path.split("/")[1]
        work = [each for each in everything(Side(fleet, templates)) if each.subject.words["cluster"] == cell]
        after = _file(render_part(work, templates)[0].files, each.location.path, tenant)
        kind, _, own = found.subject.partition(" ")
        assert _value(before, kind, own, each.path) == each.value
        assert _value(after, kind, own, each.path) == line.became != each.value


def _file(files: Any, path: str, tenant: str) -> bytes:
    """The file of the same place; its folder is another where the tenant's name is what was changed."""
    path = path.removeprefix("rendered/")
    if path in files:
        return bytes(files[path])
    head, _, tail = path.partition(f"/{tenant}/")
    return bytes(next(body for each, body in files.items() if each.startswith(head) and each.endswith(f"x/{tail}")))


def _value(body: bytes, kind: str, own: str, path: str) -> Any:
    objects = [each for each in read("", body).objects if each.kind == kind]
    name = own.rpartition("/")[2]
    data = next((each.data for each in objects if each.name == name), objects[0].data)
    return at(data, pointer_to(data, path))


def test_what_is_behind_a_value_reaches_it() -> None:
    validated = inputs.validate(SMALL)
    behind = explaining.explain(SMALL, validated, "anvil", "limits.cpu", "", "north-1")
    rendered = explaining.explain(SMALL, validated, "anvil", "ResourceQuota/tenant", "spec.hard.pods", "north-1")
    assert isinstance(behind, Explained), behind
    assert isinstance(rendered, Explained), rendered
    (limit,), (pods,) = behind.fields, rendered.fields
    for line in limit.lines:
        assert ("anvil", "north-1", "limits.cpu") in _reached(SMALL, validated, line.said.location).fields
    assert pods.lines
    for line in pods.lines[:2]:
        assert rendered.subject in {each.label for each in _reached(SMALL, validated, line.said.location).objects}


def _reached(root: Path, validated: inputs.Validated, place: Any) -> Reached:
    found = explaining.reach(root, validated, place.path, place.line)
    assert isinstance(found, Reached), found
    return found


def test_a_line_that_reaches_a_value_is_behind_it() -> None:
    """And a value that it does not reach is none of those that name it."""
    validated = inputs.validate(SMALL)
    assert validated.fleet is not None
    found = explaining.reach(SMALL, validated, "tenants/anvil.yaml", 9)
    assert isinstance(found, Reached), found
    behind = explaining.explain(SMALL, validated, "anvil")
    assert isinstance(behind, Explained)
    naming = {
        ("anvil", field.cluster, field.path)
        for field in behind.fields
        for line in (*field.lines, *field.presence)
        if line.said.location.line == 9 and line.said.location.path == "tenants/anvil.yaml"
    }
    assert naming == {field for field in found.fields if field[0] == "anvil"}


def test_a_line_of_a_template_reaches_what_it_writes(tmp_path: Path) -> None:
    root = small_fleet(tmp_path)
    (root / "templates/tenant/tenancy").mkdir(parents=True)
    template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n  namespace: {{ tenant.namespace }}\n"
    (root / "templates/tenant/tenancy/extra.yaml").write_text(template, encoding="utf-8")
    validated = inputs.validate(root)
    assert validated.fleet is not None
    found = explaining.reach(root, validated, "templates/tenant/tenancy/extra.yaml", 5)
    assert isinstance(found, Reached), found
    placed = sorted(f"ConfigMap {each.tenant.namespace}/extra" for each in validated.fleet.assignments)
    assert sorted(each.label for each in found.objects) == placed
    assert {each.location.line for each in found.objects} == {7}


def test_a_line_without_a_value_is_said_to_be_one() -> None:
    found = explaining.reach(SMALL, inputs.validate(SMALL), "tenants/anvil.yaml", 1)
    assert isinstance(found, Puzzled)
