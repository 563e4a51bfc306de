"""What a publish puts on its branches."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.publish import Moved, Unchanged, blob_id, publish
from tests.publish.world import World, tree_of
from tests.repositories import git

FILES = {f"cell-{cell}/tenants/t{number}/app.yaml": b"%d" % number for cell in "ab" for number in range(20)}


def packed(folder: Path, kind: str) -> int:
    """How many objects of a kind a repository has."""
    lines = git(folder, "cat-file", "--batch-check", "--batch-all-objects").splitlines()
    return sum(line.split(" ")[1] == kind for line in lines)


def test_a_first_publish_makes_the_branch(world: World) -> None:
    outcome = world.publish(FILES, fleet="example")
    assert outcome.diagnostics == ()
    assert outcome.branches == (Moved("rendered", None, world.tip(), tuple(sorted(FILES)), (), ()),)
    assert world.files() == FILES
    source = git(world.fleet, "rev-parse", "HEAD")
    assert outcome.source == source
    assert git(world.target, "log", "-1", "--format=%B%an <%ae>%n%P", "rendered") == (
        f"Publish 40 changed files from {source[:12]}\n\ncell-a: 20 added\ncell-b: 20 added\n\n"
        f"Tenantry-Source: {source}\nTenantry-Fleet: example\nPublisher Ü <publisher@example.com>\n"
    )


def test_a_second_publish_sends_only_what_changed(world: World) -> None:
    world.publish(FILES)
    first, before = world.tip(), world.objects()
    world.commit()
    path = "cell-a/tenants/t7/app.yaml"
    outcome = world.publish({**FILES, path: b"new"})
    assert outcome.branches == (Moved("rendered", first, world.tip(), (), (path,), ()),)
    assert world.files() == {**FILES, path: b"new"}
    assert git(world.target, "rev-parse", "rendered^") == first
    # One blob, four trees from t7 up to the root, one commit; and the commit of the record.
    assert world.objects() - before == 7


def test_nothing_to_change_makes_no_commit(world: World) -> None:
    world.publish(FILES)
    tip, objects = world.tip(), world.objects()
    newer = world.commit()
    outcome = world.publish(FILES)
    assert (outcome.branches, outcome.recorded) == ((Unchanged("rendered"),), ("rendered",))
    # The commit of the record is all that is new.
    assert (world.tip(), world.objects()) == (tip, objects + 1)
    assert world.recorded() == newer


def test_the_files_of_a_tenant_that_left_go(world: World) -> None:
    world.publish(FILES)
    world.commit()
    kept = {path: content for path, content in FILES.items() if "/t7/" not in path}
    (moved,) = world.publish(kept).branches
    assert isinstance(moved, Moved)
    assert moved.removed == ("cell-a/tenants/t7/app.yaml", "cell-b/tenants/t7/app.yaml")
    assert world.files() == kept


@pytest.mark.parametrize("filters", ["true", "false"])
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_it_goes_on_without_its_cache_on_servers_with_and_without_filters(
    world: World, filters: str, scheme: str
) -> None:
    git(world.target, "config", "uploadpack.allowFilter", filters)
    git(world.target, "config", "uploadpack.allowAnySHA1InWant", filters)
    address = f"{scheme}{world.target}"
    files = dict(FILES)
    for number in range(4):
        if number % 2:
            shutil.rmtree(Path(os.environ["HOME"]) / ".cache")
        world.commit()
        files[f"cell-a/tenants/t{number}/app.yaml"] = b"new"
        assert world.publish(files, repository=address).diagnostics == ()
        assert world.files() == files
    assert git(world.target, "rev-list", "--count", "rendered") == "4"
    assert git(world.target, "fsck", "--strict", "--no-dangling") == ""
    if filters == "true":
        (cache,) = Path(os.environ["HOME"]).glob(".cache/tenantry/publish/*/sha1-0")
        assert (
            packed(cache, "blob") == 1
        )  # the one blob of the last publish; of the tip before it only commit and trees


def test_somebody_elses_publish_in_between_is_fetched(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.publish(FILES)
    monkeypatch.setenv("XDG_CACHE_HOME", str(world.fleet.parent / "other-machine"))
    world.commit()
    world.publish({**FILES, "cell-a/x.yaml": b"x"})
    monkeypatch.delenv("XDG_CACHE_HOME")
    world.commit()
    (moved,) = world.publish({**FILES, "cell-a/y.yaml": b"y"}).branches
    assert isinstance(moved, Moved)
    assert (moved.added, moved.changed, moved.removed) == (("cell-a/y.yaml",), (), ("cell-a/x.yaml",))
    assert world.files() == {**FILES, "cell-a/y.yaml": b"y"}


def test_without_a_usable_cache_folder_it_works_in_a_temporary_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = world.fleet.parent / "blocked"
    blocked.write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert world.publish(FILES).diagnostics == ()
    world.commit()
    assert world.publish({**FILES, "cell-a/y.yaml": b"y"}).diagnostics == ()
    assert world.files() == {**FILES, "cell-a/y.yaml": b"y"}


def test_a_broken_cache_is_made_anew(world: World) -> None:
    world.publish(FILES)
    (cache,) = Path(os.environ["HOME"]).glob(".cache/tenantry/publish/*/sha1-0")
    (cache / "shallow.lock").write_bytes(b"")
    cache.with_suffix(".lock").write_bytes(b"in use\n")
    world.commit()
    assert world.publish({**FILES, "cell-a/y.yaml": b"y"}).diagnostics == ()
    assert not (cache / "shallow.lock").exists()
    assert sorted(path.name for path in cache.parent.iterdir()) == ["sha1-0", "sha1-0.lock"]


def test_the_same_publish_has_the_same_commit_id_on_every_machine(world: World, tmp_path: Path) -> None:
    world.publish(FILES)
    other = tmp_path / "other.git"
    git(tmp_path, "init", "--quiet", "--bare", str(other))
    (moved,) = world.publish(FILES, repository=str(other)).branches
    assert isinstance(moved, Moved)
    assert moved.new == world.tip()


def test_a_dry_run_says_what_would_move_and_leaves_the_target_alone(world: World) -> None:
    (would,) = world.publish(FILES, dry_run=True).branches
    assert (world.tip(), world.objects()) == ("", 0)
    (moved,) = world.publish(FILES).branches
    assert would == moved


def test_each_environment_has_a_branch_of_its_own(world: World) -> None:
    environments = {"cell-a": "prod", "cell-b": "dev"}
    outcome = world.publish(FILES, per_environment=environments)
    assert [found.branch for found in outcome.branches] == ["rendered/dev", "rendered/prod"]
    for cell, environment in environments.items():
        assert world.files(f"rendered/{environment}") == {
            path: content for path, content in FILES.items() if path.startswith(cell)
        }
    world.commit()
    dev = world.tip("rendered/dev")
    outcome = world.publish({**FILES, "cell-a/x.yaml": b""}, per_environment=environments)
    assert outcome.branches[0] == Unchanged("rendered/dev")
    assert isinstance(outcome.branches[1], Moved)
    assert world.tip("rendered/dev") == dev


def test_a_cluster_without_an_environment_is_a_bug(world: World) -> None:
    with pytest.raises(ValueError, match="belongs to no cluster"):
        world.publish(FILES, per_environment={"cell-a": "prod"})


def test_files_become_folders_and_folders_become_files(world: World) -> None:
    world.publish({"a/b": b"1", "c/d/e": b"1", "c/d/f": b"1"})
    world.commit()
    after = {"a/b/c": b"2", "c/d": b"2"}
    world.publish(after)
    assert world.files() == after


def test_an_executable_or_a_link_on_the_branch_becomes_a_plain_file(world: World, tmp_path: Path) -> None:
    world.publish({"a": b"1", "b": b"1", "c": b"1"})
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--branch=rendered", str(world.target), str(clone))
    (clone / "a").chmod(0o755)
    (clone / "b").unlink()
    (clone / "b").symlink_to("c")
    git(clone, "add", "--all")
    source = git(world.fleet, "rev-parse", "HEAD")
    git(clone, "commit", "--quiet", "--message", f"by hand\n\nTenantry-Source: {source}")
    git(clone, "push", "--quiet", "origin", "HEAD:rendered")
    (moved,) = world.publish({"a": b"1", "b": b"1", "c": b"1"}).branches
    assert isinstance(moved, Moved)
    assert moved.changed == ("a", "b")
    assert world.files() == {"a": b"1", "b": b"1", "c": b"1"}


NAMES = st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=6)
PATHS = st.lists(NAMES.filter(lambda name: name not in (".", "..") and name.lower() != ".git"), min_size=1, max_size=3)


@given(
    files=st.dictionaries(
        PATHS.map(lambda parts: "/".join(["cell", *parts])), st.binary(max_size=9), min_size=1, max_size=5
    )
)
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_odd_names_and_contents_survive(world: World, files: dict[str, bytes]) -> None:
    whole = {path: content for path, content in files.items() if not any(o.startswith(f"{path}/") for o in files)}
    assert world.publish(whole).diagnostics == ()
    assert world.files() == whole


def test_names_that_git_would_quote_survive_additions_changes_and_removals(world: World) -> None:
    names = ['"quoted"', "back\\slash", "new\nline", "tab\t", " space ", "ü", "-dash", '"', "\x7f"]
    files = {f"cell/{name}": content for name in names for content in [name.encode()]}
    world.publish({**files, "cell/kept": b""})
    assert world.files() == {**files, "cell/kept": b""}
    changed = dict.fromkeys(files, b"\x00\xff\r\n")
    world.publish(changed)
    assert world.files() == changed
    world.publish({"cell/kept": b"no line break"})
    assert world.files() == {"cell/kept": b"no line break"}


def test_a_deleted_branch_starts_anew(world: World) -> None:
    world.publish(FILES)
    git(world.target, "update-ref", "-d", "refs/heads/rendered")
    world.commit()
    assert world.publish({"cell-a/x": b"1"}).diagnostics == ()
    assert world.files() == {"cell-a/x": b"1"}
    assert git(world.target, "rev-list", "--count", "rendered") == "1"


@pytest.mark.parametrize("empty", [True, False])
def test_a_target_with_sha256_names_works(world: World, tmp_path: Path, empty: bool) -> None:
    target = tmp_path / "sha256.git"
    git(tmp_path, "init", "--quiet", "--bare", "--object-format=sha256", str(target))
    other = World(world.fleet, target)
    if not empty:
        blank = git(target, "hash-object", "-t", "tree", "-w", "/dev/null")
        git(target, "update-ref", "refs/heads/main", git(target, "commit-tree", "-m", "x", blank))
        git(target, "symbolic-ref", "HEAD", "refs/heads/main")
    for number in range(2):
        world.commit()
        assert other.publish({**FILES, "cell-a/n": b"%d" % number}).diagnostics == ()
        assert other.files() == {**FILES, "cell-a/n": b"%d" % number}
    assert len(other.tip()) == 64


def test_blob_ids_are_those_of_git(world: World) -> None:
    (world.fleet / "blob").write_bytes(b"a\0\xff\n")
    assert blob_id(b"a\0\xff\n", "sha1") == git(world.fleet, "hash-object", "blob")


def test_the_fleets_own_repository_can_hold_the_branch(world: World) -> None:
    own = World(world.fleet, world.fleet)
    assert own.publish(FILES, repository=".").diagnostics == ()
    assert own.files() == FILES
    assert git(world.fleet, "status", "--porcelain") == ""


def test_a_fleet_in_a_sub_folder_and_a_detached_head(world: World) -> None:
    below = world.fleet / "fleets" / "one"
    below.mkdir(parents=True)
    (below / "fleet.yaml").write_text("x")
    world.commit()
    git(world.fleet, "checkout", "--quiet", "--detach")
    outcome = publish(tree_of(FILES), world.request(root=below, repository="../../../target.git"))
    assert outcome.diagnostics == ()
    assert world.files() == FILES


def test_without_an_identity_it_signs_as_tenantry(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    monkeypatch.delenv("EMAIL", raising=False)
    world.publish(FILES)
    who = git(world.target, "log", "-1", "--format=%an <%ae> %cn <%ce>", "rendered")
    assert who == "tenantry <tenantry@localhost> tenantry <tenantry@localhost>"


def test_the_clones_own_way_of_reaching_the_target_is_used(world: World) -> None:
    git(world.fleet, "config", f"url.file://{world.target.parent}/.insteadOf", "https://git.invalid/")
    assert world.publish(FILES, repository="https://git.invalid/target.git").diagnostics == ()
    assert world.files() == FILES


def test_it_works_from_a_git_hook(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(world.fleet / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(world.fleet))
    monkeypatch.setenv("GIT_INDEX_FILE", str(world.fleet / ".git/index"))
    assert world.publish(FILES).diagnostics == ()
    monkeypatch.undo()
    assert World(world.fleet, world.target).files() == FILES
    assert git(world.fleet, "for-each-ref", "--format=%(refname)") == "refs/heads/main"
