"""Processes that a test has killed, and those that they leave behind."""

from __future__ import annotations

import subprocess
import time


def ended(group: int, seconds: float = 10) -> bool:
    """Whether no process of a group is running, or soon is not."""
    end = time.monotonic() + seconds
    while _runs(group):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _runs(group: int) -> bool:
    # A zombie that nobody reaps still counts as a member, and signals reach it; only those that run matter.
    states = subprocess.run(["ps", "-A", "-o", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    members = [line.split() for line in states.splitlines()]
    return any(int(pgid) == group and not state.startswith("Z") for pgid, state in members)
