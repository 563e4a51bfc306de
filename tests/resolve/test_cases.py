"""Faults between files: each case edits the small fleet and says exactly what is reported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.pipeline.inputs import validate
from generator.report.text import text
from tests.fleets import edits_of, small_fleet

CASES = sorted((Path(__file__).parent / "cases").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_reported(case: Path, tmp_path: Path, expect: Callable[[Path, str], None]) -> None:
    validated = validate(small_fleet(tmp_path, edits_of(case)))
    expect(case / "expected.txt", text(validated.diagnostics))
