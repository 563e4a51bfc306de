"""Publishes that are killed, and publishes that run at the same time: every branch is at one whole state."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator.publish import Moved
from tests.processes import ended
from tests.publish.world import World
from tests.repositories import git

ENVIRONMENTS = {"cell-a": "prod", "cell-b": "dev"}
PUBLISHER = """
import json, os, sys
from pathlib import Path
from generator.model.tree import Tree
from generator.publish import Request, publish

os.environ["PUBLISHER"] = str(os.getpid())
root, repository, environments, mark = sys.argv[1:]
files = {f"{cell}/t{n}.yaml": mark.encode() for cell in ("cell-a", "cell-b") for n in range(30)}
request = Request(Path(root), repository, "rendered", json.loads(environments), attempts=20)
print("ready", flush=True)
outcome = publish(Tree(files), request)
print(*sorted({found.code.id for found in outcome.diagnostics}), flush=True)
"""


def files_of(mark: str, *cells: str) -> dict[str, bytes]:
    return {f"{cell}/t{number}.yaml": mark.encode() for cell in cells for number in range(30)}


def start(root: Path, target: Path, mark: str) -> subprocess.Popen[str]:
    """A publisher in a process group of its own, which its git processes belong to as well."""
    words = [str(root), str(target), json.dumps(ENVIRONMENTS), mark]
    command = [sys.executable, "-c", PUBLISHER, *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def state(world: World) -> tuple[str, str]:
    """The mark that the whole of each branch carries; fails on a mixture."""
    found = []
    for environment, cell in (("prod", "cell-a"), ("dev", "cell-b")):
        files = world.files(f"rendered/{environment}")
        (mark,) = set(files.values())
        assert files == files_of(mark.decode(), cell)
        found.append(mark.decode())
    return found[0], found[1]


@pytest.fixture
def published(world: World) -> World:
    """A world with `old` on both branches, and a newer commit of the fleet."""
    assert world.publish(files_of("old", "cell-a", "cell-b"), per_environment=ENVIRONMENTS).diagnostics == ()
    world.commit()
    return world


def check_after_kill(world: World) -> None:
    assert state(world) in (("old", "old"), ("new", "new"))
    outcome = world.publish(files_of("new", "cell-a", "cell-b"), per_environment=ENVIRONMENTS)
    assert outcome.diagnostics == ()
    assert state(world) == ("new", "new")


@pytest.mark.parametrize("delay", [0, 0.02, 0.05, 0.08, 0.12, 0.16, 0.2, 0.3])
def test_killed_after_any_time_all_branches_are_old_or_all_are_new(published: World, delay: float) -> None:
    with start(published.fleet, published.target, "new") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert ended(process.pid), "processes of a killed publish are still running"
    check_after_kill(published)


@pytest.mark.parametrize("victim", ["$PUBLISHER", "$PPID"], ids=["the publisher", "the server's process"])
@pytest.mark.parametrize("hook", ["pre-receive", "update", "post-receive"])
def test_killed_while_the_target_is_at_work_all_branches_are_old_or_all_are_new(
    published: World, hook: str, victim: str
) -> None:
    published.hook(hook, f'test -n "$PUBLISHER" || exit 0; touch {published.target}/killed; kill -9 {victim}')
    with start(published.fleet, published.target, "new") as process:
        process.wait()
        assert ended(process.pid), "processes of a killed publish are still running"
    assert (published.target / "killed").exists()
    if victim == "$PUBLISHER":
        assert process.returncode == -signal.SIGKILL
    (published.target / "hooks" / hook).unlink()
    check_after_kill(published)


STEPS = ["ls-remote", "fetch", "fast-import", "push"]


@pytest.mark.parametrize("step", STEPS)
def test_killed_with_all_its_processes_in_any_git_command(published: World, tmp_path: Path, step: str) -> None:
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin/git"
    # A fetch only happens when somebody else has published; a fresh cache stands for that.
    if step == "fetch":
        subprocess.run(["rm", "-r", os.environ["HOME"] + "/.cache"], check=True)
    # A push is killed before it begins: its other end is the target's own process, and a server killed by force in the
    # middle of moving a branch may leave the branch locked, whoever pushed.
    begun = "" if step == "push" else f'head -c 2000 | {real} "$@" & sleep 0.01; '
    fake.write_text(
        f'#!/bin/sh\nif [ "$1" = {step} ]; then\n  touch {tmp_path}/killed\n  {begun}kill -9 0\nfi\nexec {real} "$@"\n'
    )
    fake.chmod(0o755)
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{tmp_path}/bin:{path}"
    try:
        with start(published.fleet, published.target, "new") as process:
            process.wait()
            assert ended(process.pid), "processes of a killed publish are still running"
    finally:
        os.environ["PATH"] = path
    assert (tmp_path / "killed").exists()
    assert process.returncode == -signal.SIGKILL
    check_after_kill(published)


def test_of_publishes_at_the_same_time_the_newest_wins_and_nothing_mixes(world: World, tmp_path: Path) -> None:
    commits = [world.commit(f"{number}") for number in range(4)]
    roots = []
    for number, commit in enumerate(commits):
        roots.append(tmp_path / f"clone-{number}")
        git(tmp_path, "clone", "--quiet", str(world.fleet), str(roots[-1]))
        git(roots[-1], "checkout", "--quiet", commit)
    running = [start(root, world.target, f"{number}") for number, root in enumerate(roots)]
    said = [process.communicate()[0].split()[1:] for process in running]
    assert [process.returncode for process in running] == [0] * 4
    # Who came too late was told so, and only that.
    assert all(codes in ([], ["PUB008"]) for codes in said)
    assert said[-1] == []
    assert state(world) == ("3", "3")
    published = sum(codes == [] for codes in said)
    for environment in ("prod", "dev"):
        assert git(world.target, "rev-list", "--count", f"rendered/{environment}") == str(published)


def test_publishes_at_the_same_time_to_two_targets_do_not_disturb_each_other(world: World, tmp_path: Path) -> None:
    other = World(world.fleet, tmp_path / "other.git")
    git(tmp_path, "init", "--quiet", "--bare", str(other.target))
    running = [start(world.fleet, target, "x") for target in (world.target, other.target)]
    assert [process.communicate()[0] for process in running] == ["ready\n\n"] * 2
    assert state(world) == state(other) == ("x", "x")


def test_the_first_publish_killed_leaves_no_branch_or_all(world: World) -> None:
    world.hook("update", 'test -n "$PUBLISHER" || exit 0; kill -9 $PUBLISHER $PPID')
    with start(world.fleet, world.target, "new") as process:
        process.wait()
        assert ended(process.pid), "processes of a killed publish are still running"
    assert (world.tip("rendered/dev"), world.tip("rendered/prod")) == ("", "")
    outcome = world.publish(files_of("new", "cell-a", "cell-b"), per_environment=ENVIRONMENTS)
    assert all(isinstance(found, Moved) for found in outcome.branches)
    assert state(world) == ("new", "new")
