"""What `tenantry diff` says of a change: each case edits the small fleet and says exactly what is printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.compare.conftest import diff, edit
from tests.report.output_schema import departures

CASES = sorted((Path(__file__).parent / "cases").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_printed(case: Path, fleet: Path, expect: Callable[[Path, str], None]) -> None:
    edit(fleet, case)
    result = diff("HEAD")
    expect(case / "expected.txt", f"{result.stdout}{result.stderr}exit code {result.exit_code}\n")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_json_is_what_its_schema_says(case: Path, fleet: Path) -> None:
    edit(fleet, case)
    assert departures(diff("HEAD", "--format", "json").stdout) == []
