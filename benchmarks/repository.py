"""The git repository of a made fleet, however large: set-up, never timed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_SETTINGS = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.com", "-c", "commit.gpgsign=false")
_OWN = (".git", ".tenantry")
_BUFFER = 1 << 20


def start(root: Path) -> None:
    """Commits everything to a new repository, as a fresh clone has it: one pack, and an index that knows the files.

    `git add` would make a file of every object, which for 100,000 tenants are 2 million files and 12 GB.
    """
    git(root, "init", "--quiet", "--initial-branch=main")
    # Keeps git's own housekeeping out of what is timed after it.
    git(root, "config", "gc.auto", "0")
    command = ["git", "-c", "core.compression=1", "fast-import", "--quiet", "--depth=0"]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, bufsize=_BUFFER) as made:
        assert made.stdin is not None  # noqa: S101 - it is a pipe
        _tell(made.stdin, root)
        made.stdin.close()
    if made.returncode:
        raise subprocess.CalledProcessError(made.returncode, command)
    git(root, "read-tree", "HEAD")
    git(root, "update-index", "-q", "--refresh")


def commit(root: Path, message: str) -> None:
    """Commits what was changed of the files that git knows."""
    git(root, "commit", "--quiet", "--all", "--message", message)


def git(root: Path, *words: str) -> None:
    """Runs git by an identity of its own, whatever the machine's settings are."""
    subprocess.run(["git", *_SETTINGS, *words], cwd=root, check=True)


def _tell(stream: IO[bytes], root: Path) -> None:
    """One commit of all files, in the language of git fast-import."""
    stream.write(b"commit refs/heads/main\ncommitter Benchmark <benchmark@example.com> 0 +0000\ndata 9\nThe fleet\n")
    for path in files(root):
        content = (root / path).read_bytes()
        stream.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content))


def files(root: Path) -> Iterator[str]:
    """The files below a folder, in the same order everywhere; without git's and the program's own."""
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if name not in _OWN)
        begin = os.path.relpath(folder, root).removeprefix(".").removesuffix("/")
        yield from (f"{begin}/{name}" if begin else name for name in sorted(names))
