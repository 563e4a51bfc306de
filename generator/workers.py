"""Spreads batches over forked processes, so that what they share is inherited and never copied."""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

Batch = TypeVar("Batch")
Result = TypeVar("Result")

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
    if jobs <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(work, batches)
        return
    _work, _parent = (work, batches), os.getpid()
    try:
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool, warnings.catch_warnings():
            # Python 3.12 warns of every fork beside threads. A worker here computes and returns: it takes no lock that
            # another thread could have held.
            warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
            yield from pool.map(_run, range(len(batches)))
    finally:
        _work = None


def _run(number: int) -> Any:
    assert _work is not None  # noqa: S101 - set before the fork
    if os.getppid() != _parent:
        os._exit(1)  # whoever wanted the result was killed
    work, batches = _work
    return work(batches[number])
