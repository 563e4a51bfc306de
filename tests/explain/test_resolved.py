"""What `explain` says of resolved values holds: change the named line, and the value follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from generator.load.variants import Variants, leaves
from generator.model.document import Document
from generator.model.explanation import Explained, Field
from generator.pipeline import explaining, inputs
from generator.pipeline.explaining.causes import Search, lines_of
from generator.pipeline.explaining.values import values_of
from generator.pipeline.inputs import fleet_of
from generator.source import Location
from tests.conftest import REPOSITORY
from tests.explain.changes import changed
from tests.fleets import SMALL

WHOLE = ("acme", "bluewater", "vaultlegal")
"""Of these every line that is named is changed; of the other tenants the first of each value."""


def tenants() -> Iterator[Any]:
    """All tenants of the example, those of which most is changed first; the second of a platform, a tier and a state is
    like the first."""
    seen: set[tuple[str, ...]] = set()
    files = sorted((REPOSITORY / "tenants").rglob("*.yaml"), key=lambda file: (file.stem not in WHOLE, file))
    for file in files:
        spec = yaml.safe_load(file.read_text(encoding="utf-8"))["spec"]
        kind = (spec["platform"], spec["tier"], spec["state"])
        alike = kind in seen
        seen.add(kind)
        yield pytest.param(file.stem, id=file.stem, marks=[pytest.mark.thorough] if alike else [])


@pytest.fixture(scope="module")
def example() -> inputs.Validated:
    return inputs.validate(REPOSITORY)


def explained(validated: inputs.Validated, tenant: str, *asked: str) -> tuple[Field, ...]:
    found = explaining.explain(REPOSITORY, validated, tenant, *asked)
    assert isinstance(found, Explained), found
    return found.fields


def resolved(documents: tuple[Document, ...], path: str) -> dict[tuple[str, str], Any]:
    fleet = fleet_of(documents)[0]
    return values_of(fleet, path) if fleet is not None else {}


@pytest.mark.parametrize("tenant", list(tenants()))
def test_every_value_of_a_tenant_follows_the_lines_named(example: inputs.Validated, tenant: str) -> None:
    assert example.fleet is not None
    path = next(each.path for each in example.fleet.tenants if each.name == tenant)
    fields = explained(example, tenant)
    before = values_of(example.fleet, path)
    assert {(each.cluster, each.path): each.value for each in fields} == before
    claims: dict[tuple[Location, Any], list[tuple[tuple[str, str], Any, bool]]] = {}
    for field in fields:
        named = (*field.lines, *field.presence)
        for line in named if tenant in WHOLE else named[:1]:
            claim = (field.cluster, field.path), line.became, line.gone
            claims.setdefault((line.said.location, line.instead), []).append(claim)
    for edit, said in claims.items():
        after = resolved(changed(example.documents, [edit]), path)
        for key, became, gone in said:
            assert (key not in after) == gone, (edit, key)
            assert after.get(key) == became, (edit, key)
            assert gone or became != before[key], (edit, key)
    for field in fields:
        _settings_are_told_whole(example, field, path)


def _settings_are_told_whole(example: inputs.Validated, field: Field, path: str) -> None:
    """A setting follows the line that decides it, together with the floors that hold it."""
    key = field.cluster, field.path
    if field.decided is None:
        assert field.lines or field.presence or field.path.endswith(".key"), key  # a domain's key has a default
        return
    assert field.decided.value == field.value, key
    if field.decided.location in {line.said.location for line in field.lines}:
        return
    assert field.held, key
    deciding = [field.decided.location, *(each.location for each in field.held)]
    variants = Variants(example.documents)
    edits = [
        (leaf.place, variants.of(leaf)[0])
        for document in example.documents
        if document.path in {place.path for place in deciding}
        for leaf in leaves(document)
        if leaf.place in deciding
    ]
    assert resolved(changed(example.documents, edits), path)[key] != field.value, key


def test_lines_tried_together_are_those_found_one_by_one() -> None:
    """In a fleet small enough to try every line by itself."""
    validated = inputs.validate(SMALL)
    assert validated.fleet is not None
    documents, path = validated.documents, "tenants/anvil.yaml"
    before = values_of(validated.fleet, path)
    variants, lines = Variants(documents), list(lines_of(documents))
    search = Search(documents, documents, variants, lambda fleet: values_of(fleet, path), lines)
    search.run()
    for number, line in enumerate(lines):
        moved: set[tuple[str, str]] = set()
        for value in variants.of(line):
            after = resolved(
                tuple(line.with_value(value) if each is line.document else each for each in documents), path
            )
            moved |= {key for key, told in before.items() if key in after and after[key] != told}
        found = {
            key
            for key, effects in search.effects.items()
            if (effect := effects.get(number)) is not None and not effect.gone
        }
        assert found == moved, line.place


def test_a_cluster_can_be_picked(example: inputs.Validated) -> None:
    fields = explained(example, "fjordlys", "limits.cpu", "", "az-westeurope-prod-1")
    assert [field.cluster for field in fields] == ["az-westeurope-prod-1"]
