"""`tenantry doctor`."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from generator.cli import doctor
from tests.cli.conftest import REPOSITORY, Run
from tests.repositories import git


def line_of(subject: str, output: str) -> str:
    """The line about one thing, with single blanks."""
    lines = [re.sub(" +", " ", line) for line in output.splitlines()]
    return next(line for line in lines if line.split(" ", 1)[1].startswith(subject))


def test_every_dependency_of_the_package_is_looked_at() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split("[<>=!~ ]", dependency)[0] for dependency in project["dependencies"]}
    assert names == set(doctor.DEPENDENCIES)
    assert project["requires-python"] == ">=" + ".".join(map(str, doctor.PYTHON))


def test_a_sound_environment_has_no_problem(fleet: Path, run: Run) -> None:
    result = run("doctor")
    assert (result.exit_code, result.stderr) == (0, "")
    assert line_of("Python", result.stdout) == f"ok Python {'.'.join(map(str, sys.version_info[:3]))}"
    assert line_of("git", result.stdout).startswith("ok git 2.")
    assert line_of("click", result.stdout).startswith("ok click ")
    assert line_of("fleet", result.stdout) == f"ok fleet {fleet}"
    assert line_of("lock", result.stdout) == "ok lock free"
    assert line_of("rendered/", result.stdout) == "missing rendered/ not there yet; run tenantry render"
    assert all(re.match("(ok|missing|problem) ", line) for line in result.stdout.splitlines())


def test_outside_a_fleet_it_still_answers(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("doctor")
    assert result.exit_code == 0
    assert line_of("fleet", result.stdout).startswith(f"missing fleet no fleet.yaml in {tmp_path} or above; ")
    assert "  rendered/ " not in result.stdout


def test_a_fleet_that_was_named_and_is_none_is_a_problem(run: Run, tmp_path: Path) -> None:
    result = run("-C", str(tmp_path), "doctor")
    assert result.exit_code == 1
    assert line_of("fleet", result.stdout).startswith("problem fleet ")


def test_git_missing_is_a_problem_with_a_remedy(run: Run, fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(fleet))
    result = run("doctor")
    assert result.exit_code == 1
    assert line_of("git", result.stdout) == "problem git not found; install git 2.31 or newer; publishing needs it"
    assert line_of("kubeconform", result.stdout).startswith("missing kubeconform not installed; optional: ")


def test_git_too_old_is_a_problem(run: Run, fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = fleet / "git"
    old.write_text("#!/bin/sh\necho git version 2.30.2\n", encoding="utf-8")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(fleet))
    result = run("doctor")
    assert result.exit_code == 1
    assert line_of("git", result.stdout).startswith("problem git 2.30.2; too old")


def test_a_dependency_that_cannot_be_imported_is_a_problem(
    run: Run, fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    result = run("doctor")
    assert result.exit_code == 1
    line = line_of("jsonschema-rs", result.stdout)
    assert line.startswith("problem jsonschema-rs ")
    assert line.endswith("; pip install jsonschema-rs")


def test_another_run_in_the_fleet_is_told(run: Run, fleet: Path) -> None:
    from generator.write import exclusive

    with exclusive(fleet):
        result = run("doctor")
    assert result.exit_code == 0
    assert "is already working in" in line_of("lock", result.stdout)


def test_whether_rendered_output_is_committed_is_told(run: Run, fleet: Path) -> None:
    (fleet / "rendered").mkdir()
    (fleet / "rendered/a.yaml").write_text("a: b\n", encoding="utf-8")
    assert line_of("rendered/", run("doctor").stdout).startswith("missing rendered/ not in a git repository; ")
    git(fleet, "init")
    assert line_of("rendered/", run("doctor").stdout).startswith(
        "missing rendered/ 1 file differs from the last commit;"
    )
    git(fleet, "add", "rendered")
    git(fleet, "commit", "-m", "render")
    assert line_of("rendered/", run("doctor").stdout) == "ok rendered/ committed"


def test_rendered_output_that_git_ignores_is_a_problem(run: Run, fleet: Path) -> None:
    git(fleet, "init")
    (fleet / "rendered").mkdir()
    (fleet / ".gitignore").write_text("rendered/\n", encoding="utf-8")
    result = run("doctor")
    assert result.exit_code == 1
    assert line_of("rendered/", result.stdout).startswith("problem rendered/ ignored by git")
