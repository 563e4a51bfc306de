"""Puts a tree into a folder, one whole file at a time."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

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
    top = str(folder)
    needed = parents(tree.files)
    # Before anything is written: this process may have the number of the one that was killed, and reuse its names.
    for path in present.temporaries:
        Path(f"{top}/{path}").unlink()
    replaced = _clear_way(top, tree, needed, present)
    _make_folders(top, needed.difference(present.folders))
    for path in (*found.added, *found.changed):
        _put(f"{top}/{path}", tree.files[path])
    for path in found.removed:
        if path not in needed and not path.startswith(replaced):
            Path(f"{top}/{path}").unlink()
    for path in reversed(present.folders):
        if path not in needed and not f"{path}/".startswith(replaced):
            _remove_folder(f"{top}/{path}", may_be_needed=part is not None)
    return found


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


def _clear_way(top: str, tree: Tree, needed: set[str], present: Present) -> tuple[str, ...]:
    """Removes files that stand where a folder must be, and folders that stand where a file must be.

    Returns the prefixes of all that went with those folders.
    """
    for path in needed.intersection(present.files):
        Path(f"{top}/{path}").unlink()
    folders = [path for path in present.folders if path in tree.files]
    for path in folders:
        shutil.rmtree(f"{top}/{path}")
    return tuple(f"{path}/" for path in folders)


def _make_folders(top: str, missing: Iterable[str]) -> None:
    for path in sorted(missing):
        Path(f"{top}/{path}").mkdir(exist_ok=True)


def _put(path: str, content: bytes) -> None:
    parent, _, name = path.rpartition("/")
    # The name is cut so that the temporary one fits where the final one does (255 bytes on common file systems).
    temporary = f"{parent}/{TEMPORARY_PREFIX}{name[:48]}-{os.getpid()}{TEMPORARY_SUFFIX}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, _MODE)
    try:
        os.fchmod(descriptor, _MODE)
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
    finally:
        os.close(descriptor)
    os.replace(temporary, path)  # noqa: PTH105  a Path a file costs a tenth of the whole at 90,000 files
