"""`tenantry publish` to a repository beside the fleet."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.fleets import small_fleet
from tests.repositories import committed as commit_all
from tests.repositories import git


def tips(repository: Path) -> dict[str, str]:
    """Branch → its commit."""
    said = git(repository, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads")
    return dict(line.split(" ") for line in said.splitlines())


@pytest.fixture
def committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small fleet, in a git repository with one commit, which is the current folder too."""
    root = small_fleet(tmp_path)
    commit_all(root)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """An empty repository to publish to."""
    folder = tmp_path / "rendered.git"
    folder.mkdir()
    git(folder, "init", "--bare", "--initial-branch", "main")
    return folder


def test_each_environment_gets_its_branch_and_a_second_publish_changes_nothing(
    committed: Path, target: Path, run: Run
) -> None:
    first = run("publish", "--repo", str(target))
    assert first.exit_code == 0, first.output
    assert first.stderr == "publish: 2 branches moved, 0 unchanged; 0 errors, 0 warnings\n"
    published = tips(target)
    assert sorted(published) == ["rendered/production", "rendered/staging"]
    for line, branch in zip(first.stdout.splitlines(), sorted(published), strict=True):
        assert re.fullmatch(rf"{branch} new\.\.{published[branch][:12]} \+\d+ ~0 -0", line)
    second = run("publish", "--repo", str(target))
    assert second.exit_code == 0
    assert second.stdout == "rendered/production unchanged\nrendered/staging unchanged\n"
    assert second.stderr == "publish: 0 branches moved, 2 unchanged; 0 errors, 0 warnings\n"
    assert tips(target) == published


def test_a_change_renders_what_it_reaches_and_full_renders_everything(committed: Path, target: Path, run: Run) -> None:
    run("publish", "--repo", str(target))
    file = min((committed / "tenants").rglob("*.yaml"))
    file.write_text(re.sub(r"(?m)^( +title: ).*", r"\1Another", file.read_text(), count=1))
    git(committed, "commit", "--all", "-m", "Another title")
    part = run("publish", "--repo", str(target), "--dry-run")
    again, summary = part.stderr.splitlines()
    assert re.fullmatch(r"publish: \d+ of \d+ files rendered again", again)
    whole = run("publish", "--repo", str(target), "--full")
    assert whole.stdout == part.stdout
    assert whole.stderr == summary.replace("would be moved", "moved") + "\n"


def test_options_go_before_what_fleet_yaml_says(committed: Path, target: Path, run: Run) -> None:
    result = run("publish", "--repo", str(target), "--branch", "out", "--single-branch")
    assert result.exit_code == 0, result.output
    assert list(tips(target)) == ["out"]


def test_a_dry_run_moves_nothing(committed: Path, target: Path, run: Run) -> None:
    result = run("publish", "--repo", str(target), "--dry-run")
    assert result.exit_code == 0, result.output
    assert result.stderr == "publish: 2 branches would be moved, 0 unchanged; 0 errors, 0 warnings\n"
    assert tips(target) == {}


def test_json_names_commits_and_files(committed: Path, target: Path, run: Run) -> None:
    result = run("publish", "--repo", str(target), "--format", "json")
    report = json.loads(result.stdout)
    assert (report["findings"], report["dryRun"]) == ([], False)
    assert report["source"] == git(committed, "rev-parse", "HEAD")
    assert {branch["branch"]: branch["new"] for branch in report["branches"]} == tips(target)
    for branch in report["branches"]:
        files = git(target, "ls-tree", "-r", "--name-only", branch["branch"]).splitlines()
        assert branch["old"] is None
        assert branch["added"] == sorted(files)


def test_a_repository_that_is_not_there_is_a_finding(committed: Path, tmp_path: Path, run: Run) -> None:
    result = run("publish", "--repo", str(tmp_path / "nowhere.git"))
    assert result.exit_code == 1
    assert "[PUB" in result.stdout
    assert result.stderr == "publish: nothing published: 1 error, 0 warnings\n"


def test_mistakes_in_the_inputs_stop_it(committed: Path, target: Path, run: Run) -> None:
    file = committed / "tenants/anvil.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("tier: gold\n", "tier: golt\n"), encoding="utf-8")
    result = run("publish", "--repo", str(target))
    assert result.exit_code == 1
    assert "REF001" in result.stdout
    assert result.stderr == "publish: nothing published: 1 error, 0 warnings\n"
    assert tips(target) == {}
