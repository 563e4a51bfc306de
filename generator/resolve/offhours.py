"""The platform's hours → the schedule of each workload, in its region's time."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from generator.model.cell import Cluster
from generator.model.offhours import OffHours, Schedule, Window
from generator.model.workload import Workload


def off_hours(spec: dict[str, Any]) -> OffHours | None:
    """The `offHours` of a platform's file; None where it has none."""
    data = spec.get("offHours")
    if data is None:
        return None
    return OffHours(data["timezone"], _window(data.get("shutdown")), _window(data.get("downscale")))


def scheduled(
    workloads: tuple[Workload, ...], hours: OffHours | None, cluster: Cluster, *, night_floor: bool
) -> tuple[Workload, ...]:
    """The workloads, each with the schedule that spares something: none whose minimum is already the floor."""
    window = _window_of(hours, cluster.environment, night_floor=night_floor)
    if hours is None or window is None:
        return workloads
    schedule = Schedule(
        timezone=cluster.region.timezone or hours.timezone,
        start=_cron(window.opens, window.days),
        end=_cron(window.closes, window.days),
        floor=window.floor,
    )
    return tuple(
        replace(workload, schedule=schedule) if workload.replicas.minimum > schedule.floor else workload
        for workload in workloads
    )


def _window_of(hours: OffHours | None, environment: str, *, night_floor: bool) -> Window | None:
    """The window of an environment; the one that stops services wins over the one that thins them out."""
    if hours is None:
        return None
    if hours.shutdown is not None and environment in hours.shutdown.environments:
        return hours.shutdown
    if night_floor and hours.downscale is not None and environment in hours.downscale.environments:
        return hours.downscale
    return None


def _window(data: dict[str, Any] | None) -> Window | None:
    if data is None:
        return None
    return Window(tuple(sorted(data["environments"])), data["days"], data["opens"], data["closes"], data["floor"])


def _cron(clock: str, days: str) -> str:
    """`08:30` on days `1-5` → `30 8 * * 1-5`."""
    hour, minute = clock.split(":")
    return f"{int(minute)} {int(hour)} * * {days}"
