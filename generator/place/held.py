"""What each tenant takes of its cells, as plain numbers, so that capacity can be judged without resolving everyone.

The rules of capacity add up over the tenants of a cell (`load`, `names`): what one of them takes can be kept, and taken
off or put on again when that tenant alone changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

from generator.model.fleet import Fleet
from generator.place.load import Demands, Load, loads
from generator.place.names import HOSTS_A_GATEWAY, WILDCARDS

Taken: TypeAlias = tuple[str, int, int, int]
"""A cell, and what one tenant takes of it: millicores, mebibytes, names."""


def taken(fleet: Fleet) -> dict[str, list[Taken]]:
    """What each tenant takes, by the path of its file; a tenant that is placed nowhere takes nothing."""
    found: dict[str, list[Taken]] = {tenant.path: [] for tenant in fleet.tenants}
    demands = Demands()
    for assignment in fleet.assignments:
        asked = demands.of(assignment.workloads)
        found[assignment.tenant.path].append(
            (assignment.cluster.name, asked.millicores, asked.mebibytes, len(assignment.domains))
        )
    return found


def holds(fleet: Fleet, every: Iterable[Mapping[str, Iterable[Taken]]]) -> bool:
    """Whether the cells hold all that tenants take, besides the platforms' shared services: whether `faults` would have
    nothing to say of capacity and names."""
    held = loads(replace(fleet, assignments=()))
    names = {cluster.name: WILDCARDS * len(cluster.platforms) for cluster in fleet.clusters}
    sums: dict[str, tuple[int, int, int, int]] = dict.fromkeys(names, (0, 0, 0, 0))
    for tenants in every:
        for pieces in tenants.values():
            for cell, millicores, mebibytes, hosts in pieces:
                if cell not in sums:
                    return False
                count, cpu, memory, total = sums[cell]
                sums[cell] = (count + 1, cpu + millicores, memory + mebibytes, total + hosts)
    for cluster in fleet.clusters:
        count, cpu, memory, hosts = sums[cluster.name]
        load = held[cluster.name] + Load(count, cpu, memory)
        if load.beyond(cluster) or names[cluster.name] + hosts > HOSTS_A_GATEWAY:
            return False
    return True
