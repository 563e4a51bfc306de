"""`tenantry check --write-baseline`, and a fleet with a baseline.yaml."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from generator.pipeline.checks import Looking, check, checked_tree, contracts_of
from generator.pipeline.inputs import validate
from generator.write import read
from tests.cli.conftest import Run
from tests.fleets import small_fleet

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date()
TERMS = ("--until", TOMORROW.isoformat(), "--by", "platform-team", "--reason", "The new policy came on Monday.")


@pytest.fixture
def edited(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small fleet, rendered, with a field that Kubernetes does not know in each Namespace of tenants."""
    root = small_fleet(tmp_path)
    monkeypatch.chdir(root)
    assert run("render").exit_code == 0
    files = sorted(root.glob("rendered/*/tenants/*/tenancy/namespace.yaml"))
    assert files
    for file in files:
        file.write_text(file.read_text().replace("kind: Namespace\n", "kind: Namespace\nspecc: {}\n"))
    return root


def summary(run: Run) -> dict[str, int]:
    found: dict[str, int] = json.loads(run("check", "--no-kubeconform", "--format", "json").stdout)["summary"]
    return found


def test_what_is_found_today_is_known_and_what_comes_later_is_not(edited: Path, run: Run) -> None:
    before = summary(run)
    assert before["failed"] == before["errors"] > 1
    written = run("check", "--no-kubeconform", "--write-baseline", *TERMS)
    assert (written.exit_code, written.stdout) == (0, "")
    assert written.stderr == f"check: baseline.yaml: {before['errors']} known findings; review it and commit it\n"
    after = summary(run)
    assert (after["errors"], after["warnings"], after["failed"], after["known"]) == (0, 0, 0, before["errors"])
    result = run("check", "--no-kubeconform", "--strict")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith(f"0 errors, 0 warnings, {before['errors']} known\n")
    assert run("validate").exit_code == 0
    file = next(edited.glob("rendered/*/tenants/*/tenancy/namespace.yaml"))
    file.write_text(file.read_text().replace("specc:", "spicc:"))
    later = run("check", "--no-kubeconform")
    assert later.exit_code == 1
    assert "Namespace has no field 'spicc'" in later.stdout
    assert "warning[BSL001]: CHK081 is not found in " in later.stdout


def test_known_findings_fail_again_after_their_day(edited: Path, run: Run) -> None:
    run("check", "--no-kubeconform", "--write-baseline", *TERMS)
    known = check(edited, today=TOMORROW, looking=Looking(kubeconform=False))
    again = check(edited, today=TOMORROW + timedelta(days=1), looking=Looking(kubeconform=False))
    assert (known.diagnostics, again.known) == ((), 0)
    codes = [each.code.id for each in again.diagnostics]
    assert sorted(codes) == ["BSL002"] * known.known + ["CHK081"] * known.known
    assert all(each.location.line for each in again.diagnostics)


def test_known_findings_do_not_keep_a_fleet_from_being_published(edited: Path, run: Run) -> None:
    run("check", "--no-kubeconform", "--write-baseline", *TERMS)
    fleet = validate(edited).fleet
    assert fleet is not None
    tree, _ = read(edited / "rendered")
    assert checked_tree(fleet, tree, contracts_of(edited), TOMORROW).diagnostics == ()
    assert checked_tree(fleet, tree, contracts_of(edited), date(9999, 1, 1)).diagnostics != ()


def test_mistakes_of_the_inputs_are_never_known(edited: Path, run: Run) -> None:
    tenant = next((edited / "tenants").rglob("*.yaml"))
    text = tenant.read_text()
    tenant.write_text(text.replace("spec:\n", "spec:\n  colour: red\n", 1))
    result = run("check", "--no-kubeconform", "--write-baseline", *TERMS)
    assert result.exit_code == 1
    assert "SCH" in result.stdout
    assert result.stderr == "check: baseline.yaml not written: 1 error, 0 warnings\n"
    assert not (edited / "baseline.yaml").exists()
    tenant.write_text(text)
    run("check", "--no-kubeconform", "--write-baseline", *TERMS)
    baseline = edited / "baseline.yaml"
    baseline.write_text(baseline.read_text().replace("code: CHK081", "code: REF001"))
    assert run("check").exit_code == 1
    assert "`code` does not have the right form" in run("validate").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--write-baseline",), "--write-baseline needs --until DATE, --by WHO and --reason TEXT"),
        (("--until", "2030-01-01"), "go with --write-baseline"),
        (("--write-baseline", "--until", "2020-01-01", "--by", "a", "--reason", "b"), "2020-01-01 has passed"),
        (
            ("--write-baseline", "--until", "soon", "--by", "a", "--reason", "b"),
            "'soon' is not a day such as 2026-12-24",
        ),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value),
)
def test_wrong_use_is_said(words: tuple[str, ...], said: str, edited: Path, run: Run) -> None:
    result = run("check", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_word_that_the_schema_refuses_is_reported_and_nothing_is_written(edited: Path, run: Run) -> None:
    result = run("check", "--no-kubeconform", "--write-baseline", *TERMS[:-1], "short")
    assert result.exit_code == 1
    assert "`reason` is too short" in result.stdout
    assert not (edited / "baseline.yaml").exists()
