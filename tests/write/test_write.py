"""What rendered/ holds after a write, whatever it held before and wherever an earlier write was cut off."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.tree import Tree
from generator.write import Differences, compare, write

NOTHING = Differences((), (), ())


def tree_of(files: dict[str, bytes]) -> Tree:
    return Tree(dict(sorted(files.items())))


def fill(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def held(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def folders(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_dir()}


def stamps(folder: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.lstat().st_mtime_ns, path.lstat().st_ino) for path in [folder, *folder.rglob("*")]}


def test_a_first_write_makes_the_folder_and_all_files(tmp_path: Path) -> None:
    tree = tree_of({"a/b/c.yaml": b"c", "a/d.yaml": b"", "e.yaml": b"\0\xff"})
    assert write(tree, tmp_path / "rendered") == Differences(("a/b/c.yaml", "a/d.yaml", "e.yaml"), (), ())
    assert held(tmp_path / "rendered") == tree.files


def test_only_what_differs_is_touched(tmp_path: Path) -> None:
    fill(tmp_path, {"same.yaml": b"1", "longer.yaml": b"1", "other.yaml": b"1", "gone/x.yaml": b"1"})
    before = stamps(tmp_path)
    found = write(tree_of({"same.yaml": b"1", "longer.yaml": b"11", "other.yaml": b"2", "new/y.yaml": b"1"}), tmp_path)
    assert found == Differences(("new/y.yaml",), ("longer.yaml", "other.yaml"), ("gone/x.yaml",))
    assert stamps(tmp_path)[tmp_path / "same.yaml"] == before[tmp_path / "same.yaml"]
    assert folders(tmp_path) == {"new"}


def test_a_second_write_touches_nothing_at_all(tmp_path: Path) -> None:
    tree = tree_of({"a/b/c.yaml": b"c", "d.yaml": b"d"})
    write(tree, tmp_path)
    before = stamps(tmp_path)
    assert write(tree, tmp_path) == NOTHING
    assert stamps(tmp_path) == before


def test_compare_says_what_write_would_do_and_does_nothing(tmp_path: Path) -> None:
    fill(tmp_path, {"old.yaml": b"1", "both.yaml": b"1"})
    tree = tree_of({"both.yaml": b"2", "new.yaml": b"1"})
    before = stamps(tmp_path)
    assert compare(tree, tmp_path) == Differences(("new.yaml",), ("both.yaml",), ("old.yaml",))
    assert stamps(tmp_path) == before
    assert compare(tree, tmp_path / "missing") == Differences(("both.yaml", "new.yaml"), (), ())
    assert not (tmp_path / "missing").exists()


def test_a_file_of_another_size_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, {"a.yaml": b"long", "b.yaml": b"same"})
    opened: list[str] = []
    plain = os.open

    def watched(path: Any, *arguments: Any, **named: Any) -> int:
        opened.append(os.fspath(path))
        return plain(path, *arguments, **named)

    monkeypatch.setattr(os, "open", watched)
    assert compare(tree_of({"a.yaml": b"x", "b.yaml": b"same"}), tmp_path).changed == ("a.yaml",)
    assert opened == [f"{tmp_path}/b.yaml"]


def test_files_are_readable_by_all_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write(tree_of({"a.yaml": b"x"}), tmp_path)
    finally:
        os.umask(before)
    assert (tmp_path / "a.yaml").stat().st_mode & 0o777 == 0o644


def test_a_link_in_place_of_a_file_is_replaced_and_its_target_kept(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_bytes(b"mine")
    folder = tmp_path / "rendered"
    folder.mkdir()
    (folder / "a.yaml").symlink_to(outside)
    assert write(tree_of({"a.yaml": b"mine"}), folder).changed == ("a.yaml",)
    assert not (folder / "a.yaml").is_symlink()
    assert (folder / "a.yaml").read_bytes() == b"mine"
    write(tree_of({"a.yaml": b"new"}), folder)
    assert outside.read_bytes() == b"mine"


def test_a_link_to_a_folder_is_never_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    fill(outside, {"a.yaml": b"mine", "b.yaml": b"mine"})
    folder = tmp_path / "rendered"
    folder.mkdir()
    (folder / "cell").symlink_to(outside)
    (folder / "orphan").symlink_to(outside)
    (folder / "dangling").symlink_to(tmp_path / "nowhere")
    found = write(tree_of({"cell/a.yaml": b"new"}), folder)
    assert found == Differences(("cell/a.yaml",), (), ("cell", "dangling", "orphan"))
    assert held(outside) == {"a.yaml": b"mine", "b.yaml": b"mine"}
    assert held(folder) == {"cell/a.yaml": b"new"}


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_or_link_in_place_of_the_folder_itself_is_refused(tmp_path: Path, kind: str) -> None:
    outside = tmp_path / "outside"
    fill(outside, {"a.yaml": b"mine"})
    folder = tmp_path / "rendered"
    if kind == "file":
        folder.write_bytes(b"mine")
    else:
        folder.symlink_to(outside)
    for act in (write, compare):
        with pytest.raises(NotADirectoryError, match="must be a folder of its own"):
            act(tree_of({}), folder)
    assert held(outside) == {"a.yaml": b"mine"}


def test_a_file_gives_way_to_a_folder_and_a_folder_to_a_file(tmp_path: Path) -> None:
    fill(tmp_path, {"a": b"file", "b/c/d.yaml": b"1", "b/e.yaml": b"1"})
    (tmp_path / "b/empty").mkdir()
    found = write(tree_of({"a/x/y.yaml": b"1", "b": b"now a file"}), tmp_path)
    assert found == Differences(("a/x/y.yaml", "b"), (), ("a", "b/c/d.yaml", "b/e.yaml"))
    assert held(tmp_path) == {"a/x/y.yaml": b"1", "b": b"now a file"}


def test_a_socket_is_removed_and_never_opened(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        before = Path.cwd()
        os.chdir(tmp_path)  # a socket's path may have 108 bytes at most
        try:
            server.bind("a.yaml")
        finally:
            os.chdir(before)
    assert write(tree_of({"a.yaml": b""}), tmp_path).changed == ("a.yaml",)
    assert held(tmp_path) == {"a.yaml": b""}


def test_what_a_killed_run_left_goes_without_being_reported(tmp_path: Path) -> None:
    fill(tmp_path, {"a.yaml": b"1", "x/.tenantry-a.yaml-123.tmp": b"hal"})
    tree = tree_of({"a.yaml": b"1"})
    assert compare(tree, tmp_path) == NOTHING
    assert write(tree, tmp_path) == NOTHING
    assert held(tmp_path) == {"a.yaml": b"1"}
    assert folders(tmp_path) == set()


def test_the_git_folder_of_a_submodule_is_left_alone(tmp_path: Path) -> None:
    fill(tmp_path, {".git/HEAD": b"ref", "old.yaml": b"1"})
    assert write(tree_of({"a.yaml": b"1"}), tmp_path).removed == ("old.yaml",)
    assert (tmp_path / ".git/HEAD").read_bytes() == b"ref"


@pytest.mark.parametrize(
    "path", ["/etc/x", "../x", "a/../x", "a//x", "./x", "", "a/", "a/..", "a\\b", "a\0b", ".git/config", "a/.git"]
)
def test_a_path_that_does_not_stay_inside_is_a_bug(tmp_path: Path, path: str) -> None:
    for act in (write, compare):
        with pytest.raises(ValueError, match="rendered path"):
            act(Tree({path: b"x"}), tmp_path / "rendered")
    assert not (tmp_path / "rendered").exists()


def test_a_path_that_is_also_a_folder_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="goes through 'a'"):
        write(tree_of({"a": b"x", "a/b": b"x"}), tmp_path)


PARTS = st.sampled_from(["a", "b", "c.yaml", "ü", "x" * 250])
PATHS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
CONTENTS = st.sampled_from([b"", b"1", b"2", b"22", b"\xff\0\r\n"])


def _without_clashes(files: dict[str, bytes]) -> dict[str, bytes]:
    kept: dict[str, bytes] = {}
    for path, content in files.items():
        if not any(path.startswith(f"{other}/") or other.startswith(f"{path}/") for other in kept):
            kept[path] = content
    return kept


FILES = st.dictionaries(PATHS, CONTENTS, max_size=6).map(_without_clashes)


@given(before=FILES, empty=PATHS, after=FILES)
@settings(deadline=None, max_examples=150)
def test_after_a_write_the_folder_equals_the_tree(
    before: dict[str, bytes], empty: str, after: dict[str, bytes]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, before)
        if not any(empty == path or empty.startswith(f"{path}/") for path in before):
            (folder / empty).mkdir(parents=True, exist_ok=True)
        told = compare(tree_of(after), folder)
        assert told.added == tuple(sorted(after.keys() - before.keys()))
        assert told.changed == tuple(sorted(path for path in after.keys() & before if after[path] != before[path]))
        assert told.removed == tuple(sorted(before.keys() - after.keys()))
        assert write(tree_of(after), folder) == told
        assert held(folder) == after
        assert folders(folder) == {str(up) for path in after for up in Path(path).parents} - {"."}
        seen = stamps(folder)
        assert not write(tree_of(after), folder)
        assert stamps(folder) == seen


class Killed(BaseException):
    """Stands for the end of the process: nothing in the code may catch it."""


@contextmanager
def killed_at(count: int) -> Iterator[Callable[[], int]]:
    """Lets `count` operations on files pass and raises in the next; a write of bytes is cut in half."""
    done = 0
    plain = {name: getattr(os, name) for name in ("open", "write", "fchmod", "replace", "unlink", "rmdir", "mkdir")}

    def counted(name: str) -> Callable[..., Any]:
        def act(*arguments: Any, **named: Any) -> Any:
            nonlocal done
            done += 1
            if done > count:
                if name == "write":
                    plain["write"](arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                raise Killed
            return plain[name](*arguments, **named)

        return act

    with pytest.MonkeyPatch.context() as patch:
        for name in plain:
            patch.setattr(os, name, counted(name))
        yield lambda: done


def check_whole(folder: Path, before: dict[str, bytes], after: dict[str, bytes]) -> None:
    for path, content in held(folder).items():
        if not Path(path).name.startswith(".tenantry-"):
            assert content in (before.get(path), after.get(path)), path
    for path, content in before.items():
        if after.get(path) == content:
            assert (folder / path).read_bytes() == content


@given(before=FILES, after=FILES)
@settings(deadline=None, max_examples=25)
def test_cut_off_anywhere_every_file_is_whole_and_the_next_write_completes(
    before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    tree = tree_of(after)
    point, finished = 0, False
    while not finished:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            fill(folder, before)
            with killed_at(point):
                try:
                    write(tree, folder)
                    finished = True
                except Killed:
                    pass
            check_whole(folder, before, after)
            write(tree, folder)
            assert held(folder) == after
        point += 1


KILLED_WRITE = """
import os, signal, sys
from pathlib import Path
from generator.model.tree import Tree
from generator.write import write

left = int(sys.argv[2])
plain = os.replace

def replace(*arguments):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    plain(*arguments)

os.replace = replace
write(Tree({f"cell/{n}.yaml": b"new" * 1000 for n in range(4)}), Path(sys.argv[1]))
"""


@pytest.mark.parametrize("moves", range(4))
def test_a_killed_process_leaves_whole_files(tmp_path: Path, moves: int) -> None:
    before = {f"cell/{n}.yaml": b"old" * 500 for n in range(2, 6)}
    after = {f"cell/{n}.yaml": b"new" * 1000 for n in range(4)}
    fill(tmp_path, before)
    killed = subprocess.run([sys.executable, "-c", KILLED_WRITE, str(tmp_path), str(moves)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert sum(content == b"new" * 1000 for path, content in held(tmp_path).items() if path in after) == moves
    check_whole(tmp_path, before, after)
    write(tree_of(after), tmp_path)
    assert held(tmp_path) == after
