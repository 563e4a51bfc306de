"""A folder's mark is another once anything in it has been touched, however well that is hidden."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.write import marks
from generator.write.marks import marked

PAUSE = 0.05
"""More than a tick of the file systems that tests run on."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which nobody has written for a while."""
    monkeypatch.setattr(marks, "PAUSE", PAUSE)
    root = tmp_path / "folder"
    (root / "a").mkdir(parents=True)
    (root / "a" / "one.yaml").write_bytes(b"a: 1\n")
    (root / "two.yaml").write_bytes(b"b: 2\n")
    time.sleep(2 * PAUSE)
    return root


def edited_with_its_old_date(root: Path) -> None:
    about = (root / "two.yaml").stat()
    (root / "two.yaml").write_bytes(b"b: 3\n")
    os.utime(root / "two.yaml", ns=(about.st_atime_ns, about.st_mtime_ns))


def replaced_by_an_equally_dated_one(root: Path) -> None:
    (root / "other.yaml").write_bytes(b"b: 3\n")
    shutil.copystat(root / "two.yaml", root / "other.yaml")
    (root / "other.yaml").replace(root / "two.yaml")


def swapped(root: Path) -> None:
    (root / "two.yaml").rename(root / "three.yaml")
    (root / "a" / "one.yaml").rename(root / "two.yaml")
    (root / "three.yaml").rename(root / "a" / "one.yaml")


CHANGES: tuple[Callable[[Path], object], ...] = (
    edited_with_its_old_date,
    replaced_by_an_equally_dated_one,
    swapped,
    lambda root: (root / "two.yaml").write_bytes(b"b: 2\n"),
    lambda root: (root / "two.yaml").unlink(),
    lambda root: (root / "a" / "more.yaml").write_bytes(b""),
    lambda root: (root / "a" / "empty").mkdir(),
    lambda root: (root / "two.yaml").chmod(0o600),
)


def test_a_folder_that_nobody_writes_in_keeps_its_mark(folder: Path) -> None:
    found = marked(folder)
    assert found.mark
    assert found.present.files == {"a/one.yaml": 0, "two.yaml": 0}
    assert found.present.folders == ("a",)
    assert marked(folder) == found


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_done_there_gives_it_another(folder: Path, change: Callable[[Path], object]) -> None:
    before = marked(folder).mark
    change(folder)
    time.sleep(2 * PAUSE)
    assert marked(folder).mark not in ("", before)


def test_nothing_is_told_of_a_folder_that_was_written_to_a_moment_ago(folder: Path) -> None:
    (folder / "two.yaml").write_bytes(b"b: 4\n")
    assert marked(folder).mark == ""


@pytest.mark.parametrize("name", ["a/link.yaml", "a/.tenantry-one.yaml-1.tmp"])
def test_nothing_is_told_of_a_folder_with_more_than_whole_files(folder: Path, name: str) -> None:
    if name.endswith(".tmp"):
        (folder / name).write_bytes(b"half")
    else:
        (folder / name).symlink_to("one.yaml")
    time.sleep(2 * PAUSE)
    assert marked(folder).mark == ""
