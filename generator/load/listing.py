"""The input files of a folder with git's ids of their contents, each read only if it may be another than the last time.

What a file held is known by what the system says of it without opening it: size, times and number. As in git's index,
that is believed only of files whose times are older than the moment at which they were read: a file that was written
since could be of the same size and time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from generator.diagnostics import Diagnostic
from generator.load.cache import parsed
from generator.load.files import InputFile, content, input_files
from generator.revision import blob_id

_KIND: Final = "listing"
_SETTLED: Final = 2_000_000_000
"""Nanoseconds after which no file system gives a file's next change the same time."""
_Content = tuple[bytes, tuple[Diagnostic, ...]]


class ChangedMeanwhile(OSError):  # noqa: N818  it is a state of the world, not a fault
    """An input was written while the inputs were read: what was made of them belongs to no one state of the folder."""


class Listing(Struct, frozen=True):
    """The input files of a folder before anything is made of them; `blobs` are git's ids of their contents by path, for
    those that could be read. `found` is what stands in the folder and is no input."""

    files: tuple[InputFile, ...]
    found: tuple[Diagnostic, ...]
    blobs: Mapping[str, str]
    _read: Mapping[str, _Content]

    def content(self, file: InputFile) -> _Content:
        """What a file holds, or why that cannot be had. Raises `ChangedMeanwhile`."""
        found = self._read.get(file.path)
        if found is None:
            found = content(file)
            if found[1] or blob_id(found[0]) != self.blobs.get(file.path):
                raise ChangedMeanwhile(f"{file.path} was changed while it was read; run it again")
        return found

    def without_contents(self) -> Listing:
        """The same files, to be read again by who wants them."""
        return replace(self, _read={})


def listing(root: Path) -> Listing:
    """The input files below `root`. Raises nothing for any content of the files."""
    files, found = input_files(root)
    now = time.time_ns()
    blobs: dict[str, str] = {}
    read: dict[str, _Content] = {}
    with parsed(len(files)) as cache:
        key = cache.key(_KIND, str(root.resolve()), b"")
        known = (cache.get(key) or {}) if cache else {}
        believed: dict[str, list[str]] = {}
        for file in files:
            path = file.path
            about, settled = _about(file.place, now - _SETTLED) if cache else ("", False)
            kept = known.get(path)
            if kept is None or kept[0] != about:
                raw, faults = read[path] = content(file)
                if faults:
                    continue
                kept = [about, blob_id(raw)]
            blobs[path] = kept[1]
            if settled:
                believed[path] = kept
        if cache and believed != known:
            cache.keep(key, believed)
    return Listing(files, found, blobs, read)


def _about(place: str, before: int) -> tuple[str, bool]:
    """What is known of a file without opening it: its size, both times in nanoseconds and its number, "" if nothing is;
    and whether that can be believed the next time, of a file that is read now."""
    try:
        found = os.stat(place)  # noqa: PTH116  a Path for each costs as much again
    except OSError:
        return "", False
    modified, changed = found.st_mtime_ns, found.st_ctime_ns
    return f"{found.st_size} {modified} {changed} {found.st_ino}", max(modified, changed) < before
