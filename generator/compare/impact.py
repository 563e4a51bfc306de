"""Comparison → Impact: how far a change reaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from generator.compare.capacity import Demand, demands
from generator.compare.changes import Change, Comparison, Kind, Side
from generator.compare.meaning import restarts
from generator.model.fleet import Fleet
from generator.model.tenant import Isolation


class Reach(Struct, frozen=True):
    """Which of a kind of thing are touched, sorted, and how many there are on both sides together."""

    touched: tuple[str, ...]
    total: int


class Impact(Struct, frozen=True):
    """A change of the fleet: each object that differs, and how far that reaches.

    `tenants` are those whose own objects change, and those who share services that change. `restarted` are workloads
    whose running pods are replaced. `untouched` counts the objects that are the same before and after, None where only
    what can differ was rendered: then `bundles` says how many bundles differ and how many there are (a bundle is all
    that a cell itself, a platform or a tenant has on one cell). `demand` is
    what all workloads request in the folders that differ, before and after.
    """

    changes: tuple[Change, ...]
    tenants: Reach
    clusters: Reach
    regions: Reach
    counts: dict[Kind, int]
    restarted: int
    untouched: int | None
    demand: tuple[Demand, Demand]
    bundles: tuple[int, int] | None = None


def impact(comparison: Comparison, before: Side, after: Side, bundles: tuple[int, int] | None = None) -> Impact:
    """How far the changes reach."""
    changes = comparison.changes
    clusters = {thing.key.cluster for change in changes for thing in change.things}
    fleets = (before.fleet, after.fleet)
    region_of = {cluster.name: cluster.region.name for fleet in fleets for cluster in fleet.clusters}
    regions = {region_of[name] for name in clusters if name in region_of}
    tenants = touched_tenants(changes, fleets)
    counts = Counter(change.kind for change in changes)
    gone = counts[Kind.REMOVED] + counts[Kind.CHANGED] + counts[Kind.MOVED]
    return Impact(
        changes=changes,
        tenants=Reach(tuple(sorted(tenants)), len({each.name for fleet in fleets for each in fleet.tenants})),
        clusters=Reach(tuple(sorted(clusters)), len(region_of)),
        regions=Reach(tuple(sorted(regions)), len({each.name for fleet in fleets for each in fleet.regions})),
        counts={kind: counts[kind] for kind in Kind},
        restarted=sum(map(restarts, changes)),
        untouched=comparison.objects_before - gone if bundles is None else None,
        demand=demands(before.tree, after.tree),
        bundles=bundles,
    )


def touched_tenants(changes: Iterable[Change], fleets: Iterable[Fleet]) -> set[str]:
    """The tenants whose own objects differ, and those who share services of a platform that differ."""
    things = [thing for change in changes for thing in change.things]
    own = {thing.tenant for thing in things if thing.tenant}
    shared = set()
    for thing in things:
        cluster, _, rest = thing.path.partition("/")
        folders = rest.split("/")
        if not thing.tenant and folders[0] == "cluster" and len(folders) > 2:
            shared.add((cluster, folders[1]))
    return own | {
        each.tenant.name
        for fleet in fleets
        for each in fleet.assignments
        if each.tenant.isolation is Isolation.SHARED and (each.cluster.name, each.tenant.platform.name) in shared
    }
