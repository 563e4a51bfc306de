"""`tenantry validate` from the fleet's files to the exit code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run

EXPECTED = Path(__file__).parent / "expected"


def misspell_tier(fleet: Path) -> None:
    """One mistake that one stage finds and no other."""
    file = fleet / "tenants/a2z-soc/acme.yaml"
    text = file.read_text(encoding="utf-8")
    assert "tier: enterprise\n" in text
    file.write_text(text.replace("tier: enterprise\n", "tier: enterprize\n"), encoding="utf-8")


def test_a_fleet_without_mistakes_prints_no_finding(fleet: Path, run: Run) -> None:
    result = run("validate")
    assert (result.exit_code, result.stdout) == (0, "")
    assert re.fullmatch(r"validate: \d+ files, 0 errors, 0 warnings\n", result.stderr)


@pytest.mark.parametrize("format_", ["text", "json", "github"])
def test_a_mistake_is_reported_in_each_format(
    format_: str, fleet: Path, run: Run, expect: Callable[[Path, str], None]
) -> None:
    misspell_tier(fleet)
    result = run("validate", "--format", format_)
    assert result.exit_code == 1
    assert re.fullmatch(r"validate: \d+ files, 1 error, 0 warnings\n", result.stderr)
    expect(EXPECTED / f"validate.{format_}", re.sub(r'"files": \d+', '"files": 0', result.stdout))


def test_json_counts_the_files_that_were_read(fleet: Path, run: Run) -> None:
    files = len(list(fleet.rglob("*.yaml")))
    result = run("validate", "--format", "json")
    assert json.loads(result.stdout) == {
        "version": 1,
        "findings": [],
        "summary": {"errors": 0, "warnings": 0, "notes": 0, "files": files},
    }


def test_annotations_name_files_from_the_top_of_the_checkout(
    fleet: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    misspell_tier(fleet)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(fleet.parent))
    result = run("validate", "--format", "github")
    assert result.stdout.startswith("::error file=fleet/tenants/a2z-soc/acme.yaml,line=")


def test_findings_are_coloured_when_asked_and_plain_in_a_pipe(fleet: Path, run: Run) -> None:
    misspell_tier(fleet)
    assert "\x1b[" not in run("validate").stdout
    assert "\x1b[" in run("--color", "validate").stdout
    assert "\x1b[" not in run("--color", "validate", "--format", "json").stdout


def test_the_fleet_is_found_from_a_folder_below_it_and_by_name(
    fleet: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = run("validate")
    monkeypatch.chdir(fleet / "tenants")
    below = run("validate")
    monkeypatch.chdir(tmp_path)
    named = run("-C", "fleet", "validate")
    assert here.stderr == below.stderr == named.stderr
    assert (here.exit_code, below.exit_code, named.exit_code) == (0, 0, 0)
