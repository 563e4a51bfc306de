"""One run at a time in a fleet's folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

try:
    import fcntl
except ImportError:  # pragma: no cover - a platform without POSIX locks
    fcntl = None  # type: ignore[assignment]

FOLDER: Final = ".tenantry"

_held: set[int] = set()
"""Descriptors that hold a lock in this process. A forked worker closes its copies: otherwise one that outlives a
killed run would go on holding the run's lock."""


class Busy(OSError):  # noqa: N818  it is a state of the world, not a fault
    """Another run works in the same fleet. `pid` and `command` are what it wrote down: 0 and "" before it did."""

    def __init__(self, root: Path, pid: int, command: str) -> None:
        who = f"process {pid} ({command})" if pid else "another process"
        super().__init__(f"{who} is already working in {root}; wait until it ends, or end it, and run this again")
        self.pid = pid
        self.command = command


class LockUnavailable(OSError):  # noqa: N818  as above
    """The operating system or the file system cannot lock the fleet's folder, so nothing may be written there."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot lock {path}: {reason}; use a local file system on Linux or macOS")


@contextmanager
def exclusive(root: Path) -> Iterator[None]:
    """Keeps every other run out of the fleet at `root` while the block runs.

    The lock is the operating system's, on `<root>/.tenantry/lock`: it ends with the process however that dies, and a
    file left behind means nothing. The file says who holds it, for the message only. `.tenantry` gets a `.gitignore`
    of `*`.

    Raises Busy at once when another run, or another block of this process, holds it; LockUnavailable where locks do
    not work; OSError when `.tenantry` cannot be made.
    """
    path = root / FOLDER / "lock"
    if fcntl is None:
        raise LockUnavailable(path, "this platform has no POSIX locks")
    _make_folder(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    _held.add(descriptor)
    try:
        _take(descriptor, root, path)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n{_command()}\n".encode(errors="replace"), 0)
        yield
    finally:
        if descriptor in _held:
            _held.remove(descriptor)
            os.close(descriptor)


def _make_folder(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="ascii")


def _take(descriptor: int, root: Path, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy(root, *_holder(descriptor)) from None
    except OSError as error:
        raise LockUnavailable(path, error.strerror or str(error)) from error


def _holder(descriptor: int) -> tuple[int, str]:
    pid, _, command = os.pread(descriptor, 4096, 0).decode(errors="replace").partition("\n")
    return (int(pid), command.strip()) if pid.isdigit() else (0, "")


def _command() -> str:
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:1000].replace("\n", " ")


def _close_in_child() -> None:
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)
