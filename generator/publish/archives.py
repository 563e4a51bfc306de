"""ZIP archives whose files are read one by one, by several processes at once."""

from __future__ import annotations

import os
import struct
import weakref
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from generator.publish.held import read_at

BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
"""What reading an archive raises that is not whole."""

_HEADER: Final = 30
"""The length of what stands before a file's name."""
_ENCRYPTED: Final = 1


class Packed(NamedTuple):
    """A file in one of some archives: the archive's number, where the file begins and how much there is of it, packed
    and unpacked, with its check sum. `blob` is git's id of it, "" before anybody has read it."""

    blob: str
    archive: int
    start: int
    packed: int
    size: int
    sum: int
    method: int


class Archives:
    """Some archives, open as long as anybody may read in them; what takes the place of one meanwhile is not seen."""

    __slots__ = ("__weakref__", "_descriptors")

    def __init__(self, paths: Iterable[Path]) -> None:
        self._descriptors = [os.open(path, os.O_RDONLY | os.O_CLOEXEC) if path.is_file() else None for path in paths]
        weakref.finalize(self, _close, self._descriptors)

    def has(self, number: int) -> bool:
        """Whether there is such an archive."""
        return self._descriptors[number] is not None

    def members(self, number: int) -> dict[str, Packed]:
        """The files of an archive by their names. Raises one of `BROKEN`."""
        found: dict[str, Packed] = {}
        with os.fdopen(os.dup(self._descriptor(number)), "rb") as file, zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                if info.flag_bits & _ENCRYPTED or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise NotImplementedError(f"{info.filename} is encrypted or packed in an uncommon way")
                found[info.filename] = Packed(
                    "", number, info.header_offset, info.compress_size, info.file_size, info.CRC, info.compress_type
                )
        return found

    def read(self, place: Packed) -> bytes:
        """The content of a file. Raises one of `BROKEN` when it is not what was packed."""
        # Not by zipfile, which takes several times as long for small files and needs an archive to itself.
        descriptor = self._descriptor(place.archive)
        header = read_at(descriptor, place.start, _HEADER)
        if not header.startswith(b"PK\x03\x04"):
            raise zipfile.BadZipFile("a file does not begin where the list of files says")
        name, extra = struct.unpack("<HH", header[26:])
        content = read_at(descriptor, place.start + _HEADER + name + extra, place.packed)
        if place.method == zipfile.ZIP_DEFLATED:
            content = zlib.decompress(content, -zlib.MAX_WBITS)
        if len(content) != place.size or zlib.crc32(content) != place.sum:
            raise zipfile.BadZipFile("a file has another check sum than the list of files says")
        return content

    def _descriptor(self, number: int) -> int:
        descriptor = self._descriptors[number]
        if descriptor is None:
            raise KeyError(number)
        return descriptor


def _close(descriptors: Iterable[int | None]) -> None:
    for descriptor in descriptors:
        if descriptor is not None:
            os.close(descriptor)
