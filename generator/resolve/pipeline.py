"""The section `pipeline` of a platform."""

from __future__ import annotations

from typing import Any

from generator.model.pipeline import Bus, Pipeline
from generator.resolve.amounts import amount
from generator.resolve.tasks import task


def pipeline(spec: dict[str, Any]) -> Pipeline | None:
    """How files are worked through; None where they are not."""
    data = spec.get("pipeline")
    if data is None:
        return None
    bus = data["bus"]
    return Pipeline(
        steps=tuple(task(step["name"], step["task"]) for step in data["steps"]),
        queue=data["queue"],
        secret=data["secret"]["name"],
        key=data["secret"]["key"],
        bus=Bus(bus["version"], bus["replicas"], bus["storage"], amount(bus["requests"]), amount(bus["limits"])),
        source=amount(data["events"]["requests"]),
        source_limits=amount(data["events"]["limits"]),
        backoff=data["backoff"]["seconds"],
        backoff_factor=data["backoff"]["factor"],
        kept=data["kept"]["succeeded"],
        kept_failed=data["kept"]["failed"],
    )
