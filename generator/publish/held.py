"""Output that is not in memory: only where each file is, and git's id of it, grows with the fleet."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from generator.publish.blobs import blob_id

try:
    import fcntl
except ImportError:  # pragma: no cover - a platform without POSIX locks, and without fork
    fcntl = None  # type: ignore[assignment]

SHA1: Final = "sha1"


class Named(Protocol):
    """Where a file is, and `blob`, git's id of it."""

    @property
    def blob(self) -> str: ...


class Held(Mapping[str, bytes]):
    """Files by their paths, in order. Each is read when it is asked for, and kept by nobody.

    `algorithm` is the digest that the blob ids are made with.
    """

    __slots__ = ("_places", "_read", "algorithm")

    def __init__(self, places: Mapping[str, Named], read: Callable[[Any], bytes], algorithm: str = SHA1) -> None:
        self._places = {path: places[path] for path in sorted(places)}
        self._read = read
        self.algorithm = algorithm

    def blob(self, path: str) -> str:
        """Git's id of a file, without reading it."""
        return self._places[path].blob

    def __getitem__(self, path: str) -> bytes:
        return self._read(self._places[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, path: object) -> bool:
        return path in self._places


class Spooled(NamedTuple):
    """Where a file begins in a spool, and how long it is."""

    blob: str
    start: int
    size: int


class Spool:
    """Files that wait to be checked and published, one behind the other in a file that has no name.

    Whoever makes a file puts it in and forgets it, in this process or in those that are forked from it. Nobody else can
    get at what is in it, and it is gone when nobody can read it any more, however a process ends. `algorithm` names the
    digest of the ids of what is put in from now on.
    """

    __slots__ = ("__weakref__", "_file", "algorithm")

    def __init__(self, folder: Path | None) -> None:
        self._file = tempfile.TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115 - as long as anybody may read it
        weakref.finalize(self, self._file.close)
        self.algorithm = SHA1

    def take(self, path: str, content: bytes) -> Spooled:  # noqa: ARG002 - as whoever renders calls it
        """Puts a file in."""
        blob = blob_id(content, self.algorithm)
        descriptor = self._file.fileno()
        if fcntl is not None:
            fcntl.lockf(descriptor, fcntl.LOCK_EX)
        try:
            start = end = os.fstat(descriptor).st_size
            view = memoryview(content)
            while view:
                written = os.pwrite(descriptor, view, end)
                view, end = view[written:], end + written
        finally:
            if fcntl is not None:
                fcntl.lockf(descriptor, fcntl.LOCK_UN)
        return Spooled(blob, start, len(content))

    def held(self, places: Mapping[str, Spooled]) -> Held:
        """Files that have been put in, by their paths."""
        return Held(places, self._read, self.algorithm)

    def _read(self, place: Spooled) -> bytes:
        return read_at(self._file.fileno(), place.start, place.size)


def read_at(descriptor: int, start: int, size: int) -> bytes:
    """So many bytes of a file from a place on, whoever else reads it. Raises EOFError when it has fewer."""
    content = os.pread(descriptor, size, start)
    while len(content) < size:
        more = os.pread(descriptor, size - len(content), start + len(content))
        if not more:
            raise EOFError(f"a file ends {size - len(content)} bytes too early")
        content += more
    return content


def blob_of(files: Mapping[str, bytes], path: str, algorithm: str) -> str:
    """Git's id of one of some files."""
    if isinstance(files, Held) and files.algorithm == algorithm:
        return files.blob(path)
    return blob_id(files[path], algorithm)
