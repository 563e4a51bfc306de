"""Spreads batches over forked processes, so that what they share is inherited and never copied."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

Batch = TypeVar("Batch")
Result = TypeVar("Result")

_work: tuple[Callable[[Any], Any], Sequence[Any]] | None = None
"""What forked workers do, and on which batches: set before they are forked, since neither can be pickled."""


def in_parallel(work: Callable[[Batch], Result], batches: Sequence[Batch], jobs: int) -> list[Result]:
    """`[work(batch) for batch in batches]`, in that order, by up to `jobs` processes.

    Only results travel between processes and must be picklable. Without fork, or for one batch, all happens here.
    """
    global _work
    jobs = min(jobs, len(batches))
    if jobs <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        return [work(batch) for batch in batches]
    _work = (work, batches)
    try:
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
            return list(pool.map(_run, range(len(batches))))
    finally:
        _work = None


def _run(number: int) -> Any:
    assert _work is not None  # noqa: S101 - set before the fork
    work, batches = _work
    return work(batches[number])
