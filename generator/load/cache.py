"""Parsed files, kept from run to run: by what they hold, so that what is kept can never be out of date.

Only files without any fault are kept, so every diagnostic is always found by reading the file itself. A key is made of
the file's bytes, its kind and name, and everything that reads it: the sources of this package, the schemas, and the
versions of the parser and the validator. Whoever changes one of them has another key, and nothing to remember.

The values are JSON in an SQLite file of the user's cache folder, each behind a digest of its own. Whatever is wrong
with the file, the folder or the lock, the run reads the inputs as if there were no cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from generator.installed import schema_folder, version_of

if TYPE_CHECKING:
    import sqlite3

VARIABLE: Final = "TENANTRY_CACHE"
"""The environment variable that names another folder for the cache, or turns it `off`."""
FEWEST: Final = 200
"""The fewest files for which opening the cache costs less than it saves."""
MOST: Final = 400_000
"""The most parsed files that are kept: the oldest go first. About half a gigabyte."""

_DIGEST: Final = 16
_WAIT: Final = 0.2
"""Seconds to wait for another run that writes; it may as well not be kept."""
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS parsed (number INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB UNIQUE, value BLOB)"
)


class Cache:
    """Parsed forms by key. Without a connection it holds nothing and keeps nothing."""

    __slots__ = ("_connection", "_kept", "_salt")

    def __init__(self, connection: sqlite3.Connection | None = None) -> None:
        self._connection = connection
        self._kept: list[tuple[bytes, bytes]] = []
        self._salt = _reader() if connection is not None else b""

    def __bool__(self) -> bool:
        """Whether anything is kept."""
        return self._connection is not None

    def key(self, kind: str, name: str, raw: bytes) -> bytes:
        """What a file is kept under: its content, and all that decides what is read from it. Empty without a cache."""
        if self._connection is None:
            return b""
        about = f"{len(kind)}:{kind}{len(name)}:{name}".encode()
        return hashlib.blake2b(about + b"\0" + raw, key=self._salt, digest_size=32).digest()

    def get(self, key: bytes) -> dict[str, Any] | None:
        """The data of a file without faults; None when they are not known."""
        if self._connection is None:
            return None
        try:
            row = self._connection.execute("SELECT value FROM parsed WHERE key = ?", (key,)).fetchone()
            value = bytes(row[0]) if row else b""
            if value[:_DIGEST] != _digest(key, value[_DIGEST:]):
                return None
            data = json.loads(value[_DIGEST:])
        except Exception:  # noqa: BLE001  a cache that cannot be read is none
            return None
        return data if isinstance(data, dict) else None

    def keep(self, key: bytes, data: dict[str, Any]) -> None:
        """Keeps the data of a file in which nothing was found to be wrong."""
        if self._connection is not None:
            text = json.dumps(data, separators=(",", ":")).encode()
            self._kept.append((key, _digest(key, text) + text))

    def close(self) -> None:
        """Writes what was kept, all or nothing, and drops the oldest beyond the limit."""
        connection = self._connection
        if connection is None:
            return
        import sqlite3

        self._connection = None
        try:
            if self._kept:
                with connection:
                    connection.executemany("INSERT OR REPLACE INTO parsed (key, value) VALUES (?, ?)", self._kept)
                    connection.execute(
                        "DELETE FROM parsed WHERE number <= (SELECT max(number) FROM parsed) - ?", (MOST,)
                    )
        except sqlite3.OperationalError:
            pass  # Another run is writing, or the disk is full.
        except sqlite3.DatabaseError:
            _forget(connection)
        finally:
            connection.close()


@contextmanager
def parsed(files: int) -> Iterator[Cache]:
    """The cache for a run that reads so many files; an empty one where there are few, or none may be used."""
    cache = Cache(_connected() if files >= FEWEST else None)
    try:
        yield cache
    finally:
        cache.close()


def folder() -> Path | None:
    """The folder of the cache, by `TENANTRY_CACHE`, then XDG_CACHE_HOME; None when it is turned off."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen.lower() in ("off", "0", "no", "false"):
        return None
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(base):  # noqa: PTH117  the XDG specification: a relative one is to be ignored
        return Path(base) / "tenantry" / "inputs"
    home = Path("~").expanduser()
    return (home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache") / "tenantry" / "inputs"


def _connected() -> sqlite3.Connection | None:
    try:
        import sqlite3
    except ImportError:  # pragma: no cover - a Python built without it
        return None

    try:
        place = folder()
        if place is None:
            return None
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = place / "parsed.sqlite"
        if not (_own(place) and (not file.exists() or _own(file))):
            return None
    except (OSError, RuntimeError):
        return None
    for _ in range(2):
        connection = None
        try:
            connection = sqlite3.connect(file, timeout=_WAIT)
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(_TABLE)
            file.chmod(0o600)
            return connection  # noqa: TRY300
        except sqlite3.OperationalError:
            if connection is not None:
                connection.close()
            return None
        except sqlite3.DatabaseError:
            if connection is not None:
                _forget(connection, file)
                connection.close()
    return None


def _own(place: Path) -> bool:
    """Whether nobody else can write there: what they wrote would be taken for inputs."""
    about = place.lstat()
    if stat.S_ISLNK(about.st_mode) or not hasattr(os, "geteuid"):
        return False
    return about.st_uid == os.geteuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _forget(connection: sqlite3.Connection, file: Path | None = None) -> None:
    """Removes a damaged file, so that the next run begins a new one."""
    with suppress(Exception):
        file = file or Path(connection.execute("PRAGMA database_list").fetchone()[2])
        file.unlink(missing_ok=True)


def _digest(key: bytes, text: bytes) -> bytes:
    return hashlib.blake2b(key + text, digest_size=_DIGEST).digest()


@cache
def _reader() -> bytes:
    """A digest of everything that decides what is read from a file."""
    digest = hashlib.blake2b(digest_size=32)
    here = Path(__file__).parent
    for source in (*sorted(here.glob("*.py")), here.parent / "diagnostics.py", here.parent / "source.py"):
        digest.update(f"{source.name}\0".encode() + source.read_bytes())
    for schema in sorted(schema_folder().iterdir(), key=lambda each: each.name):
        if schema.is_file():
            digest.update(f"{schema.name}\0".encode() + schema.read_bytes())
    for package in ("PyYAML", "jsonschema-rs"):
        digest.update(f"{package} {version_of(package)}\0".encode())
    digest.update(sys.version.encode())
    return digest.digest()
