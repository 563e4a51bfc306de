"""`tenantry check`: counts, exit codes and `--strict`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.diagnostics import Code, Diagnostic, Severity
from generator.pipeline import checks
from generator.pipeline.checks import Checked, Looking
from generator.source import Location
from tests.cli.conftest import Run
from tests.cli.test_validate import misspell_tier

NOTHING = Checked(None, None, (), 7, 7, 0)


def finding(severity: Severity) -> Diagnostic:
    code = Code("CHK901", "a rule of this test", "It only exists here.")
    return Diagnostic(code, severity, "something is wrong", Location("rendered/a.yaml", 1, 1, "a: b"))


@pytest.mark.parametrize(
    ("checked", "plain", "strict"),
    [
        (NOTHING, 0, 0),
        (replace(NOTHING, checked=6, unchecked=1), 0, 1),
        (replace(NOTHING, policies=3, unevaluated=1), 0, 1),
        (replace(NOTHING, diagnostics=(finding(Severity.NOTE),)), 0, 0),
        (replace(NOTHING, diagnostics=(finding(Severity.WARNING),)), 0, 1),
        (replace(NOTHING, diagnostics=(finding(Severity.ERROR),)), 1, 1),
    ],
    ids=["clean", "unchecked", "unevaluated", "note", "warning", "error"],
)
def test_warnings_and_unchecked_objects_fail_only_when_strict(
    checked: Checked, plain: int, strict: int, fleet: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "check", lambda _root, **_: checked)
    assert run("check").exit_code == plain
    assert run("check", "--strict").exit_code == strict


def test_the_summary_counts_everything(fleet: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = (finding(Severity.ERROR), finding(Severity.WARNING))
    monkeypatch.setattr(checks, "check", lambda _root, **_: Checked(None, None, found, 9, 7, 2, 5, 1, None, 1, 3))
    result = run("check", "--format", "json")
    assert result.stderr == (
        "check: 9 objects: 7 checked, 1 failed, 2 unchecked; 5 admission policies, 1 unevaluated; "
        "1 error, 1 warning, 3 known\n"
    )
    assert json.loads(result.stdout)["summary"] == {
        "errors": 1,
        "warnings": 1,
        "notes": 0,
        "objects": 9,
        "checked": 7,
        "failed": 1,
        "unchecked": 2,
        "policies": 5,
        "unevaluated": 1,
        "known": 3,
    }


def test_what_the_example_fleet_renders_has_no_errors(fleet: Path, run: Run) -> None:
    assert run("render").exit_code == 0
    result = run("check", "--format", "json")
    summary = json.loads(result.stdout)["summary"]
    assert (result.exit_code, summary["errors"], summary["warnings"]) == (0, 0, 0)
    assert summary["objects"] == summary["checked"] + summary["unchecked"] > 1000
    assert summary["checked"] > 1000


def test_kubeconform_is_said_where_it_ran_and_can_be_left_out(
    fleet: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def check(_root: Path, *, looking: Looking, **_: object) -> Checked:
        asked.append(looking.kubeconform)
        return replace(NOTHING, kubeconform=(7, 2) if looking.kubeconform else None)

    monkeypatch.setattr(checks, "check", check)
    assert "kubeconform: 7 objects: 5 checked, 2 unchecked\n" in run("check").stderr
    assert "kubeconform" not in run("check", "--no-kubeconform").stderr
    assert asked == [True, False]


def test_nothing_to_check_is_no_success(fleet: Path, run: Run) -> None:
    result = run("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: rendered/ holds nothing to check; run tenantry render first\n"


def test_an_edit_by_hand_is_found(fleet: Path, run: Run) -> None:
    assert run("render").exit_code == 0
    edited = fleet / "rendered/aws-us-east-1-prod-1/tenants/acme/tenancy/namespace.yaml"
    text = edited.read_text(encoding="utf-8")
    edited.write_text(text.replace("kind: Namespace\n", "kind: Namespace\nspecc: {}\n"), encoding="utf-8")
    result = run("check")
    assert result.exit_code == 1
    assert "rendered/aws-us-east-1-prod-1/tenants/acme/tenancy/namespace.yaml" in result.stdout
    assert "specc" in result.stdout


def test_mistakes_in_the_inputs_come_first(fleet: Path, run: Run) -> None:
    misspell_tier(fleet)
    result = run("check")
    assert result.exit_code == 1
    assert "REF001" in result.stdout
    assert result.stderr == (
        "check: 0 objects: 0 checked, 0 failed, 0 unchecked; 0 admission policies, 0 unevaluated; 1 error, 0 warnings\n"
    )
