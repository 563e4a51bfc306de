"""Files that wait beside the folder until all are rendered: what `write` promises, without holding them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.write import Busy, Differences, Intake, compare, exclusive, staging, writing
from tests.write.test_write import FILES, PATHS, Killed, check_whole, fill, folders, held, killed_at, stamps, tree_of

NOTHING = Differences((), (), ())


def put(root: Path, files: dict[str, bytes], part: frozenset[str] | None = None) -> Differences:
    """Stages files and settles them into the fleet's rendered/."""
    with staging(root, root / "rendered", part) as stage:
        return stage.settle({path: stage.take(path, content) for path, content in files.items()})


def left(root: Path) -> set[str]:
    """What stands in .tenantry/ besides the lock."""
    return {path.name for path in (root / ".tenantry").iterdir()} - {".gitignore", "lock"}


@given(before=FILES, empty=PATHS, after=FILES, whole=st.booleans())
@settings(deadline=None, max_examples=100)
def test_what_is_settled_is_what_write_would_leave(
    before: dict[str, bytes], empty: str, after: dict[str, bytes], whole: bool
) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        root = Path(name)
        if not whole:  # as on two file systems
            patch.setattr("generator.write.staged.Moved", writing.Copied)
        fill(root / "rendered", before)
        if not any(empty == path or empty.startswith(f"{path}/") for path in before):
            (root / "rendered" / empty).mkdir(parents=True, exist_ok=True)
        told = compare(tree_of(after), root / "rendered")
        intake = Intake(root / "rendered")
        assert intake.settle({path: intake.take(path, content) for path, content in after.items()}) == told
        assert held(root / "rendered") == before
        assert put(root, after) == told
        assert held(root / "rendered") == after
        assert folders(root / "rendered") == {str(up) for path in after for up in Path(path).parents} - {"."}
        seen = stamps(root / "rendered")
        assert put(root, after) == NOTHING
        assert stamps(root / "rendered") == seen
        assert left(root) == set()


@given(before=FILES, after=FILES)
@settings(deadline=None, max_examples=10)
def test_cut_off_anywhere_every_file_is_whole_and_the_next_run_completes(
    before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    point, finished = 0, False
    while not finished:
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            fill(root / "rendered", before)
            with killed_at(point):
                try:
                    put(root, after)
                    finished = True
                except Killed:
                    pass
            check_whole(root / "rendered", before, after)
            put(root, after)
            assert held(root / "rendered") == after
            assert left(root) == set()
        point += 1


def test_nothing_is_moved_before_it_is_settled(tmp_path: Path) -> None:
    fill(tmp_path / "rendered", {"a/b.yaml": b"old"})
    with staging(tmp_path, tmp_path / "rendered") as stage:
        states = {"a/b.yaml": stage.take("a/b.yaml", b"new"), "c.yaml": stage.take("c.yaml", b"new")}
        assert {path: state.value for path, state in states.items()} == {"a/b.yaml": "changed", "c.yaml": "added"}
    assert held(tmp_path / "rendered") == {"a/b.yaml": b"old"}
    assert left(tmp_path) == set()


def test_what_a_killed_run_had_staged_is_taken_away(tmp_path: Path) -> None:
    fill(tmp_path / ".tenantry/staged-123", {"a/b.yaml": b"half"})
    assert put(tmp_path, {"a/b.yaml": b"whole"}).added == ("a/b.yaml",)
    assert held(tmp_path / "rendered") == {"a/b.yaml": b"whole"}
    assert left(tmp_path) == set()


def test_another_run_is_kept_out_while_files_are_staged(tmp_path: Path) -> None:
    with staging(tmp_path, tmp_path / "rendered"), pytest.raises(Busy), exclusive(tmp_path):
        raise AssertionError("both held the lock")


def test_a_part_leaves_all_else_as_it_is(tmp_path: Path) -> None:
    fill(tmp_path / "rendered", {"a/b.yaml": b"1", "a/gone.yaml": b"1", "other.yaml": b"1"})
    part = frozenset(("a/b.yaml", "a/gone.yaml", "new/c.yaml"))
    found = put(tmp_path, {"a/b.yaml": b"2", "new/c.yaml": b"1"}, part)
    assert found == Differences(("new/c.yaml",), ("a/b.yaml",), ("a/gone.yaml",))
    assert held(tmp_path / "rendered") == {"a/b.yaml": b"2", "new/c.yaml": b"1", "other.yaml": b"1"}


def test_a_link_to_a_folder_is_never_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    fill(outside, {"a.yaml": b"new"})
    (tmp_path / "rendered").mkdir()
    (tmp_path / "rendered/cell").symlink_to(outside)
    (tmp_path / "rendered/b.yaml").symlink_to(outside / "a.yaml")
    found = put(tmp_path, {"cell/a.yaml": b"new", "b.yaml": b"new"})
    assert found == Differences(("cell/a.yaml",), ("b.yaml",), ("cell",))
    assert held(outside) == {"a.yaml": b"new"}
    assert not (tmp_path / "rendered/cell").is_symlink()
    assert not (tmp_path / "rendered/b.yaml").is_symlink()


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../x", "a//x", "", "a/", ".git/config"])
def test_a_path_that_does_not_stay_inside_is_a_bug(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="rendered path"):
        put(tmp_path, {path: b"x"})
    assert not (tmp_path / "rendered").exists()
    assert left(tmp_path) == set()
