"""How much longer `tenantry --help` takes than a Python that does nothing: the cost of every call of the program.

    python benchmarks/help.py [--runs N]

Runs the two in turn, so that a busy machine slows both, and prints the median wall time of each in milliseconds and
their difference. The first run of each fills the caches (compiled modules among them, as an
installation has them) and is not counted.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="Measures tenantry --help against python -c pass.")
    parser.add_argument("--runs", type=int, default=21, help="counted runs of each (default: %(default)s)")
    runs = parser.parse_args().runs
    installed = Path(sys.executable).with_name("tenantry")
    tenantry = [str(installed)] if installed.exists() else [sys.executable, "-m", "generator"]
    commands = {"python -c pass": [sys.executable, "-c", "pass"], "tenantry --help": [*tenantry, "--help"]}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for run in range(runs + 1):
        for name, command in commands.items():
            taken = _milliseconds(command)
            if run:
                times[name].append(taken)
    medians = [statistics.median(taken) for taken in times.values()]
    for name, median in zip(times, medians, strict=True):
        print(f"{name:16} {median:7.1f} ms")
    print(f"{'difference':16} {medians[1] - medians[0]:7.1f} ms")


def _milliseconds(command: list[str]) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
