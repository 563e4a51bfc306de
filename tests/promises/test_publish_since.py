"""A publish of what can differ since the last one gives the commits that a publish of everything gives."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.diagnostics import Code, Diagnostic, Severity, has_errors
from generator.load import cache
from generator.load.listing import ChangedMeanwhile
from generator.model.tree import Tree
from generator.pipeline import output, publishing, sides, stamped
from generator.pipeline.checks import Checked
from generator.source import Location
from tests.promises.test_narrow import AMONG
from tests.promises.test_since import EDITS, OWN, Edit, replaced, shipped, start_of, written
from tests.repositories import git

__all__ = ["shipped"]
TODAY = date(2026, 1, 1)


def said(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def tips(target: Path) -> dict[str, str]:
    """Branch → its commit; the records are not compared."""
    lines = said(target, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads").splitlines()
    return dict(line.split(" ") for line in lines)


def records(target: Path) -> list[str]:
    """What the records say."""
    lines = said(target, "for-each-ref", "--format=%(refname) %(contents)", "refs/tenantry").splitlines()
    return [line for line in lines if line]


def contents(target: Path) -> dict[str, str]:
    """Branch → its tree."""
    return {branch: said(target, "rev-parse", f"{branch}^{{tree}}") for branch in tips(target)}


def bare(folder: Path) -> Path:
    git(folder.parent, "init", "--quiet", "--bare", str(folder))
    return folder


def save(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "edit")


def published(
    root: Path, target: Path, *, full: bool = False, per_environment: bool | None = None
) -> publishing.Published:
    where = publishing.Where(str(target), None, per_environment)
    return publishing.publish(root, where, today=TODAY, full=full, jobs=1)


@pytest.fixture(autouse=True, scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No settings and caches but those of this test; and no checks, which a part of the templates does not pass."""
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "t")
            patch.setenv(f"GIT_{role}_EMAIL", "t@example.com")
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(publishing, "checked_tree", lambda *_, **__: Checked(None, None, (), 0, 0, 0))
        yield


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A fleet, and a repository that it has been published to."""
    folder = tmp_path_factory.mktemp("published")
    root, target = start_of(folder / "fleet"), bare(folder / "target.git")
    outcome = published(root, target).outcome
    assert outcome is not None
    assert not has_errors(outcome.diagnostics)
    return root, target


@pytest.fixture
def pair(start: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    return tuple(shutil.copytree(each, tmp_path / each.name) for each in start)  # type: ignore[return-value]


@given(
    turns=st.lists(
        st.tuples(st.lists(st.sampled_from(range(len(EDITS))), max_size=3), st.sampled_from([None, None, None, False])),
        min_size=1,
        max_size=2,
    )
)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_moves_the_branches_as_publishing_everything_does(
    start: tuple[Path, Path], turns: list[tuple[list[int], bool | None]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, target, other = (Path(folder) / name for name in ("fleet", "target.git", "other.git"))
        shutil.copytree(start[0], root)
        for copy in (target, other):
            shutil.copytree(start[1], copy)
        for edits, per_environment in turns:
            for number in edits:
                EDITS[number](root)
            save(root)
            part = published(root, target, per_environment=per_environment)
            whole = published(root, other, per_environment=per_environment, full=True)
            assert part.diagnostics == whole.diagnostics
            assert tips(target) == tips(other)
            # One branch cannot stand where there are branches below its name: both are refused, and it ends here.
            if has_errors(part.diagnostics):
                return
        fresh = bare(Path(folder) / "fresh.git")
        published(root, fresh, per_environment=per_environment)
        now = contents(target)
        assert {branch: now.get(branch) for branch in contents(fresh)} == contents(fresh)


tenants_edits = st.lists(st.sampled_from(AMONG), max_size=3, unique=True)


@given(turns=st.lists(st.tuples(tenants_edits, st.none() | st.sampled_from(EDITS)), min_size=1, max_size=3))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_whoever_reads_the_touched_tenants_alone_makes_the_commits_of_whoever_reads_all(
    start: tuple[Path, Path], turns: list[tuple[list[Edit], Edit | None]]
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        root, *targets = (Path(folder) / name for name in ("fleet", "narrow.git", "whole.git", "full.git"))
        shutil.copytree(start[0], root)
        for copy in targets:
            shutil.copytree(start[1], copy)
        patch.setattr(cache, "FEWEST", 0)
        patch.setenv(cache.VARIABLE, f"{folder}/cache")
        sides.inspected(root)
        for among, other in turns:
            for edit in (*among, *([other] if other else [])):
                edit(root)
            save(root)
            patch.setenv(cache.VARIABLE, f"{folder}/cache")
            narrow = published(root, targets[0])
            patch.setenv(cache.VARIABLE, "off")
            whole, full = published(root, targets[1]), published(root, targets[2], full=True)
            assert narrow == whole
            assert whole.diagnostics == full.diagnostics
            assert tips(targets[0]) == tips(targets[1]) == tips(targets[2])
            assert records(targets[0]) == records(targets[1]) == records(targets[2])


@pytest.fixture
def known(pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The fleet as it has been read once with a cache, and its target."""
    monkeypatch.setattr(cache, "FEWEST", 0)
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    sides.inspected(pair[0])
    return pair


