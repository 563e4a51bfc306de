"""Puts rendered files into a folder without ever holding them all: what differs waits beside it until all is rendered.

Whoever renders gives each file to `take`, in this process or in workers that were forked from it, and forgets it. Only
when every file is there and none is at fault does `settle` move what waits to its place.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Final

from generator.write.differences import Differences, Present, check_name, check_paths, look, look_at, same
from generator.write.lock import FOLDER, exclusive
from generator.write.writing import Copied, Moved, create, settled

try:
    import fcntl
except ImportError:  # pragma: no cover - a platform without POSIX locks, and without fork
    fcntl = None  # type: ignore[assignment]

_PREFIX: Final = "staged-"


class State(StrEnum):
    """What a rendered file is to the folder."""

    SAME = "same"
    ADDED = "added"
    CHANGED = "changed"


class Intake:
    """Compares rendered files with those of a folder, one by one, and writes none.

    With `part`, the folder is only looked at there, as in `generator.write.compare`. Raises what that raises. Whoever
    has looked already gives what is `present` beside files that stay as they are.
    """

    def __init__(self, folder: Path, part: Collection[str] | None = None, present: Present | None = None) -> None:
        if present is None:
            present = look(folder, sizes=False) if part is None else look_at(folder, part)
        self.present = present
        self._top = str(folder)

    def take(self, path: str, content: bytes) -> State:
        """What writing the file would do."""
        size = self.present.files.get(path)
        if size is None:
            return State.ADDED
        return State.SAME if size >= 0 and same(f"{self._top}/{path}", content) else State.CHANGED

    @contextmanager
    def turn(self) -> Iterator[None]:
        """To be entered around the taking of many files."""
        yield

    def settle(self, states: Mapping[str, State]) -> Differences:
        """How the folder differs from all that was taken: each path with what `take` said."""
        check_paths(states)
        added = sorted(path for path, state in states.items() if state is State.ADDED)
        changed = sorted(path for path, state in states.items() if state is State.CHANGED)
        return Differences(tuple(added), tuple(changed), tuple(sorted(self.present.files.keys() - states.keys())))


class Staging(Intake):
    """An intake that keeps what differs below `stage`, each file at its own path, until `settle`. `staying` are the
    files that `present` does not count."""

    def __init__(
        self,
        folder: Path,
        stage: Path,
        part: Collection[str] | None = None,
        present: Present | None = None,
        staying: Iterable[str] = (),
    ) -> None:
        super().__init__(folder, part, present)
        self._staying = staying
        self._folder = folder
        self._stage = str(stage)
        self._made: set[str] = set()
        self._partial = part is not None

    def take(self, path: str, content: bytes) -> State:
        """Keeps the file if it is not in its place already."""
        state = super().take(path, content)
        if state is not State.SAME:
            parent, _, name = path.rpartition("/")
            if parent in self._made:
                check_name(name, path)
            else:
                check_paths((path,))
                self._make(parent)
            create(f"{self._stage}/{path}", content)
        return state

    def _make(self, folder: str) -> None:
        """Makes a folder of the stage and those above it. Never the stage itself: a worker that outlives a killed run
        finds it taken away, and must not make it again."""
        if not folder or folder in self._made:
            return
        self._make(folder.rpartition("/")[0])
        with suppress(FileExistsError):  # another worker has made it
            os.mkdir(f"{self._stage}/{folder}")  # noqa: PTH102 - a Path for each of 37,000 folders costs as much again
        self._made.add(folder)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keeps other processes from taking files meanwhile: one that creates files takes half the time of two that are
        in each other's way in the file system, and the others have something to render."""
        with open(f"{self._stage}/.turn", "wb") as file:  # noqa: PTH123 - as everywhere here
            if fcntl is not None:
                fcntl.lockf(file, fcntl.LOCK_EX)
            yield

    def settle(self, states: Mapping[str, State]) -> Differences:
        """Makes the folder hold exactly what was taken, as `generator.write.write` does, and says what that took."""
        found = super().settle(states)
        self._folder.mkdir(parents=True, exist_ok=True)
        one_device = Path(self._stage).stat().st_dev == self._folder.stat().st_dev
        source = Moved(self._stage) if one_device else Copied(self._stage)
        files = {*states, *self._staying}
        settled(self._folder, files, found, self.present, source, partial=self._partial)
        return found


@contextmanager
def staging(root: Path, folder: Path, part: Collection[str] | None = None) -> Iterator[Staging]:
    """A staging of a fleet's folder, for as long as the block runs; no other run of the fleet gets in meanwhile.

    Raises what `generator.write.exclusive` and `generator.write.write` raise.
    """
    with exclusive(root), stage(root, folder, part) as made:
        yield made


@contextmanager
def stage(
    root: Path,
    folder: Path,
    part: Collection[str] | None = None,
    present: Present | None = None,
    staying: Iterable[str] = (),
) -> Iterator[Staging]:
    """`staging`, for who keeps other runs out (`generator.write.exclusive`).

    What a killed run left is taken away first.
    """
    for left in (root / FOLDER).glob(f"{_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
        if left.exists():  # a worker of the killed run was still at it
            shutil.rmtree(left)
    beside = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root / FOLDER))
    try:
        yield Staging(folder, beside, part, present, staying)
    finally:
        # A worker may still write into it when another has failed; the next run takes away what that leaves.
        shutil.rmtree(beside, ignore_errors=True)
