"""Local clusters of processes of their own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest

_WORKERS = 3


@pytest.fixture(scope="module")
def started() -> Iterator[Any]:
    """A cluster of three worker processes, each of one thread."""
    import dask
    from distributed import LocalCluster

    # Dask goes on trying to reach a lost worker for 30 seconds, unless it is told otherwise.
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "3s"}),
        LocalCluster(n_workers=_WORKERS, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster,
    ):
        yield cluster


@pytest.fixture
def workers(started: Any) -> Any:
    """That cluster with all its workers: another is started for each that a test before has killed, in its own time.

    One that has just been killed is counted until the scheduler has noticed, so that each has to answer.
    """
    from distributed import Client

    with Client(started.scheduler_address, set_as_default=False) as client:
        for _ in range(60):
            client.wait_for_workers(_WORKERS, timeout=60)
            if len(set(client.run(os.getpid, on_error="ignore").values())) == _WORKERS:
                return started
            time.sleep(0.1)
    pytest.fail("the workers of the cluster do not answer")
