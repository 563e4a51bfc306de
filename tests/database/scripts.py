"""The scripts of rendered Jobs and CronJobs, and how the tests run them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from tests.fleets.example import Rendered


def container(item: Rendered) -> dict[str, Any]:
    """The one container of a Job or CronJob."""
    spec = item.body["spec"]
    job = spec["jobTemplate"]["spec"] if item.kind == "CronJob" else spec
    [found] = job["template"]["spec"]["containers"]
    return dict(found)


def script(item: Rendered) -> str:
    """The text that its bash runs."""
    shell, option, text = container(item)["command"]
    assert (shell, option) == ("/bin/bash", "-c"), item
    return str(text)


def run(item: Rendered, changed: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs the very script with the very environment, but for the paths and hosts of the cluster that `changed` has."""
    environment = {each["name"]: each["value"] for each in container(item)["env"]} | changed
    return subprocess.run(
        ["/bin/bash", "-c", script(item)], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
