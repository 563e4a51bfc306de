"""`tenantry code`."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.pipeline.codes import codes
from tests.cli.conftest import Run


@pytest.mark.parametrize("word", ["CHK004", "chk004"])
def test_a_code_is_explained_outside_of_a_fleet_too(
    word: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("code", word)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "CHK004: a key is given twice\n\n"
        "The API server refuses it or keeps one of the two values, and which one depends on the parser.\n\n"
        "docs/codes.md#chk004\n"
    )


def test_all_codes_are_listed_in_order(run: Run) -> None:
    listed = [line.split("  ", 1) for line in run("code").stdout.splitlines()]
    assert listed == [[code.id, code.title] for code in sorted({code for _, code in codes()}, key=lambda code: code.id)]
