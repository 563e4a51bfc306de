"""When services need not run at full size (OAMS, "Cost Monitoring Implementation")."""

from __future__ import annotations

from msgspec import Struct


class Window(Struct, frozen=True):
    """The hours of full size in some environments, and what is left outside of them.

    `days` is the day-of-week field of a cron line (`1-5`, `*`); `opens` and `closes` are `HH:MM` on a clock of the
    region. `floor` is the fewest replicas outside the window: 0 stops the service.
    """

    environments: tuple[str, ...]
    days: str
    opens: str
    closes: str
    floor: int


class OffHours(Struct, frozen=True):
    """A platform's windows. `shutdown` holds for every tier; `downscale` for those whose tier allows a night floor.

    `timezone` (IANA) is that of regions which name none.
    """

    timezone: str
    shutdown: Window | None
    downscale: Window | None


class Schedule(Struct, frozen=True):
    """The window of one workload as KEDA's cron trigger takes it.

    `start` and `end` are cron lines of five fields: between them the workload has at least its own minimum of
    replicas, outside of them at least `floor`.
    """

    timezone: str
    start: str
    end: str
    floor: int
