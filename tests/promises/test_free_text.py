"""What a tenant file says in free text is data: it comes back from the output as it went in, and breaks out nowhere."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.fleets import SMALL

from generator import pipeline
from generator.check.objects import objects_of
from generator.model.tree import Tree

PRINTABLE = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\ufeff\ufffe\uffff")
TITLE = st.text(PRINTABLE, min_size=1, max_size=100)
NOTE = st.text(st.one_of(PRINTABLE, st.just("\n")), max_size=200)
HOSTILE = ["no", "1e3", "- a", "a: b", "# no comment", "{{ tenant.name }}", "{% raw %}", "---", "'", '"', "*a", "&a", "0o17", "~"]


@pytest.fixture(scope="module")
def plain() -> dict[str, list[Any]]:
    return shapes(rendered(SMALL))


def rendered(root: Path) -> Tree:
    """What a fleet renders to, which must be without a fault."""
    result = pipeline.render(root, jobs=1)
    assert result.tree is not None, result.diagnostics
    return result.tree


def documents(tree: Tree) -> Iterator[tuple[str, Any]]:
    """Every object of the output, as Kubernetes would read it."""
    for path, content in tree.files.items():
        for each in objects_of(path, content):
            yield path, each


def shapes(tree: Tree) -> dict[str, list[Any]]:
    """The output with every string replaced by a placeholder: what a value must not be able to change."""
    found: dict[str, list[Any]] = {}
    for path, data in documents(tree):
        found.setdefault(path, []).append(_shape(data))
    return found


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return "" if isinstance(value, str) else value


@given(title=TITLE, note=NOTE)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(title="no", note="1e3")
@example(title="# a: b", note="---\nkind: Namespace\n")
@example(title="{{ fleet.name }}", note="{% for x in y %}\n'\"\\ \\n &a *a !!str |\n>")
def test_free_text_comes_back_as_it_went_in(plain: dict[str, list[Any]], title: str, note: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "fleet"
        shutil.copytree(SMALL, root)
        file = root / "tenants" / "anvil.yaml"
        data = yaml.safe_load(file.read_text())
        data["spec"] |= {"title": title, "note": note}
        file.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        validated = pipeline.validate(root)
        if validated.diagnostics:
            # The schema refuses some text (a title of blanks); what it refuses it must refuse with a place.
            assert all(each.location.path == "tenants/anvil.yaml" for each in validated.diagnostics)
            return
        tree = rendered(root)
        assert shapes(tree) == plain
        annotations = [
            data["metadata"]["annotations"]
            for path, data in documents(tree)
            if data["kind"] == "Namespace" and "/tenants/anvil/" in path
        ]
        assert len(annotations) == 2
        assert all(each["tenantry.dev/title"] == title for each in annotations)
        assert all(each["tenantry.dev/note"] == note for each in annotations)
