"""A bare repository to work in: kept from one publish to the next, and safe to delete at any time."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from generator.publish.held import Spool

_SLOTS: Final = 8
_IN_USE: Final = b"in use\n"
_CLEAN: Final = b"clean\n"
_PACKS: Final = 200
"""Every publish leaves a pack or two. Past this many a fresh repository is faster than a repack."""


class Workspace:
    """A folder for a bare repository of git's own making. `spoilt` marks it to be made anew next time."""

    __slots__ = ("folder", "spoilt")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spoilt = False


@contextmanager
def workspace(address: str, algorithm: str) -> Iterator[Workspace]:
    """A folder that nobody else uses while the block runs, empty or as the last publish to `address` left it.

    It is `$XDG_CACHE_HOME/tenantry/publish/<SHA-256 of the address>/<algorithm>-<n>`, the first that no other publish
    holds by the operating system's lock on `<algorithm>-<n>.lock`. The lock file says whether the last user ended in
    order; after one that was killed, the folder is made anew, since git may have left lock files in it. Where the
    cache folder cannot be used the block gets a temporary folder.
    """
    held = _take_slot(address, algorithm)
    if held is None:
        with tempfile.TemporaryDirectory(prefix="tenantry-publish-", ignore_cleanup_errors=True) as name:
            yield Workspace(Path(name))
        return
    folder, lock = held
    try:
        if os.pread(lock, 16, 0) != _CLEAN or len(list(folder.glob("objects/pack/*.pack"))) > _PACKS:
            _discard(folder)
        os.pwrite(lock, _IN_USE, 0)
        folder.mkdir(exist_ok=True)
        space = Workspace(folder)
        yield space
        if not space.spoilt:
            os.ftruncate(lock, 0)
            os.pwrite(lock, _CLEAN, 0)
    finally:
        os.close(lock)


def spool() -> Spool:
    """A spool on the disk of the cache, or on that of other temporary files where the cache folder cannot be used."""
    try:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Spool(folder)
    except (OSError, RuntimeError):  # as below
        return Spool(None)


def _folder() -> Path:
    """What publishes keep for the next one. Raises RuntimeError without a home folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tenantry" / "publish"


def _take_slot(address: str, algorithm: str) -> tuple[Path, int] | None:
    try:
        import fcntl  # where there is none (Windows), every publish works in a temporary folder

        parent = _folder() / hashlib.sha256(address.encode(errors="surrogateescape")).hexdigest()
        parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number in range(_SLOTS):
            folder = parent / f"{algorithm}-{number}"
            lock = os.open(f"{folder}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            except OSError:
                os.close(lock)
                return None
            return folder, lock
    except (ImportError, OSError, RuntimeError):  # RuntimeError: no home folder
        return None
    return None


def _discard(folder: Path) -> None:
    # Moved aside first: a git process that outlived its killed publish may still be writing there.
    if folder.exists():
        aside = Path(tempfile.mkdtemp(prefix=f"{folder.name}.old-", dir=folder.parent))
        folder.rename(aside / folder.name)
        shutil.rmtree(aside, ignore_errors=True)
