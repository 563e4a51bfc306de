"""Two results at once: one of this process, one of another."""

from __future__ import annotations

import os
import signal
from pickle import PicklingError
from typing import NoReturn

import pytest

from generator.workers import side_by_side


def refuse() -> NoReturn:
    raise LookupError("no such thing")


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_the_second_is_found_by_another_process() -> None:
    here, there = side_by_side(os.getpid, os.getpid, 2)
    assert here == os.getpid() != there


def test_with_one_job_both_are_found_here() -> None:
    assert side_by_side(os.getpid, os.getpid, 1) == (os.getpid(), os.getpid())


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_is_raised_on_either_side_is_raised_here(jobs: int) -> None:
    for here, there in ((refuse, os.getpid), (os.getpid, refuse)):
        with pytest.raises(LookupError, match="no such thing"):
            side_by_side(here, there, jobs)


def test_what_cannot_be_sent_is_an_error() -> None:
    with pytest.raises((AttributeError, PicklingError), match="local object"):
        side_by_side(os.getpid, lambda: lambda: None, 2)


def test_a_process_that_is_killed_is_an_error() -> None:
    with pytest.raises(ChildProcessError, match="killed"):
        side_by_side(os.getpid, die, 2)
