"""What one tenant's change costs in fleets of growing size: it must not follow the size but for the reading of inputs.

    python benchmarks/incremental.py --out /tmp/fleets [--tenants 100 1000 10000]

Makes each fleet (benchmarks/fleets.py), renders and commits it, edits one tenant, and prints for `validate`,
`render --since HEAD`, `check --since HEAD` and `diff HEAD` the CPU seconds (user and system, all processes), the
seconds that passed, and the largest process in MB: each in a fresh process, first without the cache, then with it. The
cache knows the fleet as it was before the edit.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import repository

HERE = Path(__file__).parent
COMMANDS = (("validate",), ("render", "--since", "HEAD"), ("check", "--since", "HEAD"), ("diff", "HEAD"))


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="Measures what one tenant's change costs in fleets of growing size.")
    parser.add_argument("--out", type=Path, required=True, help="a folder for the fleets; each is made once")
    parser.add_argument("--tenants", type=int, nargs="+", default=[100, 1000, 10000], help="(default: %(default)s)")
    options = parser.parse_args()
    print(f"{'tenants':>7}  {'command':20}  {'cache':5}  {'CPU s':>6}  {'wall s':>6}  {'MB':>5}")
    for tenants in options.tenants:
        root = options.out / str(tenants)
        if not root.exists():
            _make(root, tenants)
        file = min((root / "tenants").rglob("*.yaml"))
        before = file.read_text()
        for cache in ("off", str(options.out / "cache")):
            environment = {**os.environ, "TENANTRY_CACHE": cache, "PYTHONPATH": str(HERE.parent)}
            # As on any machine where it has run before: its modules are compiled.
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            environment["PYTHONPYCACHEPREFIX"] = str(options.out / "compiled")
            for command in COMMANDS:
                _run(root, command, environment)  # fills the cache
            file.write_text(before.replace("  title: ", "  title: New "))
            for command in COMMANDS:
                cpu, wall, size = _run(root, command, environment)
                used = "off" if cache == "off" else "on"
                print(f"{tenants:7}  {' '.join(command):20}  {used:5}  {cpu:6.2f}  {wall:6.2f}  {size:5}", flush=True)
            file.write_text(before)
            subprocess.run(["git", "-C", str(root), "checkout", "--quiet", "."], check=True)


def _make(root: Path, tenants: int) -> None:
    made = [sys.executable, str(HERE / "fleets.py"), "--tenants", str(tenants), "--out", str(root)]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    cpu, wall, size = _run(root, ("render",), environment)
    print(f"{tenants:7}  {'render (everything)':20}  {'':5}  {cpu:6.2f}  {wall:6.2f}  {size:5}", flush=True)
    repository.start(root)


def _run(root: Path, command: tuple[str, ...], environment: dict[str, str]) -> tuple[float, float, int]:
    """CPU seconds of a run with its children, the seconds it took, and the MB of its largest process."""
    start = time.perf_counter()
    call = [sys.executable, "-m", "generator", "--root", str(root), *command]
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    errors = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(call)} failed: {errors.decode(errors='replace')}")
    # On Linux in KiB.
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss // 1024


if __name__ == "__main__":
    main()
