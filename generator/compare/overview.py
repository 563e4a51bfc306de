"""The first lines of every report: how far the change reaches, as (name, text) pairs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from generator.compare.changes import Kind
from generator.compare.impact import Impact, Reach

_NAMED: Final = 8


def overview(impact: Impact) -> Iterator[tuple[str, str]]:
    """Tenants, clusters, regions, objects, restarts, and what the workloads request."""
    yield "tenants", _reach(impact.tenants)
    yield "clusters", _reach(impact.clusters)
    yield "regions", _reach(impact.regions)
    order = (Kind.ADDED, Kind.CHANGED, Kind.MOVED, Kind.REMOVED)
    counted = ", ".join(f"{impact.counts[kind]} {kind}" for kind in order)
    if impact.bundles is None:
        yield "objects", f"{counted}; {impact.untouched} untouched"
    else:
        differing, total = impact.bundles
        yield "objects", f"{counted}; {total - differing} of {total} bundles untouched"
    yield "restarted", f"{impact.restarted} {'workload' if impact.restarted == 1 else 'workloads'}"
    before, after = impact.demand
    pairs = (
        ("pods", (before.pods, after.pods), ""),
        ("CPU", (before.cores, after.cores), " cores"),
        ("memory", (before.mebibytes, after.mebibytes), " MiB"),
    )
    for name, (old, new), unit in pairs:
        if old != new:
            differences = (Decimal(new[end]) - Decimal(old[end]) for end in (0, 1))
            least, most = (f"{'+' if each >= 0 else '-'}{_plain(abs(each))}{unit}" for each in differences)
            yield name, f"{least} at minimum, {most} at maximum"


def _reach(reach: Reach) -> str:
    names = ", ".join(reach.touched[:_NAMED])
    rest = f" and {len(reach.touched) - _NAMED} more" if len(reach.touched) > _NAMED else ""
    return f"{len(reach.touched)} of {reach.total}" + (f": {names}{rest}" if names else "")


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
