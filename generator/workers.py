"""Spreads batches over forked processes, so that what they share is inherited and never copied."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

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
    if jobs <= 1 or not _can_fork():
        yield from map(work, batches)
        return
    # Most runs fork nothing, and these take longer to import than what such a run does here.
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    _work, _parent = (work, batches), os.getpid()
    try:
        with ProcessPoolExecutor(jobs, get_context("fork"), _watch) as pool, warnings.catch_warnings():
            # Python 3.12 warns of every fork beside threads. A worker here computes and returns: it takes no lock that
            # another thread could have held.
            warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
            yield from pool.map(_run, range(len(batches)))
    finally:
        _work = None


def side_by_side(here: Callable[[], Result], there: Callable[[], Other], jobs: int) -> tuple[Result, Other]:
    """Two results: one found here, the other by a forked process meanwhile, if there may be two and one can be forked.

    What is found there must be picklable, and so must what is raised there, which is raised here as well. Raises
    ChildProcessError when the process is killed.
    """
    if jobs < 2 or not _can_fork():
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
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)  # as above
        process.start()
    told.close()
    try:
        found = here()
        try:
            result, failure = answer.recv()
        except EOFError:
            raise ChildProcessError("a worker process was killed") from None
    except BaseException:
        process.kill()
        raise
    finally:
        answer.close()
        process.join()
    if failure is not None:
        raise failure
    return found, result


def _can_fork() -> bool:
    from multiprocessing import get_all_start_methods

    return "fork" in get_all_start_methods()


def _watch() -> None:
    """Ends a worker when whoever wants its results is killed, even one that waits for work."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    while os.getppid() == _parent:
        time.sleep(_PATIENCE)
    os._exit(1)


def _run(number: int) -> Any:
    assert _work is not None  # noqa: S101 - set before the fork
    if os.getppid() != _parent:
        os._exit(1)  # at once, so that it writes no more
    work, batches = _work
    return work(batches[number])
