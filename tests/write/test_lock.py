"""One run at a time in a fleet."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from generator.write import Busy, LockUnavailable, exclusive

HOLDER = """
import os, sys
from pathlib import Path
from generator.write import exclusive

with exclusive(Path(sys.argv[1])):
    ready, started = os.pipe()
    if sys.argv[2:] == ["fork"]:
        if os.fork() == 0:
            os.write(started, b"!")
            sys.stdin.read()
            os._exit(0)
        os.read(ready, 1)  # Until the worker runs its own code, it has not yet let go of what it inherited.
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_run(root: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLDER, str(root), *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process


def test_a_second_run_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    with another_run(tmp_path) as process, pytest.raises(Busy) as raised, exclusive(tmp_path):
        raise AssertionError("both held the lock")
    assert raised.value.pid == process.pid
    assert raised.value.command == f"-c {tmp_path}"
    assert str(raised.value) == (
        f"process {process.pid} (-c {tmp_path}) is already working in {tmp_path}; "
        "wait until it ends, or end it, and run this again"
    )
    with exclusive(tmp_path):
        pass


def test_a_killed_run_does_not_block_the_next(tmp_path: Path) -> None:
    with another_run(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with exclusive(tmp_path):
            pass


def test_a_worker_that_outlives_its_killed_run_does_not_hold_the_lock(tmp_path: Path) -> None:
    with another_run(tmp_path, "fork") as process:
        with pytest.raises(Busy), exclusive(tmp_path):
            raise AssertionError("both held the lock")
        process.send_signal(signal.SIGKILL)
        process.wait()
        with exclusive(tmp_path):
            pass


def test_two_blocks_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    with exclusive(tmp_path):
        with pytest.raises(Busy) as raised, exclusive(tmp_path):
            raise AssertionError("both held the lock")
        with pytest.raises(Busy), exclusive(tmp_path):
            raise AssertionError("the failed attempt let go of the lock")
    assert raised.value.pid == os.getpid()


def test_a_block_that_fails_lets_go(tmp_path: Path) -> None:
    with pytest.raises(KeyError), exclusive(tmp_path):
        raise KeyError
    with exclusive(tmp_path):
        pass


def test_the_folder_of_the_lock_is_ignored_by_git(tmp_path: Path) -> None:
    with exclusive(tmp_path):
        assert (tmp_path / ".tenantry/.gitignore").read_text() == "*\n"
    with exclusive(tmp_path):
        assert sorted(path.name for path in (tmp_path / ".tenantry").iterdir()) == [".gitignore", "lock"]


def test_a_holder_that_has_not_written_its_name_yet_is_just_another_process(tmp_path: Path) -> None:
    (tmp_path / ".tenantry").mkdir()
    with (tmp_path / ".tenantry/lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(Busy, match=r"^another process is already working in") as raised, exclusive(tmp_path):
            raise AssertionError("both held the lock")
    assert raised.value.pid == 0


def test_a_file_system_without_locks_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    with pytest.raises(LockUnavailable, match="No locks available; use a local file system"), exclusive(tmp_path):
        raise AssertionError("went on without a lock")
