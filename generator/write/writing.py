"""Puts a tree into a folder, one whole file at a time."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final, Protocol

from msgspec.structs import replace

from generator.model.tree import Tree
from generator.write.differences import (
    TEMPORARY_PREFIX,
    TEMPORARY_SUFFIX,
    Differences,
    Present,
    check_paths,
    differences,
    look,
    look_at,
    parents,
)

_MODE: Final = 0o644


def write(tree: Tree, folder: Path, part: Collection[str] | None = None) -> Differences:
    """Makes the folder hold exactly the tree's files, and says what that took.

    With `part`, only those paths are touched, and folders that are left empty: the tree holds what of them there is to
    be.

    Only files whose bytes differ are touched; a second call changes nothing. Each file is written beside its place
    and moved there, so whoever reads, and whatever kills the run, finds every file whole, old or new; calling again
    completes what a killed run began. (That is a promise about killed processes. Nothing is flushed to the disk, so a
    power cut may undo more; git holds the committed state.) Files nobody rendered are removed after all are written,
    then the folders left empty. Links are replaced or removed as links; what they point to is never touched.

    Raises ValueError for a path in the tree that does not stay inside (a bug of the renderer), and OSError when the
    folder cannot be written or is itself a file or a link.
    """
    check_paths(tree.files)
    present = look(folder) if part is None else look_at(folder, part)
    found = differences(tree, folder, present)
    folder.mkdir(parents=True, exist_ok=True)
    settled(folder, tree.files.keys(), found, present, _Held(tree), partial=part is not None)
    return found


class Source(Protocol):
    """Where the files come from that are written."""

    def give(self, path: str, place: str) -> None:
        """Puts one file into its place, whole."""

    def give_folder(self, path: str, place: str) -> bool:
        """Puts a whole folder of files into a place where nothing is; False when each file has to be put by itself."""


class _Held:
    """Files in memory."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def give(self, path: str, place: str) -> None:
        _put(place, self._tree.files[path])

    def give_folder(self, path: str, place: str) -> bool:  # noqa: ARG002
        return False


class Copied:
    """Files of a folder on another file system than the one they go to."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def give(self, path: str, place: str) -> None:
        """Copies the file."""
        _put(place, Path(f"{self._folder}/{path}").read_bytes())

    def give_folder(self, path: str, place: str) -> bool:  # noqa: ARG002
        """Copies nothing: a folder that is copied is not there at once."""
        return False


class Moved:
    """Files of a folder on the same file system: each, or a folder of them, is in its place at once."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def give(self, path: str, place: str) -> None:
        """Moves the file."""
        os.replace(f"{self._folder}/{path}", place)  # noqa: PTH105  as in `_put`

    def give_folder(self, path: str, place: str) -> bool:
        """Moves the folder."""
        os.replace(f"{self._folder}/{path}", place)  # noqa: PTH105
        return True


def settled(
    folder: Path, files: Collection[str], found: Differences, present: Present, source: Source, *, partial: bool
) -> None:
    """Makes a folder, in which `present` stands, hold exactly some files: what of `write` comes after comparing."""
    top = str(folder)
    needed = parents(files)
    # Before anything is written: this process may have the number of the one that was killed, and reuse its names.
    for path in present.temporaries:
        Path(f"{top}/{path}").unlink()
    replaced = _clear_way(top, files, needed, present)
    moved = _put_folders(top, needed.difference(present.folders), source)
    for path in (*found.added, *found.changed):
        if not moved or path.rpartition("/")[0] not in moved:
            source.give(path, f"{top}/{path}")
    for path in found.removed:
        if path not in needed and not path.startswith(replaced):
            Path(f"{top}/{path}").unlink()
    for path in reversed(present.folders):
        if path not in needed and not f"{path}/".startswith(replaced):
            _remove_folder(f"{top}/{path}", may_be_needed=partial)


def add(tree: Tree, folder: Path) -> Differences:
    """Puts the tree's files into the folder, each at once and whole, and leaves all others there as they are.

    Raises as `write` does.
    """
    check_paths(tree.files)
    present = look(folder)
    found = replace(differences(tree, folder, present), removed=())
    folder.mkdir(parents=True, exist_ok=True)
    _make_folders(str(folder), parents(tree.files).difference(present.folders))
    for path in (*found.added, *found.changed):
        _put(f"{folder}/{path}", tree.files[path])
    return found


def _remove_folder(path: str, *, may_be_needed: bool) -> None:
    try:
        Path(path).rmdir()
    except OSError as error:
        if not (may_be_needed and error.errno in (errno.ENOTEMPTY, errno.EEXIST)):
            raise


def _clear_way(top: str, files: Collection[str], needed: set[str], present: Present) -> tuple[str, ...]:
    """Removes files that stand where a folder must be, and folders that stand where a file must be.

    Returns the prefixes of all that went with those folders.
    """
    for path in needed.intersection(present.files):
        Path(f"{top}/{path}").unlink()
    folders = [path for path in present.folders if path in files]
    for path in folders:
        shutil.rmtree(f"{top}/{path}")
    return tuple(f"{path}/" for path in folders)


def _put_folders(top: str, missing: set[str], source: Source) -> set[str]:
    """Puts what is missing of the folders in place, and says which are there with all their files."""
    whole: set[str] = set()
    for path in sorted(missing):
        if path.rpartition("/")[0] in whole or source.give_folder(path, f"{top}/{path}"):
            whole.add(path)
        else:
            Path(f"{top}/{path}").mkdir(exist_ok=True)
    return whole


def _make_folders(top: str, missing: Iterable[str]) -> None:
    for path in sorted(missing):
        Path(f"{top}/{path}").mkdir(exist_ok=True)


def _put(path: str, content: bytes) -> None:
    parent, _, name = path.rpartition("/")
    # The name is cut so that the temporary one fits where the final one does (255 bytes on common file systems).
    temporary = f"{parent}/{TEMPORARY_PREFIX}{name[:48]}-{os.getpid()}{TEMPORARY_SUFFIX}"
    create(temporary, content)
    os.replace(temporary, path)  # noqa: PTH105  a Path a file costs a tenth of the whole at 90,000 files


def create(path: str, content: bytes) -> None:
    """Writes a file where nobody reads yet."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, _MODE)
    try:
        os.fchmod(descriptor, _MODE)
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
    finally:
        os.close(descriptor)
