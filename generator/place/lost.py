"""What the loss of a region does: who is served where, what it takes of the cells, and how much work may be gone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from generator.model.cell import Cluster
from generator.model.fleet import Fleet
from generator.model.platform import Platform
from generator.model.tenant import Assignment, Tenant
from generator.place.load import Load, loads
from generator.place.rules import needs_of, objections

_HOUR: Final = 3600
_UNITS: Final = {"": 1, "s": 1, "min": 60, "h": _HOUR, "d": 86400}
"""PostgreSQL's units of time, in seconds; archive_timeout is in seconds where it says none."""


class Moved(Struct, frozen=True):
    """One tenant that the region served: from its cell to the one that serves it now, None where none does.

    `standby` is whether that cell is a placement of its own. `broken` are the rules of placement that it breaks there,
    and `reason` why nobody takes it in. `loss` is how many seconds of its latest work its backups may lack, None where
    it has none.
    """

    tenant: Tenant
    source: Cluster
    target: Cluster | None
    standby: bool
    broken: tuple[str, ...]
    reason: str
    loss: int | None


class Room(Struct, frozen=True):
    """A cell that is fuller, or emptier, after: what was spoken for before and after."""

    cluster: Cluster
    before: Load
    after: Load


class Lost(Struct, frozen=True):
    """The loss of a region. `bereft` are tenants that are served elsewhere and lose a standby here; `idle` those that
    were not served anyway."""

    region: str
    moved: tuple[Moved, ...]
    rooms: tuple[Room, ...]
    bereft: tuple[str, ...]
    idle: tuple[str, ...]
    factor: float

    @property
    def stranded(self) -> tuple[Moved, ...]:
        """Those that nobody serves any more."""
        return tuple(each for each in self.moved if each.target is None)

    @property
    def unkept(self) -> tuple[Moved, ...]:
        """Those whose placement would break a promise."""
        return tuple(each for each in self.moved if each.broken)

    @property
    def overfull(self) -> tuple[Room, ...]:
        """Cells that would hold more than they can."""
        return tuple(room for room in self.rooms if room.after.beyond(room.cluster))

    @property
    def behind(self) -> tuple[Moved, ...]:
        """Those that may lose more than their platform's recovery point objective."""
        return tuple(
            each
            for each in self.moved
            if (promised := each.tenant.platform.recovery) is not None
            and (each.loss is None or each.loss > promised.point)
        )

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """The platforms of those that move, by name."""
        return tuple(
            sorted({each.tenant.platform.name: each.tenant.platform for each in self.moved}.values(), key=_name)
        )


def lost(region: str, before: Fleet, after: Fleet, reasons: dict[str, str]) -> Lost:
    """Compares the fleet as it is with the same fleet whose region has failed.

    `reasons` say of each tenant that nobody takes in why, by its name.
    """
    now = {each.tenant.name: each for each in after.assignments if each.serving}
    here = [each for each in before.assignments if each.cluster.region.name == region]
    moved = [_moved(each, now.get(each.tenant.name), before, reasons) for each in here if each.serving and each.running]
    held, then = loads(before), loads(after)
    rooms = [
        Room(cluster, held[cluster.name], then[cluster.name])
        for cluster in after.clusters
        if cluster.region.name != region and held[cluster.name] != then[cluster.name]
    ]
    return Lost(
        region=region,
        moved=tuple(sorted(moved, key=lambda each: each.tenant.name)),
        rooms=tuple(rooms),
        bereft=_names(each for each in here if not each.serving and each.running),
        idle=_names(each for each in here if not each.running),
        factor=after.failover_factor,
    )


def _moved(source: Assignment, target: Assignment | None, before: Fleet, reasons: dict[str, str]) -> Moved:
    tenant = source.tenant
    placed = {each.cluster.name for each in before.assignments if each.tenant.name == tenant.name}
    against = objections(target.cluster, needs_of(tenant)) if target else ()
    return Moved(
        tenant=tenant,
        source=source.cluster,
        target=target.cluster if target else None,
        standby=target is not None and target.cluster.name in placed,
        broken=tuple(each.reason for each in against),
        reason="" if target else reasons.get(tenant.name, ""),
        loss=_loss(source),
    )


def _loss(source: Assignment) -> int | None:
    """A cluster of its own comes back up to its last archived WAL, a database among others from its last dump: the
    shared cluster can only be restored as a whole."""
    data = source.tenant.platform.data
    if data is None or source.data is None:
        return None
    return (
        seconds(data.postgres.parameters.get("archive_timeout", "0")) if source.data.own else data.dumps.every * _HOUR
    )


def seconds(setting: str) -> int | None:
    """PostgreSQL's archive_timeout; None where it is off (0) or in no unit that is known here."""
    found = re.fullmatch(r"\s*(\d+)\s*(s|min|h|d|)\s*", setting)
    return int(found[1]) * _UNITS[found[2]] or None if found else None


def _names(assignments: Iterable[Assignment]) -> tuple[str, ...]:
    return tuple(sorted({each.tenant.name for each in assignments}))


def _name(platform: Platform) -> str:
    return platform.name
