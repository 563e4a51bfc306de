"""`tenantry review`: one command for all that a change has to pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.cli import main
from tests.compare.conftest import GUARDS
from tests.promises.test_since import EDITS, replaced, start_of, written
from tests.repositories import committed, git

CASES = Path(__file__).parent / "cases"
OPEN = """\
apiVersion: v1
kind: Service
metadata: {name: open, namespace: {{ tenant.namespace }}}
spec: {selector: {app: open}, ports: [{port: 80}]}
"""
FOUND = "CHK030"
"""The code of a Service that selects no pods."""


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return start_of(tmp_path_factory.mktemp("review") / "fleet")


@pytest.fixture
def fleet(start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small fleet, rendered and committed, in the current folder."""
    for name in ("NO_COLOR", "FORCE_COLOR", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "fleet"
    git(tmp_path, "clone", "--quiet", str(start), str(root))
    monkeypatch.chdir(root)
    return root


def review(*words: str) -> Result:
    return CliRunner().invoke(main, ["review", "--no-kubeconform", "--date", "2026-11-02", *words])


def test_one_edit_is_rendered_checked_and_shown(fleet: Path, expect: Callable[[Path, str], None]) -> None:
    EDITS[0](fleet)
    result = review("HEAD")
    assert result.exit_code == 0, result.output
    expect(CASES / "one-edit.txt", f"{result.stdout}\n{result.stderr}")
    assert "Anvil and Sons" in (fleet / "rendered/north-1/tenants/anvil/tenancy/namespace.yaml").read_text()


def test_without_a_base_it_is_where_the_branch_left_the_main_one(fleet: Path) -> None:
    git(fleet, "switch", "--quiet", "--create", "feature")
    EDITS[0](fleet)
    assert review().exit_code == 0
    committed(fleet)
    result = review("--check")
    assert (result.exit_code, "Anvil and Sons" in result.stdout) == (0, True)


def test_with_check_stale_output_is_an_error_and_stays(fleet: Path, expect: Callable[[Path, str], None]) -> None:
    EDITS[0](fleet)
    result = review("HEAD", "--check")
    assert result.exit_code == 1
    expect(CASES / "stale.txt", f"{result.stdout}\n{result.stderr}")
    assert git(fleet, "diff", "--name-only") == "tenants/anvil.yaml"


def test_broken_inputs_are_explained_and_nothing_is_written(fleet: Path, expect: Callable[[Path, str], None]) -> None:
    replaced("tenants/cedar.yaml", "tier: bronze", "tier: bronce")(fleet)
    result = review("HEAD")
    assert result.exit_code == 1
    expect(CASES / "broken-inputs.txt", f"{result.stdout}\n{result.stderr}")
    assert git(fleet, "diff", "--name-only") == "tenants/cedar.yaml"


def test_broken_inputs_come_before_a_base_that_is_not_there(fleet: Path) -> None:
    assert (review("nowhere").exit_code, review("nowhere").stdout) == (2, "")
    replaced("tenants/cedar.yaml", "tier: bronze", "tier: bronce")(fleet)
    result = review("nowhere")
    assert (result.exit_code, "error[REF001]" in result.stdout) == (1, True)


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json", "github", "sarif", "junit"])
def test_what_checks_find_is_told_in_every_form(fleet: Path, form: str) -> None:
    written("templates/tenant/tenancy/open.yaml", OPEN)(fleet)
    result = review("HEAD", "--format", form)
    assert result.exit_code == 1
    assert FOUND in result.stdout


def test_the_comment_and_the_page_are_written_beside(fleet: Path, tmp_path: Path) -> None:
    EDITS[0](fleet)
    written("templates/tenant/tenancy/open.yaml", OPEN)(fleet)
    comment, page = tmp_path / "comment.md", tmp_path / "page.html"
    result = review("HEAD", "--format", "github", "--markdown", str(comment), "--html", str(page))
    assert result.exit_code == 1
    assert "::error" in result.stdout
    for file in (comment, page):
        text = file.read_text(encoding="utf-8")
        assert "Anvil and Sons" in text
        assert "Findings" in text
        assert FOUND in text


def test_broken_inputs_make_a_page_in_which_nothing_is_markup_or_colour(fleet: Path, tmp_path: Path) -> None:
    replaced("tenants/cedar.yaml", "tier: bronze", "tier: '<script>alert(1)</script>'")(fleet)
    page, comment = tmp_path / "page.html", tmp_path / "comment.md"
    colored = CliRunner().invoke(
        main, ["--color", "review", "HEAD", "--html", str(page), "--markdown", str(comment)], color=True
    )
    assert (colored.exit_code, "\x1b[" in colored.stdout) == (1, True)
    for file in (page, comment):
        text = file.read_text(encoding="utf-8")
        assert "❌" in text or "error:" in text
        assert "\x1b" not in text
        assert "<script>alert" not in text


def test_a_guard_stops_it(fleet: Path) -> None:
    (fleet / "tenants/cedar.yaml").unlink()
    written("policies/guards.yaml", GUARDS)(fleet)
    result = review("HEAD")
    assert result.exit_code == 1
    assert "error[GRD004]" in result.stdout
    assert not (fleet / "rendered/south-1/tenants/cedar").exists()


def test_everything_that_was_looked_at_is_counted(fleet: Path) -> None:
    EDITS[0](fleet)
    report = json.loads(review("HEAD", "--format", "json").stdout)
    assert report["summary"].keys() >= {"files", "added", "changed", "removed", "objects", "checked", "changes"}
    assert {each["change"] for each in report["files"]} == {"changed"}
    assert {change["after"]["kind"] for change in report["changes"]} == {"Namespace"}
    assert report["summary"]["objects"] == report["summary"]["checked"] > 0


def test_where_the_base_has_no_output_everything_is_rendered_and_checked(fleet: Path) -> None:
    git(fleet, "rm", "-r", "--quiet", "rendered")
    committed(fleet)
    result = review("HEAD")
    assert "everything was rendered: HEAD has no rendered/" in result.stderr
    assert "cluster only" not in result.stderr
    assert (fleet / "rendered/north-1/bootstrap.yaml").exists()
