"""Every command's JSON is what its published schema says, and nothing in the schema is out of use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import report
from tests.cli.conftest import Run, fleet, run  # noqa: F401 - fixtures
from tests.report.output_schema import SCHEMA, departures
from tests.report.test_report import ALL, findings


def test_the_schema_is_valid_and_laid_out_one_property_a_line() -> None:
    jsonschema_rs.meta.validate(SCHEMA)
    text = (Path(__file__).parents[2] / "schemas/output/report.schema.json").read_text(encoding="utf-8")
    assert text == json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n"


def test_findings_are_what_the_schema_says() -> None:
    assert departures(report.write(ALL, "json", counts={"objects": 7}, data={"files": []})) == []
    assert departures(report.write((), "json")) == []


@given(st.lists(findings, max_size=3))
def test_any_findings_depart_by_nothing_but_made_up_codes(several: list[Any]) -> None:
    assert [each for each in departures(report.write(several, "json")) if not each.split(":")[0].endswith("code")] == []


@pytest.mark.parametrize("change", [{"severity": "fatal"}, {"colour": "red"}, {"location": None}], ids=str)
def test_the_schema_refuses_what_is_not_a_report(change: dict[str, Any]) -> None:
    written = json.loads(report.write(ALL, "json"))
    written["findings"][0] |= change
    assert len(departures(json.dumps(written))) == 1


def test_every_command_writes_what_the_schema_says(fleet: Path, run: Run) -> None:  # noqa: F811
    for words in (
        ("validate",),
        ("render", "--check"),
        ("render",),
        ("check", "--no-kubeconform"),
    ):
        assert departures(run(*words, "--format", "json").stdout) == [], words
