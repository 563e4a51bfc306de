"""A commit as a place of input files: they are listed and read without being written anywhere."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from generator.load.files import Entry, InputFile


class _Entry(Struct, frozen=True):
    """What a folder of a commit holds: a file or a folder, never a link."""

    name: str
    path: str
    folder: bool

    def is_symlink(self) -> bool:
        return False

    def is_dir(self) -> bool:
        return self.folder


class Committed:
    """The files of a commit without links, by their paths. A place is `/` and the path, as below a root of "".

    `blobs` leads from a path to the id of what stands there.
    """

    __slots__ = ("_folders", "blobs")

    def __init__(self, blobs: dict[str, str]) -> None:
        self.blobs = blobs
        self._folders: dict[str, dict[str, bool]] = {}
        for path in blobs:
            self._enter(path)

    def exists(self, place: str) -> bool:
        return place[1:] in self.blobs or place[1:] in self._folders

    def is_link(self, place: str) -> bool:  # noqa: ARG002  a place has links, this one has none
        return False

    def real(self, place: str) -> str:
        return place

    def entries(self, place: str) -> Iterable[Entry]:
        found = self._folders.get(place[1:])
        if found is None:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        return [_Entry(name, f"{place}/{name}", folder) for name, folder in found.items()]

    def _enter(self, path: str) -> None:
        folder = False
        while path:
            parent, _, name = path.rpartition("/")
            inside = self._folders.setdefault(parent, {})
            if name in inside:
                return
            inside[name] = folder
            path, folder = parent, True


def read(root: Path, committed: Committed, files: Iterable[InputFile]) -> Iterator[tuple[str, bytes]]:
    """Path and content of some of a commit's files. Raises `revision.NoRevision`."""
    from generator.revision import contents

    wanted = list(files)
    return zip(
        (file.path for file in wanted),
        contents(root, [committed.blobs[file.place[1:]] for file in wanted]),
        strict=True,
    )
