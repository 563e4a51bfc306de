"""Spreads batches over forked processes, so that what they share is inherited and never copied."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Batch = TypeVar("Batch")
Result = TypeVar("Result")
Other = TypeVar("Other")

_PATIENCE: Final = 0.5
"""Seconds between two looks at whether the parent is there."""
_work: tuple[Callable[[Any], Any], Sequence[Any]] | None = None
"""What forked workers do, and on which batches: set before they are forked, since neither can be pickled."""
_parent = 0
"""The process that forked the workers."""


def in_parallel(work: Callable[[Batch], Result], batches: Sequence[Batch], jobs: int) -> Iterator[Result]:
    """`work(batch)` for each batch, in that order and as each is done, by up to `jobs` processes.

    Only results travel between processes and must be picklable. Without fork, or for one batch, all happens here.
    """
    global _work, _parent
    jobs = min(jobs, len(batches))
    if jobs <= 1 or not can_fork():
        yield from map(work, batches)
        return
    # Most runs fork nothing, and these take longer to import than what such a run does here.
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    _work, _parent = (work, batches), os.getpid()
    try:
        with ProcessPoolExecutor(jobs, get_context("fork"), _watch) as pool, _beside_threads():
            yield from pool.map(_run, range(len(batches)))
    finally:
        _work = None


def side_by_side(here: Callable[[], Result], there: Callable[[], Other], jobs: int) -> tuple[Result, Other]:
    """Two results: one found here, the other by a forked process meanwhile, if there may be two and one can be forked.

    What is found there must be picklable, and so must what is raised there, which is raised here as well. Raises
    ChildProcessError when the process is killed.
    """
    if jobs < 2 or not can_fork():
        return here(), there()
    from multiprocessing import get_context

    context = get_context("fork")
    answer, told = context.Pipe(duplex=False)

    def run() -> None:
        try:
            told.send((there(), None))
        except BaseException as failure:  # noqa: BLE001 - whoever wants the result hears of it
            told.send((None, failure))

    process = context.Process(target=run, daemon=True)
    with _beside_threads():
        process.start()
    told.close()
    try:
        found = here()
        try:
            result, failure = answer.recv()
        except EOFError:
            raise _killed() from None
    except BaseException:
        process.kill()
        raise
    finally:
        answer.close()
        process.join()
    if failure is not None:
        raise failure
    return found, result


class Team(Generic[Result]):
    """Processes that each tell one thing after another (`in_step`)."""

    __slots__ = ("_told",)

    def __init__(self, told: Sequence[Connection]) -> None:
        self._told = told

    def first(self) -> list[Result]:
        """What each of them tells first, in order; they wait until they may `go_on`."""
        return [self._heard(each)[0] for each in self._told]

    def go_on(self) -> None:
        """Lets them go on after the first."""
        for each in self._told:
            self._let_go_on(each)

    def rest(self) -> Iterator[tuple[int, Result]]:
        """All that they tell after the first, as it comes, with the number of who tells it."""
        from multiprocessing.connection import wait

        numbers: dict[object, int] = {each: number for number, each in enumerate(self._told)}
        while numbers:
            for each in wait([told for told in self._told if told in numbers]):
                number = numbers[each]
                results = self._heard(self._told[number])
                if results:
                    self._let_go_on(self._told[number])
                    yield number, results[0]
                else:
                    del numbers[each]

    def _heard(self, told: Connection) -> list[Result]:
        """What a process tells; nothing when it has come to its end."""
        results: list[Result]
        try:
            results, failure = told.recv()
        except (EOFError, OSError):
            raise _killed() from None
        if failure is not None:
            raise failure
        return results

    def _let_go_on(self, told: Connection) -> None:
        try:
            told.send(None)
        except OSError:
            raise _killed() from None


def _killed() -> ChildProcessError:
    return ChildProcessError("a worker process was killed")


@contextmanager
def in_step(work: Callable[[Batch], Iterator[Result]], batches: Sequence[Batch]) -> Iterator[Team[Result]]:
    """A forked process for each batch, which tells what `work(batch)` yields and goes on with it once that is taken.

    So they can be stopped between two steps, and keep what they have from one to the next. They are killed when the
    block ends. What is told must be picklable, and so must what is raised, which is raised here as well. Raises
    ChildProcessError when a process is killed, and NotImplementedError where none can be forked.
    """
    if not can_fork():
        raise NotImplementedError("this system cannot fork")
    from multiprocessing import get_context

    context = get_context("fork")
    told, processes = [], []
    parent = os.getpid()

    def run(batch: Batch, tell: Connection) -> None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
        try:
            for result in work(batch):
                tell.send(([result], None))
                tell.recv()
            tell.send(([], None))
        except EOFError:
            pass  # nobody wants to know
        except BaseException as failure:  # noqa: BLE001 - whoever wants the results hears of it
            tell.send(([], failure))

    try:
        with _beside_threads():
            for batch in batches:
                here, there = context.Pipe()
                told.append(here)
                processes.append(context.Process(target=run, args=(batch, there), daemon=True))
                processes[-1].start()
                there.close()
        yield Team(told)
    finally:
        for process in processes:
            process.kill()
        for each, process in zip(told, processes, strict=True):
            each.close()
            process.join()


def can_fork() -> bool:
    """Whether this system has fork, without which all happens in one process."""
    from multiprocessing import get_all_start_methods

    return "fork" in get_all_start_methods()


@contextmanager
def _beside_threads() -> Iterator[None]:
    """Python 3.12 warns of every fork beside threads. A worker here computes and returns: it takes no lock that another
    thread could have held."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        yield


def _watch() -> None:
    """Ends a worker when whoever wants its results is killed, even one that waits for work."""
    threading.Thread(target=_end_with, args=(_parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PATIENCE)
    os._exit(1)


def _run(number: int) -> Any:
    assert _work is not None  # noqa: S101 - set before the fork
    if os.getppid() != _parent:
        os._exit(1)  # at once, so that it writes no more
    work, batches = _work
    return work(batches[number])