def test_no_more_tenants_are_read_than_are_touched(known: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    root, target = known
    monkeypatch.setattr(stamped, "now", None)
    EDITS[0](root)
    save(root)
    done = published(root, target)
    assert 0 < done.rendered < done.files
    assert done.whole == ""
    assert published(root, target).rendered == 0


def test_what_other_tenants_have_on_a_touched_cell_and_is_not_at_hand_is_rendered_from_all_of_them(
    known: tuple[Path, Path],
) -> None:
    root, target = known
    shutil.rmtree(root / "rendered")
    save(root)
    assert published(root, target).rendered == 0
    EDITS[0](root)
    save(root)
    done = published(root, target)
    assert 0 < done.rendered < done.files
    assert done.whole == ""


def test_a_template_that_changes_meanwhile_ends_the_publish(
    known: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, target = known
    before = tips(target)

    def edited(*_: object) -> None:
        written("templates/cluster/own.yaml", OWN)(root)

    monkeypatch.setattr(stamped, "narrowed", edited)
    with pytest.raises(ChangedMeanwhile):
        published(root, target)
    assert tips(target) == before


def test_one_tenants_edit_renders_that_tenant_alone(pair: tuple[Path, Path]) -> None:
    root, target = pair
    EDITS[0](root)
    save(root)
    done = published(root, target)
    assert 0 < done.rendered < done.files
    assert done.files == sum(
        len(said(target, "ls-tree", "-r", "--name-only", branch).splitlines()) for branch in tips(target)
    )
    assert done.whole == ""
    assert published(root, target).rendered == 0


def test_a_branch_that_somebody_moved_is_published_in_full(pair: tuple[Path, Path]) -> None:
    root, target = pair
    (branch, *_) = sorted(tips(target))
    right = contents(target)
    message = said(target, "log", "-1", "--format=%B", branch)
    forged = said(
        target, "commit-tree", "-p", branch, "-m", message, said(target, "hash-object", "-t", "tree", "-w", "/dev/null")
    )
    git(target, "update-ref", branch, forged)
    done = published(root, target)
    name = branch.removeprefix("refs/heads/")
    assert done.whole == f"the record of branch '{name}' does not say what its last commit was rendered with"
    assert contents(target) == right


def test_another_program_publishes_in_full(pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    root, target = pair
    source = said(root, "rev-parse", "HEAD")[:12]
    monkeypatch.setattr(publishing, "program", lambda: "another")
    assert published(root, target).whole == f"the program is another than the one that published {source}"
    assert published(root, target).rendered == 0


def test_an_ignored_input_is_not_taken_for_what_the_commit_holds(pair: tuple[Path, Path]) -> None:
    root, target = pair
    written("tenants/.gitignore", "extra.yaml\n")(root)
    save(root)
    extra = (root / "tenants/cedar.yaml").read_text().replace("cedar", "extra").replace("Cedar", "Extra")
    written("tenants/extra.yaml", extra)(root)
    assert not has_errors(published(root, target).diagnostics)
    (root / "tenants/extra.yaml").unlink()
    done = published(root, target)
    assert done.whole == f"what was published is not what {said(root, 'rev-parse', 'HEAD')[:12]} holds"
    assert not any("extra" in said(target, "ls-tree", "-r", "--name-only", branch) for branch in tips(target))


def test_a_branch_of_another_layout_is_not_built_upon(pair: tuple[Path, Path]) -> None:
    root, target = pair
    names = [branch.removeprefix("refs/heads/") for branch in sorted(tips(target))]
    git(target, "update-ref", "-d", f"refs/heads/{names[0]}")
    right = contents(target)
    where = publishing.Where(str(target), names[1], False)
    assert publishing.publish(root, where, today=TODAY, jobs=1).whole.startswith("what was published is not what")
    assert contents(target) != right


def test_a_cell_of_another_environment_is_published_in_full(pair: tuple[Path, Path]) -> None:
    root, target = pair
    replaced("regions/south.yaml", "environment: production", "environment: staging")(root)
    save(root)
    assert published(root, target).whole == "cell 'south-1' goes to another branch"


@pytest.mark.parametrize("at_hand", ["all", "some", "none"])
def test_the_cells_that_are_touched_are_checked_as_wholes(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, at_hand: str
) -> None:
    root, target = pair
    replaced("tenants/cedar.yaml", "title: ", "title: New ")(root)
    if at_hand == "some":
        for file in sorted((root / "rendered").rglob("*.yaml"))[::2]:
            file.write_text("kind: Altered\n")
    if at_hand == "none":
        shutil.rmtree(root / "rendered")
    save(root)
    seen: list[Tree] = []

    def looked(_fleet: object, tree: Tree, *_: object, **__: object) -> Checked:
        seen.append(tree)
        return Checked(None, tree, (), 0, 0, 0)

    monkeypatch.setattr(publishing, "checked_tree", looked)
    done = published(root, target)
    assert done.whole == ""
    everything = output.render(root, jobs=1).tree
    assert everything is not None
    (tree,) = seen
    assert {path.partition("/")[0] for path in tree.files} == {"south-1"}
    assert dict(tree.files) == {
        path: content for path, content in everything.files.items() if path.startswith("south-1/")
    }


def test_an_error_in_a_part_keeps_all_branches(pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    root, target = pair
    before = tips(target)
    EDITS[0](root)
    save(root)
    fault = Diagnostic(Code("XXX001", "a fault", "It is one."), Severity.ERROR, "a fault", Location("rendered/x"))
    monkeypatch.setattr(publishing, "checked_tree", lambda *_, **__: Checked(None, None, (fault,), 0, 0, 0))
    done = published(root, target)
    assert done.diagnostics == (fault,)
    assert tips(target) == before


def test_when_the_known_findings_change_everything_is_checked(pair: tuple[Path, Path]) -> None:
    root, target = pair
    written(
        "baseline.yaml",
        "apiVersion: tenantry.dev/v1\nkind: Baseline\nmetadata: {name: baseline}\nspec:\n  known:\n"
        '    - {code: CHK001, files: ["*"], reason: waits for another team, approvedBy: us, until: "2026-01-31"}\n',
    )(root)
    save(root)
    assert published(root, target).whole == "what is known by baseline.yaml has changed"
    assert published(root, target).whole == ""
    where = publishing.Where(str(target))
    later = publishing.publish(root, where, today=date(2026, 2, 1), jobs=1)
    assert later.whole == "an entry of baseline.yaml has expired"


def test_schemas_of_the_fleets_own_are_for_everything(pair: tuple[Path, Path]) -> None:
    root, target = pair
    source = said(root, "rev-parse", "HEAD")[:12]
    written("crds/example.com/thing_v1.json", "{}\n")(root)
    save(root)
    assert published(root, target).whole == f"crds/ has changed since {source}"
