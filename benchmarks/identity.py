"""Whether every way to render gives the same bytes, at any size: after random edits of a fleet that is committed.

    python -m benchmarks.identity FLEET          (renders it on a Dask cluster of two processes; bench.py times this)

`render --since` in place is held against cold renders of the edited fleet: by two workers, by one process, by two
shards, and by Dask.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from benchmarks.fleets import COPIED
from benchmarks.measure import PROGRAM, Failed, Row, cost, variables
from benchmarks.repository import files

WORKERS = 2
WAYS = (
    ("cold, --jobs 2", (("render", "--jobs", "2"),)),
    ("one process, --jobs 1", (("render", "--jobs", "1"),)),
    ("shards", (("render", "--shard", "1/2"), ("render", "--shard", "2/2"))),
)
EDITED = 8
"""Tenants that are edited: one is removed, one gets another name, the others another title."""
SHOWN = 10
"""Differences that are shown."""


class Identity:
    """Renders a committed fleet in every way after edits by a seed. `keep` leaves the copies until the folder goes."""

    def __init__(self, folder: Path, fleet: Path, *, seed: int, keep: bool) -> None:
        self._folder, self._fleet, self._keep = folder, fleet, keep
        self._chance = random.Random(seed)  # noqa: S311 - the same numbers every time are the point
        self.verdict = ""
        """What was found, once all rows are there."""

    def rows(self) -> Iterator[Row]:
        """What each way costs. Raises `Failed` at the first that gives other bytes."""
        edit(self._fleet, self._chance)
        yield self._row("render --since", self._fleet, "render", "--since", "HEAD")
        expected = digest(self._fleet / "rendered")
        ways = [name for name, _ in WAYS]
        for name, commands in WAYS:
            root = self._copy(name)
            for words in commands:
                yield self._row(name if len(commands) == 1 else f"--shard {words[-1]}", root, *words)
            self._compare(name, root, expected)
        if find_spec("distributed"):
            root = self._copy("dask")
            command = [sys.executable, "-m", "benchmarks.identity", str(root)]
            used = cost(command, self._folder, variables=variables(self._folder))
            yield Row(f"identity: Dask, {WORKERS} workers and their start", used)
            self._compare("Dask", root, expected)
            ways.append("Dask")
        else:
            ways.append("(Dask is not installed)")
        self.verdict = f"identical: {'; '.join(('render --since', *ways))}; SHA-256 {expected}"

    def _row(self, name: str, root: Path, *words: str) -> Row:
        return Row(f"identity: {name}", cost([*PROGRAM, *words], root, variables=variables(self._folder)))

    def _copy(self, name: str) -> Path:
        """The fleet's inputs in a fresh folder."""
        root = self._folder / "identity" / "".join(filter(str.isalnum, name))
        root.mkdir(parents=True)
        subprocess.run(["cp", "-r", *COPIED, "tenants", root], cwd=self._fleet, check=True)
        return root

    def _compare(self, name: str, root: Path, expected: str) -> None:
        if digest(root / "rendered") != expected:
            different = ["diff", "--recursive", "--brief", str(self._fleet / "rendered"), str(root / "rendered")]
            said = subprocess.run(different, check=False, capture_output=True, text=True).stdout.splitlines()
            raise Failed("\n".join([f"{name} gives other bytes than render --since:", *said[:SHOWN]]))
        if not self._keep:
            shutil.rmtree(root)


def edit(fleet: Path, chance: random.Random) -> None:
    """Edits as a day brings them, at random: of some tenants, and of a tier."""
    removed, renamed, *titled = chance.sample(sorted((fleet / "tenants").rglob("*.yaml")), EDITED)
    removed.unlink()
    name = f"zinc-{renamed.stem.rpartition('-')[2]}"
    renamed.with_name(f"{name}.yaml").write_text(renamed.read_text().replace(renamed.stem, name))
    renamed.unlink()
    for file in titled:
        file.write_text(file.read_text().replace("  title: ", "  title: Other ", 1))
    tier = fleet / "policies/tiers/enterprise.yaml"
    text = tier.read_text()
    before = next(line for line in text.splitlines() if line.startswith("  priority: "))
    tier.write_text(text.replace(before, f"  priority: {chance.randint(60_000, 90_000)}"))


def digest(folder: Path) -> str:
    """One SHA-256 over all paths and contents below a folder."""
    found = hashlib.sha256()
    for path in files(folder):
        content = (folder / path).read_bytes()
        found.update(b"%s\0%d\0" % (os.fsencode(path), len(content)))
        found.update(content)
    return found.hexdigest()


def main() -> None:
    """Renders a fleet on a cluster of processes that ends with it."""
    from distributed import LocalCluster

    fleet = Path(sys.argv[1])
    with LocalCluster(
        n_workers=WORKERS,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",
        local_directory=str(fleet.parent),
    ) as cluster:
        command = [*PROGRAM, "render", "--dask", cluster.scheduler_address]
        subprocess.run(command, cwd=fleet, check=True)


if __name__ == "__main__":
    main()
