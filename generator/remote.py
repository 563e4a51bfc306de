"""Spreads batches over the workers of a Dask cluster, which share one value and have this program installed."""

from __future__ import annotations

import logging
import re
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from generator.installed import program

if TYPE_CHECKING:
    from distributed import Client

Batch = TypeVar("Batch")
Result = TypeVar("Result")

_CONNECT: Final = 10
"""Seconds in which the scheduler has to answer, and then a worker to be there."""
_AHEAD: Final = 4
"""Batches for each thread that are handed out before the first of them is taken: none should wait for work."""
_TALKATIVE: Final = ("distributed", "tornado", "asyncio")
"""Whose loggers tell what goes on in the background."""
_ADDRESS: Final = re.compile(r"(tcp|tls|ucx|ws|wss)://\S+:\d{1,5}(/\S*)?")


class ClusterUnavailable(OSError):  # noqa: N818  it is a state of the world, not a fault
    """The cluster cannot be worked with."""


class Cluster:
    """A cluster whose workers run this very program."""

    __slots__ = ("_address", "_client")

    def __init__(self, client: Client, address: str) -> None:
        self._client = client
        self._address = address

    def threads(self) -> int:
        """How many batches are worked on at a time."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def in_parallel(
        self, work: Callable[[bytes, Batch], Result], shared: bytes, batches: Sequence[Batch]
    ) -> Iterator[Result]:
        """`work(shared, batch)` for each batch, in that order and as each is done.

        `work` is a function of a module; batches and results must be picklable. A batch whose worker is lost is worked
        on again by another, and so is one whose result was lost with it. A batch is handed out when one so many
        before it is done and taken: results do not pile up here. Raises ClusterUnavailable when the cluster gives up,
        or when a worker that has joined meanwhile runs another program.
        """
        from distributed import CancelledError, KilledWorker, as_completed

        run = uuid.uuid4().hex
        numbers: dict[Any, int] = {}
        ahead = self.threads() * _AHEAD
        try:
            with warnings.catch_warnings():
                # The shared value goes through the scheduler, not to some of the workers: whichever of them are lost,
                # the others get it again.
                warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
                held = self._client.submit(_same, shared, key=f"tenantry-shared-{run}")

            def handed_out(number: int) -> Any:
                key = f"tenantry-{run}-{number}"
                future = self._client.submit(_run, program(), work, held, batches[number], key=key)
                numbers[future] = number
                return future

            first = [handed_out(number) for number in range(min(ahead, len(batches)))]
            under_way = as_completed(first, loop=self._client.loop, with_results=True)
            waiting: dict[int, Any] = {}
            following = 0
            while following < len(batches):
                future, result = next(under_way)
                waiting[numbers.pop(future)] = result
                future.release()
                while following in waiting:
                    yield waiting.pop(following)
                    if following + ahead < len(batches):
                        under_way.add(handed_out(following + ahead))
                    following += 1
        except KilledWorker as fault:
            raise ClusterUnavailable(
                f"Dask at {self._address}: a part was given up after several workers died of it; give them more memory"
            ) from fault
        except (CancelledError, TimeoutError) as fault:
            raise ClusterUnavailable(f"Dask at {self._address}: the scheduler was lost; run this again") from fault


@contextmanager
def cluster(address: str) -> Iterator[Cluster]:
    """A cluster by the address of its scheduler (`tcp://host:8786`), while the block runs.

    Raises ClusterUnavailable when Dask is not installed here, no scheduler answers or no worker is there, and when a
    worker runs another program than this: it would render other bytes.
    """
    if not _ADDRESS.fullmatch(address):
        raise ClusterUnavailable(f"'{address}' is no address of a Dask scheduler, such as tcp://scheduler:8786")
    try:
        from distributed import Client
    except ImportError as missing:
        raise ClusterUnavailable("Dask is not installed; pip install 'tenantry[dask]'") from missing
    with _quiet():
        try:
            client = Client(address, timeout=_CONNECT, set_as_default=False)
        except (OSError, ValueError) as fault:
            reason = " ".join(str(fault).split()) or type(fault).__name__
            raise ClusterUnavailable(f"no Dask scheduler answers at '{address}': {reason}") from fault
        with client:
            _check_workers(client, address)
            yield Cluster(client, address)


def _check_workers(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_CONNECT)
    except TimeoutError as fault:
        raise ClusterUnavailable(f"Dask at {address} has no worker; start one: dask worker {address}") from fault
    # An error counts as an answer: a worker without this program cannot even look for it.
    said: dict[str, Any] = client.run(program, on_error="return")
    strange = sorted((worker, answer) for worker, answer in said.items() if answer != program())
    if strange:
        worker, answer = strange[0]
        more = f" and {len(strange) - 1} more" if len(strange) > 1 else ""
        raise ClusterUnavailable(
            f"Dask at {address}: worker {worker}{more} runs another program; install this one there"
            f" (here: {program()}; there: {' '.join(str(answer).split())})"
        )


def _run(wanted: str, work: Callable[[bytes, Any], Any], shared: bytes, batch: Any) -> Any:
    """One batch, on a worker. Workers may join at any time, so each is asked what it runs."""
    if program() != wanted:
        raise ClusterUnavailable(f"a Dask worker runs another program (here: {wanted}; there: {program()})")
    return work(shared, batch)


def _same(value: bytes) -> bytes:
    return value


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps Dask from telling on standard error what the exceptions say."""
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in _TALKATIVE]
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
