"""Whether anybody has written in a folder since it was last read, told without reading its files.

As git's index does, it asks the file system for what changes with every write: a file's size, its times and its
number. The time of a file's last change cannot be set by whoever writes to it, so that one that was put back, copied
over or given its old date again is another all the same. Nothing is told of a folder in which somebody wrote a moment
ago: a second write in the same tick of the file system's clock would leave no trace.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Final

from msgspec import Struct

from generator.write.differences import Present, below, present_of

PAUSE: Final = 2.0
"""Seconds that one tick of a file system's clock may take; FAT has the longest."""


class Marked(Struct, frozen=True):
    """What stands in a folder, without sizes, and its mark: another one once anything in it is another. "" where it was
    written to a moment ago, or where more than whole files and folders stands in it."""

    present: Present
    mark: str


def marked(folder: Path) -> Marked:
    """Lists a folder without following links. Whatever is written there while or after its files are read gives it
    another mark. Raises OSError when it cannot be listed."""
    latest = time.time_ns() - int(PAUSE * 1e9)
    entries = list(below(folder))
    present = present_of(entries, sizes=False)
    if present.temporaries or any(present.files.values()):
        return Marked(present, "")
    about = {path: entry.stat(follow_symlinks=False) for path, entry in entries if path in present.files}
    if any(each.st_ctime_ns > latest or each.st_mtime_ns > latest for each in about.values()):
        return Marked(present, "")
    return Marked(present, _digest(present.folders, about))


def _digest(folders: tuple[str, ...], files: dict[str, os.stat_result]) -> str:
    digest = hashlib.sha256()
    for path in folders:
        digest.update(f"{path}/\0".encode(errors="surrogateescape"))
    for path, about in sorted(files.items()):
        numbers = (about.st_mode, about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino, about.st_dev)
        digest.update(f"{path}\0{numbers}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()
