"""What a publish refuses, what it says then, and that nothing moved."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from generator.diagnostics import Diagnostic
from generator.model.tree import Tree
from generator.publish import Outcome, publish, publishing
from generator.publish.command import Git, GitUnavailable, without_credentials
from generator.publish.push import push
from generator.publish.target import Raced
from generator.publish.trailers import trailers
from tests.publish.world import World, tree_of
from tests.repositories import git

FILES = {"cell-a/x.yaml": b"x", "cell-b/y.yaml": b"y"}
ENVIRONMENTS = {"cell-a": "prod", "cell-b": "dev"}


def only(outcome: Outcome) -> Diagnostic:
    """The one diagnostic of a publish that moved nothing."""
    assert outcome.branches == ()
    (found,) = outcome.diagnostics
    return found


def test_an_older_commit_does_not_overwrite_a_newer_one(world: World) -> None:
    older = git(world.fleet, "rev-parse", "HEAD")
    newer = world.commit()
    world.publish(FILES)
    tip = world.tip()
    git(world.fleet, "checkout", "--quiet", older)
    found = only(world.publish({"cell-a/x.yaml": b"old"}))
    assert found.code.id == "PUB008"
    assert found.message == f"branch 'rendered' was published from {newer[:12]}, which is newer than {older[:12]}"
    assert world.tip() == tip


def test_a_diverged_commit_is_refused(world: World) -> None:
    git(world.fleet, "checkout", "--quiet", "-b", "side")
    theirs = world.commit("side")
    world.publish(FILES)
    tip = world.tip()
    git(world.fleet, "checkout", "--quiet", "main")
    world.commit("main")
    found = only(world.publish({"cell-a/x.yaml": b"other"}))
    assert found.code.id == "PUB009"
    assert found.hint == f"merge or rebase onto {theirs[:12]}, render, and publish again"
    assert world.tip() == tip
    git(world.fleet, "-c", "merge.conflictStyle=merge", "merge", "--quiet", "--strategy=ours", "side")
    assert world.publish({"cell-a/x.yaml": b"other"}).diagnostics == ()


def test_an_unknown_source_is_refused_until_it_is_fetched(world: World, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(world.fleet), str(clone))
    world.commit()
    world.publish(FILES)
    found = only(publish(tree_of(FILES), world.request(root=clone)))
    assert (found.code.id, found.hint) == ("PUB010", "git fetch, then publish again")
    git(clone, "fetch", "--quiet")
    assert only(publish(tree_of(FILES), world.request(root=clone))).code.id == "PUB008"


def test_a_shallow_clone_is_told_to_fetch_the_rest(world: World, tmp_path: Path) -> None:
    world.publish(FILES)
    world.commit()
    newest = world.commit()
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{world.fleet}", str(clone))
    found = only(publish(tree_of({"a/b": b""}), world.request(root=clone)))
    assert (found.code.id, found.hint) == ("PUB010", "git fetch --unshallow, then publish again")
    git(clone, "fetch", "--quiet", "--unshallow")
    assert publish(tree_of({"a/b": b""}), world.request(root=clone)).diagnostics == ()
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{world.fleet}", str(shallow))
    outcome = publish(tree_of({"a/c": b""}), world.request(root=shallow))
    assert (outcome.source, outcome.diagnostics) == (newest, ())


def test_a_commit_by_hand_on_top_is_not_overwritten(world: World, tmp_path: Path) -> None:
    world.publish(FILES)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--branch=rendered", str(world.target), str(clone))
    (clone / "cell-a/x.yaml").write_text("by hand")
    git(clone, "commit", "--quiet", "--all", "--message", "Fix it by hand")
    git(clone, "push", "--quiet", "origin", "HEAD:rendered")
    tip = world.tip()
    found = only(world.publish(FILES))
    assert (found.code.id, found.found) == ("PUB007", f"{tip[:12]} Fix it by hand")
    assert world.tip() == tip


def test_a_branch_of_sources_is_not_overwritten(world: World) -> None:
    git(world.fleet, "push", "--quiet", str(world.target), "main")
    assert only(world.publish(FILES, branch="main")).code.id == "PUB007"
    assert world.tip("main") == git(world.fleet, "rev-parse", "main")


def test_two_fleets_do_not_overwrite_each_other(world: World) -> None:
    world.publish(FILES, fleet="one")
    found = only(world.publish({"a/b": b""}, fleet="two"))
    assert (found.code.id, found.found) == ("PUB007", "output of the fleet 'one'")
    assert world.publish({"a/b": b""}, fleet="one").diagnostics == ()


def test_an_empty_tree_is_refused(world: World) -> None:
    world.publish(FILES)
    assert only(publish(Tree({}), world.request())).code.id == "PUB011"
    assert world.files() == FILES


def test_an_environment_without_files_is_refused(world: World) -> None:
    found = only(world.publish({"cell-a/x.yaml": b""}, per_environment=ENVIRONMENTS))
    assert (found.code.id, found.message) == ("PUB011", "no file is rendered for branch 'rendered/dev'")
    assert world.objects() == 0


def test_uncommitted_inputs_are_named(world: World) -> None:
    (world.fleet / "tenants").mkdir()
    (world.fleet / "tenants/ö b.yaml").write_text("x")
    (world.fleet / "notes").write_text("changed")
    for folder in ("rendered", ".tenantry"):
        (world.fleet / folder).mkdir()
        (world.fleet / folder / "x").write_text("x")
    found = only(world.publish(FILES))
    assert (found.code.id, found.message) == ("PUB002", "2 uncommitted changes in the inputs")
    assert found.found == "notes, tenants/ö b.yaml"
    found = only(world.publish(FILES, inputs=["tenants"]))
    assert (found.location.path, found.found) == ("tenants/ö b.yaml", "tenants/ö b.yaml")
    assert world.publish(FILES, inputs=["regions"]).diagnostics == ()


def test_uncommitted_inputs_are_named_from_the_fleets_folder(world: World) -> None:
    below = world.fleet / "one"
    below.mkdir()
    (below / "fleet.yaml").write_text("x")
    (world.fleet / "elsewhere").write_text("x")
    found = only(publish(tree_of(FILES), world.request(root=below)))
    assert (found.location.path, found.found) == ("fleet.yaml", "fleet.yaml")


def test_a_folder_without_a_repository_is_refused(world: World, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    found = only(publish(tree_of(FILES), world.request(root=tmp_path / "bare")))
    assert (found.code.id, found.message) == ("PUB001", "the fleet's folder is not in a git repository")


def test_a_repository_without_a_commit_is_refused(world: World, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "new")
    found = only(publish(tree_of(FILES), world.request(root=tmp_path / "new")))
    assert (found.code.id, found.message) == ("PUB001", "the fleet's repository has no commit yet")


@pytest.mark.parametrize("address", ["{}", "file://{}", "."])
def test_a_checked_out_branch_is_refused(world: World, address: str) -> None:
    found = only(world.publish(FILES, branch="main", repository=address.format(world.fleet), dry_run=True))
    assert (found.code.id, found.message) == ("PUB005", "branch 'main' is checked out in the target repository")


def test_a_branch_checked_out_where_only_the_server_can_see_it_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    git(world.fleet, "checkout", "--quiet", "-b", "side")
    other = tmp_path / "other"
    git(tmp_path, "init", "--quiet", "--initial-branch=rendered", str(other))
    monkeypatch.setattr(publishing, "check_work_trees", lambda *_: [])
    assert only(world.publish(FILES, repository=str(other))).code.id == "PUB005"


@pytest.mark.parametrize("branch", ["a..b", "a b", "a.lock", "", "/a", "a//b", "a~1"])
def test_a_name_that_is_no_branch_is_refused(world: World, branch: str) -> None:
    assert only(world.publish(FILES, branch=branch)).code.id == "PUB003"


def test_branches_in_each_others_way_are_named(world: World) -> None:
    world.publish(FILES)
    outcome = world.publish(FILES, per_environment=ENVIRONMENTS)
    assert [found.code.id for found in outcome.diagnostics] == ["PUB004", "PUB004"]
    assert outcome.diagnostics[0].message == (
        "branch 'rendered/dev' cannot be made beside the existing branch 'rendered'"
    )
    git(world.target, "update-ref", "-d", "refs/heads/rendered")
    assert world.publish(FILES, per_environment=ENVIRONMENTS).diagnostics == ()
    assert {found.code.id for found in world.publish(FILES).diagnostics} == {"PUB004"}


def test_one_declined_branch_keeps_all_where_they_are(world: World) -> None:
    world.publish(FILES, per_environment=ENVIRONMENTS)
    tips = [world.tip("rendered/dev"), world.tip("rendered/prod")]
    world.hook("update", 'case "$1" in */prod) echo "prod is frozen" >&2; exit 1;; esac')
    world.commit()
    changed = {"cell-a/x.yaml": b"2", "cell-b/y.yaml": b"2"}
    found = only(world.publish(changed, per_environment=ENVIRONMENTS))
    assert found.code.id == "PUB012"
    assert found.message == f"{world.target} declined to move 'rendered/prod'"
    assert "prod is frozen" in found.found
    assert [world.tip("rendered/dev"), world.tip("rendered/prod")] == tips
    world.hook("update", "exit 0")
    assert world.publish(changed, per_environment=ENVIRONMENTS).diagnostics == ()


def test_a_declined_push_is_tried_without_records_and_not_again(world: World) -> None:
    world.hook("pre-receive", f"echo asked >> {world.target}/asked; exit 1")
    assert only(world.publish(FILES)).code.id == "PUB012"
    assert (world.target / "asked").read_text() == "asked\n" * 2


def test_a_server_without_atomic_pushes_takes_one_branch_but_not_two(world: World) -> None:
    git(world.target, "config", "receive.advertiseAtomic", "false")
    assert world.publish({"a/b": b""}, branch="single").diagnostics == ()
    found = only(world.publish(FILES, per_environment=ENVIRONMENTS))
    assert found.code.id == "PUB013"
    assert world.tip("rendered/dev") == world.tip("rendered/prod") == ""
    git(world.target, "config", "receive.advertiseAtomic", "true")
    world.publish(FILES, per_environment=ENVIRONMENTS)
    git(world.target, "config", "receive.advertiseAtomic", "false")
    world.commit()
    changed = {**FILES, "cell-a/x.yaml": b"2"}
    assert world.publish(changed, per_environment=ENVIRONMENTS).diagnostics == ()
    assert world.files("rendered/prod") == {"cell-a/x.yaml": b"2"}


@pytest.mark.parametrize(
    "repository",
    [
        "https://robot:s3cr%40t@127.0.0.1:1/fleet.git?private_token=s3crXt",
        "http://s3cr%40t@127.0.0.1:1/fleet.git",
        "https://robot:s3cr%40t@[::1/fleet.git",
    ],
)
def test_no_credential_is_in_any_message_or_in_the_cache(world: World, repository: str, tmp_path: Path) -> None:
    found = only(world.publish(FILES, repository=repository))
    assert found.code.id == "PUB006"
    for secret in ("s3cr%40t", "s3cr@t", "s3crXt"):
        assert secret not in repr(found)
        hits = subprocess.run(["grep", "-r", secret, str(tmp_path / "home")], check=False, capture_output=True)
        assert hits.stdout == b""


def test_credentials_are_taken_out_of_what_git_says() -> None:
    said = "fatal: unable to access 'https://me:pw@host/x.git?token=abc': bad pw"
    assert without_credentials(said, "https://me:pw@host/x.git") == (
        "fatal: unable to access 'https://host/x.git': bad ***"
    )
    assert without_credentials("ssh://git@host/x and git@host:x", "git@host:x") == "ssh://host/x and git@host:x"


def test_a_target_that_is_not_there_is_said_in_gits_words(world: World, tmp_path: Path) -> None:
    found = only(world.publish(FILES, repository=str(tmp_path / "nowhere")))
    assert found.code.id == "PUB006"
    assert found.message == f"cannot read {tmp_path / 'nowhere'}"
    assert "does not appear to be a git repository" in found.found


def test_a_push_that_another_publish_overtook_is_done_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.publish(FILES, per_environment=ENVIRONMENTS)
    older = world.commit()
    world.commit()
    plain, slept = push, list[float]()

    def overtaken(*arguments: object) -> object:
        monkeypatch.setattr(publishing, "push", plain)
        git(world.fleet, "checkout", "--quiet", older)
        # The other one moves only the branch that this one leaves alone.
        assert world.publish({**FILES, "cell-b/y.yaml": b"older"}, per_environment=ENVIRONMENTS).diagnostics == ()
        git(world.fleet, "checkout", "--quiet", "main")
        return plain(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "push", overtaken)
    tree = tree_of({**FILES, "cell-a/x.yaml": b"newer"})
    outcome = publish(tree, world.request(per_environment=ENVIRONMENTS), sleep=slept.append)
    assert [found.branch for found in outcome.branches] == ["rendered/dev", "rendered/prod"]
    assert world.files("rendered/prod") == {"cell-a/x.yaml": b"newer"}
    assert world.files("rendered/dev") == {"cell-b/y.yaml": b"y"}
    assert len(slept) == 1


def test_a_push_overtaken_by_a_newer_commit_is_stale_then(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.publish(FILES)
    older = world.commit()
    world.commit()
    plain = push

    def overtaken(*arguments: object) -> object:
        monkeypatch.setattr(publishing, "push", plain)
        git(world.fleet, "checkout", "--quiet", "main")
        assert world.publish({"cell-a/x.yaml": b"newer"}).diagnostics == ()
        git(world.fleet, "checkout", "--quiet", older)
        return plain(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "push", overtaken)
    git(world.fleet, "checkout", "--quiet", older)
    assert only(world.publish({"cell-a/x.yaml": b"older"})).code.id == "PUB008"
    assert world.files() == {"cell-a/x.yaml": b"newer"}


def test_it_gives_up_after_so_many_lost_races(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(publishing, "push", lambda *_: Raced("fetch first"))
    outcome = publish(tree_of(FILES), world.request(attempts=4), sleep=slept.append)
    assert (only(outcome).code.id, only(outcome).found) == ("PUB014", "fetch first")
    assert len(slept) == 3
    assert all(0.1 * 2**n <= delay <= 0.3 * 2**n for n, delay in enumerate(slept))


def test_a_locked_branch_is_tried_again(world: World) -> None:
    world.publish(FILES)
    world.commit()
    lock = world.target / "refs/heads/rendered.lock"
    lock.write_bytes(b"")
    slept: list[float] = []

    def let_go(delay: float) -> None:
        slept.append(delay)
        lock.unlink()

    outcome = publish(tree_of({"cell-a/x.yaml": b"2"}), world.request(), sleep=let_go)
    assert outcome.diagnostics == ()
    assert len(slept) == 1


def test_a_cut_off_stream_makes_no_commit(world: World) -> None:
    made = Git(world.target).feed([b"feature done\ncommit refs/heads/x\n"], "fast-import", "--quiet", "--done")
    assert made.status != 0
    assert world.tip("x") == ""


def test_without_git_the_environment_is_at_fault(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GitUnavailable, match="install git"):
        world.publish(FILES)


def test_only_the_last_paragraph_of_a_message_holds_trailers() -> None:
    assert trailers("S\n\nbody: x\n\nA: 1\nB-c: 2\n") == {"A": "1", "B-c": "2"}
    assert trailers("S\n\nA: 1\n\nRevert it\n") == {}
    assert trailers("S\n\nA: 1\nand more words\n") == {}
