"""What an input says in free text is data: it comes back from the output as it went in, and breaks out nowhere."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.check.objects import read
from generator.pipeline.output import render
from generator.source import Pointer
from tests.conftest import examples
from tests.fleets import SMALL

FIELDS: dict[str, tuple[str, Pointer]] = {
    "tenant title": ("tenants/anvil.yaml", ("spec", "title")),
    "tenant note": ("tenants/anvil.yaml", ("spec", "note")),
    "platform title": ("platforms/tiny.yaml", ("spec", "title")),
    "variable": ("platforms/tiny.yaml", ("spec", "services", 0, "variables", 0, "value")),
    "purpose": ("fleet.yaml", ("spec", "namespaces", 0, "purpose")),
    "tier title": ("policies/tiers/gold.yaml", ("spec", "title")),
    "provider title": ("policies/providers/aws.yaml", ("spec", "title")),
    "framework title": ("policies/compliance/soc2.yaml", ("spec", "title")),
}
"""Every field of the inputs that people write text into."""

SHOWN = {"tenant title", "tenant note", "platform title", "variable", "purpose"}
"""Those that reach the output."""

PRINTABLE = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\ufeff\ufffe\uffff")
TEXT = st.text(PRINTABLE, min_size=1, max_size=60)
LINES = st.text(st.one_of(PRINTABLE, st.just("\n")), min_size=1, max_size=120)
HOSTILE = (
    "no",
    "1e3",
    "- a: b # c",
    "{{ fleet.name }}",
    "{% raw %}",
    "---",
    "'\"\\ &a *a !!str |",
    "0o17",
    "~",
    "[",
    "\\n",
)

Objects = dict[str, list[Any]]


def marker(field: str) -> str:
    """A text that stands nowhere else."""
    return f"marker of the {field}"


def objects(texts: dict[str, str]) -> Objects:
    """What the small fleet renders to with these texts, read as Kubernetes reads it: file → objects."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "fleet"
        shutil.copytree(SMALL, root)
        for field, text in texts.items():
            file, pointer = FIELDS[field]
            data = yaml.safe_load((root / file).read_text(encoding="utf-8"))
            place = data
            for part in pointer[:-1]:
                place = place[part]
            place[pointer[-1]] = text
            (root / file).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        result = render(root, jobs=1)
    assert result.tree is not None, result.diagnostics
    found = {path: read(path, content) for path, content in result.tree.files.items()}
    assert not any(each.faults or each.misshapen or each.unread for each in found.values())
    return {path: [each.data for each in reading.objects] for path, reading in found.items()}


def filled(value: Any, texts: dict[str, str]) -> Any:
    """Objects with every marker replaced by its text, wherever in a string it stands."""
    if isinstance(value, dict):
        return {key: filled(item, texts) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, texts) for item in value]
    if isinstance(value, str):
        for field, text in texts.items():
            value = value.replace(marker(field), text)
    return value


@pytest.fixture(scope="module")
def marked() -> Objects:
    return objects({field: marker(field) for field in FIELDS})


def test_the_texts_that_are_shown_are_shown(marked: Objects) -> None:
    output = json.dumps(marked)
    assert {field for field in FIELDS if marker(field) in output} == SHOWN


@given(texts=st.fixed_dictionaries({field: LINES if field == "tenant note" else TEXT for field in FIELDS}))
@settings(max_examples=examples(30), deadline=None)
@example(texts=dict(zip(FIELDS, HOSTILE, strict=False)))
@example(texts=dict(zip(FIELDS, reversed(HOSTILE), strict=False)))
def test_every_text_comes_back_as_it_went_in_and_changes_nothing_else(marked: Objects, texts: dict[str, str]) -> None:
    assert objects(texts) == filled(marked, texts)
