"""How many objects a second `check` looks at, on one cell of many tenants: all of it, and its parts.

    python benchmarks/checks.py [--tenants 500] [--json] [--exhaustive]

Makes the cell in a folder of its own and renders it. The whole is `tenantry check` in a fresh process, with its wall
time, CPU time and peak memory; `again` is the same once more, when the cell is known to be sound. Each part is measured
in a fresh process as well, once, on an index of the cell that is built before the clock starts. Compare only figures of
one run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.fleets import CAPACITY, make_fleet
from generator.check import isolation, policies, schemas
from generator.check.contracts import Contracts
from generator.check.index import Index, index_cluster
from generator.check.objects import read
from generator.check.shapes import Shapes
from generator.diagnostics import Diagnostic
from generator.pipeline.inputs import RENDERED, validate
from generator.write import opened

_REGION = "us-east-1.yaml"
PARTS: dict[str, Callable[[Index], Iterator[Diagnostic]]] = {
    "schemas": lambda index: schemas.check(index, schemas.Outcome(), Contracts()),
    "policies": lambda index: policies.check(index, policies.Outcome()),
    "isolation": isolation.check,
}


def main() -> None:
    """Measures and prints; with --part, does one part of it."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--tenants", type=int, default=500, help="tenants of the cell (default: %(default)s)")
    words.add_argument("--exhaustive", action="store_true", help="look at every object by itself")
    words.add_argument("--json", action="store_true", help="print JSON")
    words.add_argument("--part", help=argparse.SUPPRESS)
    words.add_argument("--cell", help=argparse.SUPPRESS)
    words.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.part:
        print(json.dumps(_part(given.part, given.root, given.cell, exhaustive=given.exhaustive)))
        return
    with tempfile.TemporaryDirectory(prefix="tenantry-") as folder:
        root = Path(folder) / "fleet"
        cell = _make_cell(root, given.tenants)
        _run([sys.executable, "-m", "generator", "render"], root)
        more = ["--exhaustive"] if given.exhaustive else []
        # Output that is the same in every run must not be known from an earlier one.
        os.environ["TENANTRY_CACHE"] = str(Path(folder) / "cache")
        figures = {each: _whole(root, [*more, "--cluster", cell]) for each in ("whole", "again")}
        for part in ("reading", *PARTS):
            command = [sys.executable, __file__, "--part", part, "--root", str(root), "--cell", cell, *more]
            figures[part] = json.loads(_run(command, Path.cwd()))
    _print(figures, as_json=given.json)


def _make_cell(root: Path, tenants: int) -> str:
    """A fleet whose tenants are all on one cell; the cell's name."""
    make_fleet(root, 1)
    shutil.rmtree(root / "tenants")
    region = root / "regions" / _REGION
    data = yaml.safe_load(region.read_text(encoding="utf-8"))
    cell = data["spec"]["clusters"][0]
    data["spec"]["clusters"] = [{**cell, "capacity": {**CAPACITY, "tenants": tenants}}]
    region.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    made = root.with_name("made")
    make_fleet(made, tenants)
    for file in sorted((made / "tenants").rglob("*.yaml")):
        tenant = yaml.safe_load(file.read_text(encoding="utf-8"))
        spec = tenant["spec"]
        placed = {"platform": cell["platforms"][0], "residency": "any", "compliance": []}
        spec.update(placed, placements=[{"cluster": cell["name"], "role": "primary"}])
        target = root / "tenants" / file.name
        target.parent.mkdir(exist_ok=True)
        target.write_text(yaml.safe_dump(tenant, sort_keys=False), encoding="utf-8")
    return str(cell["name"])


def _whole(root: Path, more: list[str]) -> dict[str, float]:
    """`tenantry check` of the cell, in one process."""
    command = [sys.executable, "-m", "generator", "check", "--no-kubeconform", "--jobs", "1", "--format", "json", *more]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment())
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    said = json.loads(process.stdout.read())
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"check failed: {said}")
    memory = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    figures = _figures(said["summary"]["objects"], time.perf_counter() - start, used.ru_utime + used.ru_stime)
    return {**figures, "peak_megabytes": round(memory / 1e6)}


def _part(part: str, root: Path, cluster: str, *, exhaustive: bool) -> dict[str, float]:
    fleet = validate(root).fleet
    tree, _ = opened(root / RENDERED, [cluster])
    if fleet is None:
        raise SystemExit("the cell has errors")
    bodies = dict(tree.files)
    start, used = time.perf_counter(), time.process_time()
    shapes = None if exhaustive else Shapes()
    index = index_cluster(
        cluster, fleet.kubernetes[cluster], (read(path, body, shapes) for path, body in bodies.items())
    )
    if part != "reading":
        start, used = time.perf_counter(), time.process_time()
        for found in PARTS[part](index):
            raise SystemExit(f"the cell has findings: {found}")
    return _figures(len(index.objects), time.perf_counter() - start, time.process_time() - used)


def _figures(objects: int, wall: float, cpu: float) -> dict[str, float]:
    seconds = {"wall_seconds": round(wall, 2), "cpu_seconds": round(cpu, 2)}
    return {"objects": objects, **seconds, "objects_per_cpu_second": round(objects / cpu)}


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=_environment())
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr[-2000:]}")
    return done.stdout


def _environment() -> dict[str, str]:
    """This checkout before any other that is installed."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}


def _print(figures: dict[str, dict[str, float]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(figures, indent=2))
        return
    for name, values in figures.items():
        words = ", ".join(f"{key.replace('_', ' ')} {value:,}" for key, value in values.items())
        print(f"{name:10} {words}")


if __name__ == "__main__":
    main()
