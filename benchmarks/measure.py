"""What a command costs: CPU, wall time and memory of it and of all processes that it starts."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.1
A_LOOK, LONGEST = 20, 1.0
"""A look at the memory of large processes takes its time: so many times as long is waited for the next, up to so many
seconds."""
REPOSITORY = Path(__file__).parent.parent
FEWEST = 5
"""Looks at a process that is over sooner say too little: the most that the system saw it hold counts, too."""
PROGRAM = (sys.executable, "-m", "generator")


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU and wall time in seconds; the most memory in MB (1,000,000 bytes): all of its processes together where the
    system says how they share pages (Linux), else that of its largest process. `code` is how it ended."""

    cpu: float
    wall: float
    memory: float
    code: int

    def as_data(self) -> dict[str, float | int]:
        """For JSON."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was timed: what it is, and what it cost."""

    name: str
    cost: Cost


def total(name: str, rows: Iterable[Row]) -> Row:
    """Things done one after another: their times together, and the memory of the largest."""
    costs = [row.cost for row in rows]
    time_of = (sum(each.cpu for each in costs), sum(each.wall for each in costs))
    return Row(name, Cost(*time_of, max(each.memory for each in costs), 0))


class Failed(Exception):  # noqa: N818 - a benchmark that has failed
    """A command that had to succeed did not; says what it printed."""


def cost(
    command: Sequence[str | Path],
    folder: Path,
    *,
    variables: Mapping[str, str] | None = None,
    codes: tuple[int, ...] = (0,),
) -> Cost:
    """Runs a command in a folder and says what it cost. Raises `Failed` when it ends otherwise than `codes` allow.

    What was written before is on the disk when it begins: nobody pays for another's files.
    """
    os.sync()
    start = time.perf_counter()
    with subprocess.Popen(
        [str(word) for word in command],
        cwd=folder,
        env={**os.environ, **(variables or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        watch = _Watch(process.pid)
        said = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        largest = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        memory = max(watch.stop(), largest if watch.seen < FEWEST else 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        raise Failed(
            f"{' '.join(map(str, command))} ended with {process.returncode}:\n{said.decode(errors='replace')[-2000:]}"
        )
    return Cost(used.ru_utime + used.ru_stime, wall, memory / 1e6, process.returncode)


def variables(folder: Path) -> dict[str, str]:
    """What the program's processes find in their environment: a cache of their own in a folder."""
    return {
        "XDG_CACHE_HOME": str(folder / "cache"),
        "TENANTRY_CACHE": "",
        "PYTHONPATH": str(REPOSITORY),
    }


class _Watch:
    """Looks now and then at how much memory a process and those below it hold; shared pages count once."""

    def __init__(self, pid: int) -> None:
        self.seen = 0
        self._most = 0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """The most that was seen, in bytes."""
        self._ended.set()
        self._thread.join()
        return self._most

    def _look(self) -> None:
        pause = SAMPLE_SECONDS
        while not self._ended.wait(pause):
            start = time.thread_time()
            held = sum(map(_held, _family(self._pid)))
            pause = min(LONGEST, max(SAMPLE_SECONDS, A_LOOK * (time.thread_time() - start)))
            self.seen += bool(held)
            self._most = max(self._most, held)


def _family(pid: int) -> list[int]:
    """A process and all below it (Linux; elsewhere it alone)."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _held(pid: int) -> int:
    """The proportional share of memory of a process, in bytes; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
