"""`tenantry render` and `render --check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_validate import misspell_tier


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def rendered(fleet: Path, run: Run) -> Path:
    """rendered/ of the fleet, as rendered."""
    result = run("render")
    assert result.exit_code == 0, result.output
    return fleet / "rendered"


def test_everything_is_written_once(fleet: Path, run: Run) -> None:
    first = run("render")
    files = len(contents(fleet / "rendered"))
    assert files > 10
    assert (first.exit_code, first.stdout) == (0, "")
    assert first.stderr == f"render: {files} files: {files} added, 0 changed, 0 removed; 0 errors, 0 warnings\n"
    second = run("render", "--jobs", "2")
    assert second.stderr == f"render: {files} files: 0 added, 0 changed, 0 removed; 0 errors, 0 warnings\n"


def test_what_is_up_to_date_passes_the_check(rendered: Path, run: Run) -> None:
    result = run("render", "--check")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("render: rendered/ is up to date: ")


def test_the_check_lists_what_differs_and_writes_nothing(rendered: Path, run: Run) -> None:
    first, second, *_ = sorted(contents(rendered))
    (rendered / first).unlink()
    (rendered / second).write_text("edited: by hand\n", encoding="utf-8")
    (rendered / "zzz.yaml").write_text("left: behind\n", encoding="utf-8")
    before = contents(rendered)
    result = run("render", "--check")
    assert result.exit_code == 1
    assert result.stdout == f"+ {first}\n~ {second}\n- zzz.yaml\n"
    assert result.stderr == (
        "render: rendered/ is out of date: 1 added, 1 changed, 1 removed; run tenantry render and commit rendered/\n"
    )
    assert contents(rendered) == before
    assert run("render").exit_code == 0
    assert run("render", "--check").exit_code == 0


def test_the_check_in_json_names_the_files_too(rendered: Path, run: Run) -> None:
    (rendered / "zzz.yaml").write_text("left: behind\n", encoding="utf-8")
    result = run("render", "--check", "--format", "json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["files"] == [{"change": "removed", "path": "zzz.yaml"}]
    assert {key: report["summary"][key] for key in ("added", "changed", "removed")} == {
        "added": 0,
        "changed": 0,
        "removed": 1,
    }


def test_the_check_annotates_a_pull_request(rendered: Path, run: Run) -> None:
    (rendered / "zzz.yaml").write_text("left: behind\n", encoding="utf-8")
    result = run("render", "--check", "--format", "github")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "- zzz.yaml",
        (
            "::error title=rendered/ is out of date::0 added, 0 changed, 1 removed; "
            "run tenantry render and commit rendered/"
        ),
    ]


@pytest.mark.parametrize("words", [("render",), ("render", "--check")], ids=" ".join)
def test_a_mistake_in_the_inputs_stops_it_before_anything_is_written(
    words: tuple[str, ...], fleet: Path, run: Run
) -> None:
    misspell_tier(fleet)
    result = run(*words)
    assert result.exit_code == 1
    assert "enterprize" in result.stdout
    assert "render: nothing " in result.stderr
    assert not (fleet / "rendered").exists()


def test_a_second_run_at_the_same_time_is_refused(rendered: Path, fleet: Path, run: Run) -> None:
    from generator.write import exclusive

    with exclusive(fleet):
        result = run("render")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    assert "is already working in" in result.stderr
    assert "--traceback" not in result.stderr


def test_a_part_is_written_and_the_rest_is_left(rendered: Path, run: Run) -> None:
    for file in rendered.rglob("*.yaml"):
        file.write_text("old: content\n", encoding="utf-8")
    result = run("render", "--tenant", "acme")
    assert result.exit_code == 0
    assert " rendered again: 0 added, " in result.stderr
    changed = {path for path, content in contents(rendered).items() if content != b"old: content\n"}
    assert changed
    assert all("acme" in path for path in changed)


def test_a_name_that_the_fleet_does_not_have_is_refused(fleet: Path, run: Run) -> None:
    result = run("render", "--tenant", "acmee")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: no tenant is named 'acmee'; did you mean 'acme'?\n"
    result = run("render", "--cluster", "nowhere-at-all")
    assert (result.exit_code, result.stderr) == (2, "Error: no cell is named 'nowhere-at-all'\n")
    assert not (fleet / "rendered").exists()


def test_a_revision_that_git_does_not_know_is_refused(fleet: Path, run: Run) -> None:
    result = run("render", "--since", "no-such-revision")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: no revision 'no-such-revision' to compare with: ")
