"""How a folder of rendered files differs from what was rendered now."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from generator.model.tree import Tree

TEMPORARY_PREFIX: Final = ".tenantry-"
TEMPORARY_SUFFIX: Final = ".tmp"
_CHUNK: Final = 2**20
KEPT: Final = ".git"
"""What at the top of a folder is never the generator's."""


class Differences(Struct, frozen=True):
    """What writing a tree adds, changes and removes: sorted paths below rendered/."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


class Present(Struct, frozen=True):
    """What stands in a folder now.

    `files` is path → size, with -1 for what is no regular file (a link, a socket), which equals no rendered file.
    `folders` are all sub-folders, parents first. `temporaries` are what a killed run left.
    """

    files: dict[str, int]
    folders: tuple[str, ...]
    temporaries: tuple[str, ...]


def compare(tree: Tree, folder: Path, part: Collection[str] | None = None) -> Differences:
    """What `write` would do to `folder`, without doing it. A folder that does not exist is an empty one.

    With `part`, only those paths are looked at: the tree holds what of them there is to be.

    Everything in the folder that is not in the tree counts as removed: the folder is wholly the generator's, apart
    from a `.git` at its top (rendered/ as a submodule or a work tree), which is not looked at. Links are compared as
    links and never followed. A file is read only when its size is the rendered one.

    Raises ValueError for a path in the tree that does not stay inside (a bug of the renderer), and OSError when the
    folder cannot be read or is itself a file or a link.
    """
    check_paths(tree.files)
    return differences(tree, folder, look(folder) if part is None else look_at(folder, part))


def differences(tree: Tree, folder: Path, present: Present) -> Differences:
    """`compare`, for a caller that has looked into the folder already."""
    added, changed = [], []
    prefix = f"{folder}/"
    sizes = present.files
    for path, content in tree.files.items():
        size = sizes.get(path)
        if size is None:
            added.append(path)
        elif size != len(content) or _read(prefix + path, size) != content:
            changed.append(path)
    removed = sorted(path for path in sizes if path not in tree.files)
    return Differences(tuple(sorted(added)), tuple(sorted(changed)), tuple(removed))


def look(folder: Path, *, sizes: bool = True, top: bool = True, beside: Collection[str] = ()) -> Present:
    """Lists a folder without following links. Raises NotADirectoryError when the folder is a file or a link.

    A link in place of the folder is refused because everything behind it would be taken for the generator's own.
    Without `sizes`, those of all regular files are 0: to ask for each costs as much as to read it. Where the folder is
    not the `top` of the output, nothing in it is left out; else what stands `beside` some names in it is listed.
    """
    left_out = {KEPT, *beside} if top else set[str]()
    return present_of(below(folder, left_out) if look_folder(folder) else (), sizes=sizes)


def present_of(entries: Iterable[tuple[str, os.DirEntry[str]]], *, sizes: bool) -> Present:
    """What some entries are, which come with their paths (`below`)."""
    files: dict[str, int] = {}
    folders: list[str] = []
    temporaries: list[str] = []
    for path, entry in entries:
        if entry.is_dir(follow_symlinks=False):
            folders.append(path)
        elif is_temporary(entry.name):
            temporaries.append(path)
        else:
            regular = entry.is_file(follow_symlinks=False)
            files[path] = (entry.stat(follow_symlinks=False).st_size if sizes else 0) if regular else -1
    return Present(files, tuple(sorted(folders)), tuple(sorted(temporaries)))


def below(folder: Path, left_out: Collection[str] = ()) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """All that is in a folder and its folders, each of them before what is in it, by paths below it. Links are not
    followed, and nothing is told of what is `left_out`."""
    waiting = [""]
    while waiting:
        parent = waiting.pop()
        with os.scandir(f"{folder}/{parent}") as entries:
            for entry in entries:
                path = parent + entry.name
                if path in left_out:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{path}/")
                yield path, entry


def look_at(folder: Path, paths: Collection[str]) -> Present:
    """`look`, for some paths alone: what stands there, and the folders on the way, with what killed runs left in them.

    What is on the way and is no folder counts as a file: nothing behind it is looked at. Of a folder that stands where
    a file is expected, all is listed.
    """
    top = look_folder(folder)
    files: dict[str, int] = {}
    folders: set[str] = set()
    temporaries: set[str] = set()
    for parent in sorted(parents(paths)) if top else ():
        above = parent.rpartition("/")[0]
        if above and above not in folders:
            continue
        about = _about(f"{folder}/{parent}")
        if about is not None and stat.S_ISDIR(about.st_mode):
            folders.add(parent)
            temporaries.update(f"{parent}/{name}" for name in os.listdir(f"{folder}/{parent}") if is_temporary(name))  # noqa: PTH208
        elif about is not None:
            files[parent] = -1
    for path in paths if top else ():
        above, _, name = path.rpartition("/")
        if (above and above not in folders) or is_temporary(name):
            continue
        about = _about(f"{folder}/{path}")
        if about is None:
            continue
        if stat.S_ISDIR(about.st_mode):
            inside = look(folder / path)
            folders.update((path, *(f"{path}/{each}" for each in inside.folders)))
            files.update({f"{path}/{each}": size for each, size in inside.files.items()})
            temporaries.update(f"{path}/{each}" for each in inside.temporaries)
        else:
            files[path] = about.st_size if stat.S_ISREG(about.st_mode) else -1
    return Present(files, tuple(sorted(folders)), tuple(sorted(temporaries)))


def is_temporary(name: str) -> bool:
    """Whether a file's name is one of those that a killed run leaves."""
    return name.startswith(TEMPORARY_PREFIX) and name.endswith(TEMPORARY_SUFFIX)


