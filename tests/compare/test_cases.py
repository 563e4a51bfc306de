"""What `tenantry diff` says of a change: each case edits the small fleet and says exactly what is printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.pipeline import changes
from tests.compare.conftest import diff, edit
from tests.report.output_schema import departures

CASES = sorted((Path(__file__).parent / "cases").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_printed_and_json_is_what_its_schema_says(
    case: Path, fleet: Path, expect: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(fleet, case)
    found: list[changes.Diffed] = []

    def compared(*arguments: Any, **named: Any) -> changes.Diffed:
        found.append(plain(*arguments, **named))
        return found[0]

    plain = changes.diff
    monkeypatch.setattr(changes, "diff", compared)
    result = diff("HEAD")
    # What was found is the same, and takes nearly all of the time: it is only told in another format.
    monkeypatch.setattr(changes, "diff", lambda *_, **__: found[0])
    assert departures(diff("HEAD", "--format", "json").stdout) == []
    expect(case / "expected.txt", f"{result.stdout}{result.stderr}exit code {result.exit_code}\n")
