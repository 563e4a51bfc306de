"""Processes that tell one thing after another, and wait in between."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generator import workers
from generator.workers import in_step


def counted(batch: int) -> Iterator[tuple[int, int]]:
    """Two processes' things: (who, which), the process's number first."""
    yield os.getpid(), -1
    for number in range(batch):
        yield batch, number


def test_each_tells_its_things_in_order() -> None:
    with in_step(counted, [2, 0, 3]) as team:
        first = team.first()
        assert len({pid for pid, _ in first} | {os.getpid()}) == 4
        team.go_on()
        rest = list(team.rest())
    assert {number for number, _ in rest} == {0, 2}
    assert [told for number, told in rest if number == 0] == [(2, 0), (2, 1)]
    assert [told for number, told in rest if number == 2] == [(3, 0), (3, 1), (3, 2)]


def test_nobody_goes_on_before_it_may(tmp_path: Path) -> None:
    def work(batch: str) -> Iterator[str]:
        yield batch
        (tmp_path / batch).write_text("")

    with in_step(work, ["a", "b"]) as team:
        assert team.first() == ["a", "b"]
        time.sleep(0.2)
    assert list(tmp_path.iterdir()) == []


def test_they_are_gone_when_the_block_ends() -> None:
    with in_step(counted, [1000, 1000]) as team:
        pids = [pid for pid, _ in team.first()]
        team.go_on()
        next(team.rest())
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def failing(batch: int) -> Iterator[int]:
    yield batch
    if batch:
        raise LookupError("no such thing")


def dying(batch: int) -> Iterator[int]:
    yield batch
    if batch:
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(
    ("work", "fault", "words"),
    [(failing, LookupError, "no such thing"), (dying, ChildProcessError, "killed")],
)
def test_what_is_raised_there_is_raised_here_and_being_killed_is_an_error(
    work: Callable[[int], Iterator[int]], fault: type[Exception], words: str
) -> None:
    with in_step(work, [0, 1]) as team:
        team.first()
        team.go_on()
        with pytest.raises(fault, match=words):
            list(team.rest())


def test_without_fork_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "can_fork", lambda: False)
    with pytest.raises(NotImplementedError), in_step(counted, [1]):
        pass
