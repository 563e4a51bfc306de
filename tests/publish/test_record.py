"""The record of what was published last, which outlives a publish that changed nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from generator.diagnostics import Severity
from generator.publish import Moved, Outcome, Unchanged, publish, publishing
from generator.publish.command import WorkspaceBroken
from generator.publish.push import push
from generator.publish.record import record_ref
from tests.publish.world import World, tree_of
from tests.repositories import git

FILES = {"cell-a/x.yaml": b"x", "cell-b/y.yaml": b"y"}
OTHER = {"cell-a/x.yaml": b"2", "cell-b/y.yaml": b"y"}
ENVIRONMENTS = {"cell-a": "prod", "cell-b": "dev"}


def codes(outcome: Outcome) -> list[str]:
    return [found.code.id for found in outcome.diagnostics]


def at(world: World, commit: str) -> None:
    git(world.fleet, "checkout", "--quiet", commit)


def everything(world: World) -> str:
    """Every ref of the target with its object."""
    return git(world.target, "for-each-ref")


@pytest.mark.parametrize("cached", [True, False])
def test_a_newer_commit_that_changed_nothing_is_remembered(world: World, cached: bool) -> None:
    world.publish(FILES)
    older, newer = world.commit(), world.commit()
    assert world.publish(FILES).branches == (Unchanged("rendered"),)
    if not cached:
        shutil.rmtree(Path(os.environ["HOME"]) / ".cache")
    at(world, older)
    refs = everything(world)
    outcome = world.publish(OTHER)
    assert codes(outcome) == ["PUB008"]
    assert outcome.diagnostics[0].message == (
        f"branch 'rendered' was published from {newer[:12]}, which is newer than {older[:12]}"
    )
    assert everything(world) == refs
    at(world, "main")
    world.commit()
    assert world.publish(OTHER).diagnostics == ()
    assert world.files() == OTHER


def test_an_older_commit_that_would_change_nothing_is_stale_as_well(world: World) -> None:
    older = git(world.fleet, "rev-parse", "HEAD")
    newer = world.commit()
    world.publish(FILES)
    at(world, older)
    assert codes(world.publish(FILES)) == ["PUB008"]
    assert world.recorded() == newer


def test_when_branch_and_record_are_right_nothing_is_pushed(world: World) -> None:
    world.publish(FILES)
    world.hook("pre-receive", f"touch {world.target}/asked; exit 1")
    outcome = world.publish(FILES)
    assert (outcome.branches, outcome.recorded, outcome.diagnostics) == ((Unchanged("rendered"),), (), ())
    assert not (world.target / "asked").exists()


def test_records_form_a_line_of_commits_without_files(world: World) -> None:
    sources = []
    for number in range(3):
        sources.append(world.commit())
        if number == 1:
            shutil.rmtree(Path(os.environ["HOME"]) / ".cache")
        world.publish(FILES, fleet="example")
    ref = record_ref("rendered")
    assert (
        git(world.target, "log", "--format=%(trailers:key=Tenantry-Source,valueonly,separator=)", ref).split()
        == (sources[::-1])
    )
    assert git(world.target, "log", "-1", "--format=%B", ref) == (
        f"Publish {sources[2][:12]}\n\nTenantry-Source: {sources[2]}\nTenantry-Fleet: example\n"
    )
    assert git(world.target, "ls-tree", ref) == ""
    assert git(world.target, "fsck", "--strict", "--no-dangling") == ""


def test_records_of_branches_with_slashes_stand_side_by_side() -> None:
    names = ["rendered", "rendered/prod", "rendered%2Fprod", "rendered/prod/eu", "a%b"]
    refs = [record_ref(name) for name in names]
    assert len(set(refs)) == len(refs)
    assert {ref.count("/") for ref in refs} == {2}


def test_another_layout_is_not_hindered_by_the_records_of_the_old_one(world: World) -> None:
    world.publish(FILES)
    git(world.target, "update-ref", "-d", "refs/heads/rendered")
    assert world.publish(FILES, per_environment=ENVIRONMENTS).diagnostics == ()
    for branch in ("rendered/prod", "rendered/dev"):
        git(world.target, "update-ref", "-d", f"refs/heads/{branch}")
    world.commit()
    assert world.publish(FILES).diagnostics == ()
    assert world.recorded("rendered") != world.recorded("rendered/prod") != ""


def test_the_record_of_a_deleted_branch_guards_nothing(world: World) -> None:
    older = git(world.fleet, "rev-parse", "HEAD")
    world.commit()
    world.publish(FILES)
    git(world.target, "update-ref", "-d", "refs/heads/rendered")
    at(world, older)
    assert world.publish(FILES).diagnostics == ()
    assert world.recorded() == older


def test_a_branch_without_a_record_is_judged_by_its_tip_and_gets_one(world: World) -> None:
    older = git(world.fleet, "rev-parse", "HEAD")
    newer = world.commit()
    world.publish(FILES)
    git(world.target, "update-ref", "-d", record_ref("rendered"))
    at(world, older)
    assert codes(world.publish(OTHER)) == ["PUB008"]
    at(world, newer)
    assert world.publish(FILES).recorded == ("rendered",)
    assert world.recorded() == newer


def test_a_tip_that_is_ahead_of_its_record_counts(world: World) -> None:
    world.publish(FILES)
    older = world.commit()
    old = world.record()
    world.commit()
    world.publish(OTHER)
    git(world.target, "update-ref", record_ref("rendered"), old)
    at(world, older)
    assert codes(world.publish(FILES)) == ["PUB008"]


@pytest.mark.parametrize("blob", [True, False])
def test_a_record_that_somebody_else_wrote_is_left_alone(world: World, blob: bool) -> None:
    world.publish(FILES)
    odd = git(world.target, "hash-object", "-w", "-t", "blob", "HEAD") if blob else ""
    if not blob:
        tree = git(world.target, "rev-parse", "rendered^{tree}")
        odd = git(world.target, "commit-tree", "-m", "something else", tree)
    git(world.target, "update-ref", record_ref("rendered"), odd)
    world.commit()
    refs = everything(world)
    outcome = world.publish(OTHER)
    assert codes(outcome) == ["PUB007"]
    assert outcome.diagnostics[0].message == "'refs/tenantry/rendered' holds what this fleet did not publish"
    assert everything(world) == refs


def test_a_dry_run_foretells_branches_and_records(world: World) -> None:
    world.publish(FILES, per_environment=ENVIRONMENTS)
    for files in (FILES, OTHER, FILES):
        world.commit()
        refs = everything(world)
        foretold = world.publish(files, per_environment=ENVIRONMENTS, dry_run=True)
        assert everything(world) == refs
        assert foretold.recorded == ("rendered/dev", "rendered/prod")
        assert world.publish(files, per_environment=ENVIRONMENTS) == foretold
        assert world.publish(files, per_environment=ENVIRONMENTS, dry_run=True).recorded == ()


def overtake(world: World, monkeypatch: pytest.MonkeyPatch, act: object) -> list[object]:
    """Lets `act` happen once, after a publish has looked and before it pushes. The answers of its pushes follow."""
    answers: list[object] = []

    def overtaken(*arguments: object) -> object:
        if not answers:
            answers.append(None)
            act()  # type: ignore[operator]
        answers.append(push(*arguments))  # type: ignore[arg-type]
        return answers[-1]

    monkeypatch.setattr(publishing, "push", overtaken)
    return answers


def test_a_record_that_moved_meanwhile_makes_the_push_start_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A (v1) is there; B (v2) has looked; C (v3) changes nothing and only records; B is then stale."""
    world.publish(FILES)
    older, newer = world.commit(), world.commit()
    files, refs = dict(OTHER), list[str]()

    def unchanged() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(publishing, "push", push)
            at(world, newer)
            assert world.publish(FILES).branches == (Unchanged("rendered"),)
            at(world, older)
        refs.append(everything(world))

    at(world, older)
    overtake(world, monkeypatch, unchanged)
    assert codes(world.publish(files)) == ["PUB008"]
    assert everything(world) == refs[0]