def look_folder(folder: Path) -> bool:
    """Whether the folder is there. Raises NotADirectoryError when it is a file or a link."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise NotADirectoryError(f"{folder} must be a folder of its own, and is a file or a link")
    return folder.exists()


def _about(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None


def check_paths(paths: Iterable[str]) -> None:
    """Raises ValueError for a path that leaves the folder, that git could not hold, or that is a folder of another."""
    files = set(paths)
    for parent in parents(files):
        name = parent.rpartition("/")[2]
        if name in ("", ".", "..", ".git") or parent in files:
            raise ValueError(f"rendered path goes through {parent!r}, which is no folder")
    for path in files:
        check_name(path.rpartition("/")[2], path)


def check_name(name: str, path: str) -> None:
    """`check_paths`, for the name at the end of a path whose folder will do."""
    odd = name in ("", ".", "..", ".git") or "\0" in path or "\\" in path
    if odd or is_temporary(name):
        raise ValueError(f"rendered path {path!r} is not a file name below the folder")


def parents(paths: Iterable[str]) -> set[str]:
    """Every folder that the paths need, at all depths."""
    found: set[str] = set()
    for path in paths:
        parent, slash, _ = path.rpartition("/")
        while slash and parent not in found:
            found.add(parent)
            parent, slash, _ = parent.rpartition("/")
    return found


def same(path: str, content: bytes) -> bool:
    """Whether a regular file holds just these bytes."""
    return _read(path, len(content)) == content


def content_of(path: str) -> bytes | None:
    """The bytes of a file; None where there is no regular one."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            return None
        content = os.read(descriptor, about.st_size + 1)
        while more := os.read(descriptor, _CHUNK) if len(content) != about.st_size else b"":
            content += more
        return content
    finally:
        os.close(descriptor)


def _read(path: str, size: int) -> bytes | None:
    # Plain descriptors: at 90,000 files a buffered reader costs as much as the reading. The size was just seen; a file
    # that has grown since gives one byte more and compares as changed.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        content = os.read(descriptor, size + 1)
        while len(content) < size and (more := os.read(descriptor, size + 1 - len(content))):
            content += more
        return content
    finally:
        os.close(descriptor)
