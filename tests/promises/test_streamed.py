"""What is written as it is rendered is what rendering in memory gives; a killed run leaves whole files behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from generator.pipeline import output, settling
from generator.write import Differences
from tests.conftest import REPOSITORY
from tests.fleets import SMALL
from tests.processes import ended


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    root = tmp_path / "fleet"
    shutil.copytree(SMALL, root)
    return root


@pytest.fixture(scope="module")
def expected() -> dict[str, bytes]:
    tree = output.render(SMALL, jobs=1).tree
    assert tree is not None
    return dict(tree.files)


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_any_number_of_workers_writes_what_rendering_gives(fleet: Path, expected: dict[str, bytes], jobs: int) -> None:
    settled = settling.settle(fleet, jobs=jobs)
    assert settled.differences == Differences(tuple(sorted(expected)), (), ())
    assert contents(fleet / "rendered") == expected
    assert settled.files == len(expected)
    assert settling.settle(fleet, check=True, jobs=jobs).differences == Differences((), (), ())


def test_the_check_finds_what_comparing_the_whole_output_finds(fleet: Path, expected: dict[str, bytes]) -> None:
    settling.settle(fleet)
    first, second, *_ = sorted(expected)
    (fleet / "rendered" / first).unlink()
    (fleet / "rendered" / second).write_bytes(b"edited: by hand\n")
    (fleet / "rendered/zzz.yaml").write_bytes(b"")
    before = contents(fleet / "rendered")
    found = settling.settle(fleet, check=True, jobs=3).differences
    tree = output.render(fleet).tree
    assert tree is not None
    assert found == output.compare(fleet, tree) == Differences((first,), (second,), ("zzz.yaml",))
    assert contents(fleet / "rendered") == before
    assert settling.settle(fleet, jobs=3).differences == found
    assert contents(fleet / "rendered") == expected


@pytest.mark.parametrize("jobs", [1, 3])
def test_nothing_is_written_when_one_object_has_a_fault(fleet: Path, expected: dict[str, bytes], jobs: int) -> None:
    settling.settle(fleet)
    (fleet / "templates/cluster").mkdir(parents=True)
    (fleet / "templates/cluster/more.yaml").write_text("a: {{ 1 / (cluster.name != fleet.clusters[0].name) }}\n")
    settled = settling.settle(fleet, jobs=jobs)
    assert settled.differences is None
    assert [each.code.id for each in settled.diagnostics] == ["RND014"]
    assert contents(fleet / "rendered") == expected
    assert {path.name for path in (fleet / ".tenantry").iterdir()} == {".gitignore", "lock"}


KILLED_RENDER = """
import os, signal, sys

name, left = sys.argv.pop(1), int(sys.argv.pop(1))
plain, program = getattr(os, name), os.getpid()

def counted(*arguments, **named):
    global left
    if left == 0:
        os.kill(program, signal.SIGKILL)
    left -= 1
    return plain(*arguments, **named)

setattr(os, name, counted)
from generator.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize(("act", "after"), [("replace", 0), ("replace", 1), ("replace", 7), ("fchmod", 5)])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_killed_run_leaves_whole_files_and_the_next_completes(
    fleet: Path, expected: dict[str, bytes], act: str, after: int, jobs: str
) -> None:
    settling.settle(fleet)
    old = {path: b"old: " + content for path, content in expected.items()}
    for path, content in old.items():
        (fleet / "rendered" / path).write_bytes(content)
    killed = subprocess.Popen(
        [sys.executable, "-c", KILLED_RENDER, act, str(after), "render", "--jobs", jobs],
        cwd=fleet,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        start_new_session=True,
    )
    assert killed.wait() == -signal.SIGKILL
    found = contents(fleet / "rendered")
    assert found.keys() == expected.keys()
    assert all(content in (old[path], expected[path]) for path, content in found.items())
    assert sum(found[path] == expected[path] for path in found) == (after if act == "replace" else 0)
    settling.settle(fleet)
    assert contents(fleet / "rendered") == expected
    assert not list((fleet / ".tenantry").glob("staged-*"))
    assert ended(killed.pid), "a worker waits for work that nobody gives it"