def test_the_server_itself_refuses_an_outdated_view_of_another_environment(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The other publish lands between this one's last look at the refs and their update on the server."""
    world.publish(FILES, per_environment=ENVIRONMENTS)
    older, newer = world.commit(), world.commit()
    # The newer publish moves dev only. It is made in a copy, and carried over within the older one's push.
    copy = World(world.fleet, tmp_path / "copy.git")
    git(tmp_path, "clone", "--quiet", "--mirror", str(world.target), str(copy.target))
    assert copy.publish({**FILES, "cell-b/y.yaml": b"3"}, per_environment=ENVIRONMENTS).diagnostics == ()
    moves = [
        f"update {ref} {git(copy.target, 'rev-parse', ref)}"
        for ref in ("refs/heads/rendered/dev", record_ref("rendered/dev"), record_ref("rendered/prod"))
    ]
    git(
        world.target,
        "fetch",
        "--quiet",
        str(copy.target),
        "refs/heads/rendered/dev",
        *map(record_ref, ("rendered/dev", "rendered/prod")),
    )
    (tmp_path / "moves").write_text("\n".join(moves) + "\n")
    once = f"test -e {tmp_path}/done || {{ touch {tmp_path}/done; env -u GIT_QUARANTINE_PATH git update-ref --stdin"
    world.hook("pre-receive", f"{once} < {tmp_path}/moves; }}")
    at(world, older)
    # This one moves prod only, so that no branch is moved by both.
    assert codes(world.publish(OTHER, per_environment=ENVIRONMENTS)) == ["PUB008", "PUB008"]
    assert (tmp_path / "done").exists()
    assert world.files("rendered/dev") == {"cell-b/y.yaml": b"3"}
    assert world.files("rendered/prod") == {"cell-a/x.yaml": b"x"}
    assert world.recorded("rendered/prod") == newer


@pytest.mark.parametrize("means", ["update hook", "hidden refs", "pre-receive hook"])
def test_a_server_that_takes_no_records_still_takes_branches(world: World, means: str) -> None:
    if means == "update hook":
        world.hook("update", 'case "$1" in refs/tenantry/*) echo "no such namespace" >&2; exit 1;; esac')
    elif means == "hidden refs":
        git(world.target, "config", "receive.hideRefs", "refs/tenantry")
    else:
        world.hook("pre-receive", "if grep -q refs/tenantry/; then exit 1; fi")
    for number, files in enumerate((FILES, OTHER)):
        world.commit()
        outcome = world.publish(files, per_environment=ENVIRONMENTS)
        assert [isinstance(branch, Moved) for branch in outcome.branches] == [number == 0, True]
        assert outcome.recorded == ()
        (found,) = outcome.diagnostics
        assert (found.code.id, found.severity) == ("PUB015", Severity.NOTE)
        assert found.message == (
            f"{world.target} declined refs/tenantry/*, so a commit that changes nothing is not remembered there"
        )
        assert world.files("rendered/prod") == {"cell-a/x.yaml": files["cell-a/x.yaml"]}
    world.commit()
    outcome = world.publish(OTHER, per_environment=ENVIRONMENTS)
    assert outcome.branches == (Unchanged("rendered/dev"), Unchanged("rendered/prod"))
    assert codes(outcome) == ["PUB015"]
    assert "refs/tenantry" not in everything(world)


def test_a_branch_that_is_declined_with_the_records_is_an_error(world: World) -> None:
    world.hook("update", "exit 1")
    outcome = world.publish(FILES)
    assert (outcome.branches, codes(outcome)) == ((), ["PUB012"])
    assert outcome.diagnostics[0].message == f"{world.target} declined to move 'rendered'"


def test_a_server_without_atomic_pushes_gets_the_branch_first_and_then_the_record(world: World) -> None:
    git(world.target, "config", "receive.advertiseAtomic", "false")
    world.publish(FILES)
    assert world.recorded() == git(world.fleet, "rev-parse", "HEAD")
    newer = world.commit()
    assert world.publish(FILES).branches == (Unchanged("rendered"),)
    assert world.recorded() == newer
    world.hook("update", 'case "$1" in refs/tenantry/*) exit 1;; esac')
    world.commit()
    assert codes(world.publish(OTHER)) == ["PUB015"]
    assert world.files() == OTHER


def test_a_branch_behind_its_own_record_can_be_published_again(world: World) -> None:
    """As a server without atomic pushes would leave it, and somebody who reset the branch by hand."""
    world.publish(FILES)
    old = world.tip()
    world.commit()
    world.publish(OTHER)
    git(world.target, "update-ref", "refs/heads/rendered", old)
    (moved,) = world.publish(OTHER).branches
    assert isinstance(moved, Moved)
    assert world.files() == OTHER


def test_a_broken_working_repository_is_a_fault_of_the_environment(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    real = shutil.which("git")
    fake = tmp_path / "bin/git"
    fake.write_text(
        f'#!/bin/sh\nif [ "$1" = fast-import ]; then echo "fatal: No space left on device" >&2; exit 128; fi\n'
        f'exec {real} "$@"\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    with pytest.raises(WorkspaceBroken, match=r"git cannot work in its cache: .*No space left on device; see that"):
        publish(tree_of(FILES), world.request())
    assert issubclass(WorkspaceBroken, OSError)
    assert everything(world) == ""
