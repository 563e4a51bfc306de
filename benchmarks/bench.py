"""Everything that has a goal, timed in fresh processes and fresh folders.

    make bench N=10000                          (python benchmarks/bench.py --tenants 10000)
    make bench N=100000 AGAINST=bench-10000.json

Makes a fleet of N tenants (benchmarks/fleets.py), renders, checks and publishes it and edits one tenant
(benchmarks/day.py), does the least that any program has to do with the same files (benchmarks/floors.py), renders it in
every way there is and compares the bytes (benchmarks/identity.py), and lets kapitan and helm from PyPI, in a virtual
environment of their own, render one tenant's bundle for some tenants (benchmarks/peers.py). Then it prints, as
Markdown, CPU and wall seconds and the most memory of each, and how many times as long as `cp -r` of the same rendered
tree it took: a machine's speed divides out. Last come the goals, met or missed (benchmarks/goals.py). What goes on
meanwhile is told on standard error. At 100,000 tenants it needs 30 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import floors, goals, peers
from benchmarks.day import COPY, RENDER, Day
from benchmarks.identity import Identity
from benchmarks.measure import Cost, Failed, Row

COMPARED = 10_000
"""The most tenants whose bytes are compared without being asked for, and whose copies stay until the end: for minutes
after many files were deleted, ext4 takes several times as long to make others."""


@dataclass(slots=True)
class Found:
    """What a run has found so far."""

    tenants: int
    rows: list[Row] = field(default_factory=list)
    size: dict[str, float] = field(default_factory=dict)
    identity: str = "not compared"
    faults: list[str] = field(default_factory=list)

    def costs(self) -> dict[str, Cost]:
        """The rows' costs by name."""
        return {row.name: row.cost for row in self.rows}


def measured(folder: Path, given: argparse.Namespace) -> Found:
    """Every row. A part that fails is told of, and the next one tried."""
    found = Found(given.tenants)
    keep = given.tenants <= COMPARED
    day = Day(folder, given.tenants, keep=keep)
    if not _part(found, day.rendered):
        return found
    found.size = day.size()
    _part(found, day.edited)
    _part(found, day.published)
    _part(found, lambda: floors.rows(day.fleet), needed=False)
    if given.identity or keep:
        identity = Identity(folder, day.fleet, seed=given.seed, keep=keep)
        found.identity = (
            identity.verdict if _part(found, identity.rows) else "NOT IDENTICAL, or not compared to the end"
        )
        _tell(found.identity)
    else:
        _tell(f"bytes are not compared above {COMPARED} tenants; --identity does")
    if given.peers:
        _part(found, lambda: peers.rows(folder / "peers", *day.bundle(), given.peers), needed=False)
    return found


def _part(found: Found, rows: Callable[[], Iterator[Row]], *, needed: bool = True) -> bool:
    """Takes the rows as they come; whether all came."""
    try:
        for row in rows():
            found.rows.append(row)
            _tell(f"{row.name:48} {row.cost.cpu:9.2f} {row.cost.wall:9.2f} {row.cost.memory:7.0f}")
    except (Failed, OSError, subprocess.SubprocessError) as failed:
        _tell(f"FAILED: {failed}" if needed else f"left out: {failed}")
        if needed:
            found.faults.append(str(failed))
        return False
    return True


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def report(found: Found, given: argparse.Namespace) -> Iterator[str]:
    """All that is printed at the end."""
    costs = found.costs()
    yield from ("", "| job | CPU s | wall s | MB | x cp -r | goal |", "| --- | --- | --- | --- | --- | --- |")
    for row in found.rows:
        used = row.cost
        times = f"{used.wall / costs[COPY].wall:.2f}" if COPY in costs else ""
        figures = f"{used.cpu:.2f} | {used.wall:.2f} | {used.memory:.0f} | {times}"
        yield f"| {row.name} | {figures} | {goals.beside(row.name)} |"
    sizes = f", {found.size['files']:.0f} files, {found.size['MB']} MB" if found.size else ""
    yield f"\n{found.tenants} tenants{sizes}; {found.identity}"
    yield f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"
    for tool, seconds in peers.extrapolated(costs, given.peers, found.tenants).items():
        ratio = seconds / costs[RENDER].wall
        yield f"{tool}: {seconds:.0f} s extrapolated to {found.tenants} tenants, {ratio:.0f} times render's wall time"
    yield f"\ngoals at {goals.SIZE} tenants, held against {found.tenants}:"
    if found.tenants > goals.SIZE:
        yield f"(those that hold for any size alone; --against compares with a run of {goals.SIZE})"
    yield from map(goals.told, goals.held(costs, found.tenants))
    if given.against:
        yield ""
        yield from goals.against(costs, found.tenants, given.against)
    yield from (f"FAILED: {fault}" for fault in found.faults)


def data(found: Found, given: argparse.Namespace) -> dict[str, Any]:
    """The same for JSON."""
    costs = found.costs()
    return {
        "tenants": found.tenants,
        **found.size,
        "machine": {"system": platform.platform(), "cpus": os.cpu_count(), "python": platform.python_version()},
        "rows": [{"name": row.name, "goal": goals.beside(row.name), **row.cost.as_data()} for row in found.rows],
        "identity": found.identity,
        "peers": {"tenants": given.peers, "extrapolated": peers.extrapolated(costs, given.peers, found.tenants)},
        "goals": list(goals.held(costs, found.tenants)),
        "faults": found.faults,
    }


def _read(file: str) -> Any:
    """JSON of an earlier run: read at once, since an error at the end would cost the run."""
    return json.loads(Path(file).read_text())


def main() -> None:
    """Measures and prints."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--tenants", type=int, default=1000, help="how many (default: %(default)s)")
    words.add_argument("--peers", type=int, default=50, metavar="N", help="tenants of the peers (default: %(default)s)")
    words.add_argument("--identity", action="store_true", help=f"compare bytes above {COMPARED} tenants, too")
    words.add_argument("--seed", type=int, default=1, help="which edits are compared (default: %(default)s)")
    words.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON, too")
    words.add_argument(
        "--against", type=_read, metavar="FILE", help="the JSON of a run of another size to compare with"
    )
    words.add_argument("--folder", type=Path, help="where to make a folder that goes at the end (default: a temporary)")
    given = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=given.folder and given.folder.resolve()) as folder:
        found = measured(Path(folder), given)
        # Before the folder goes, which takes a while.
        print("\n".join(report(found, given)), flush=True)
        if given.json:
            given.json.write_text(json.dumps(data(found, given), indent=2) + "\n")
    sys.exit(bool(found.faults))


if __name__ == "__main__":
    main()
