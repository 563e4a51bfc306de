"""What each tenant takes of its cells, as plain numbers, so that capacity can be judged without resolving everyone.

The rules of capacity add up over the tenants of a cell (`load`, `names`): what one of them takes can be kept, and taken
off or put on again when that tenant alone changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from msgspec.structs import replace

from generator.model.fleet import Fleet
from generator.place.load import Demands, Load, loads
from generator.place.names import HOSTS_A_GATEWAY, WILDCARDS

Taken: TypeAlias = tuple[str, int, int, int]
"""A cell, and what one tenant takes of it: millicores, mebibytes, names."""
Total: TypeAlias = tuple[int, int, int, int]
"""What tenants take of a cell: how many they are, millicores, mebibytes, names."""
_NOTHING: Final[Total] = (0, 0, 0, 0)


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


def totals(tenants: Iterable[Iterable[Taken]]) -> dict[str, Total]:
    """What tenants take in all, by cell."""
    found: dict[str, Total] = {}
    for pieces in tenants:
        for cell, millicores, mebibytes, names in pieces:
            count, cpu, memory, hosts = found.get(cell, _NOTHING)
            found[cell] = (count + 1, cpu + millicores, memory + mebibytes, hosts + names)
    return found


def less(all_of_them: Mapping[str, Total], some: Mapping[str, Total]) -> dict[str, Total]:
    """What is left of totals when some of the tenants that are in them are taken off."""
    return {cell: _plus(total, some.get(cell, _NOTHING), -1) for cell, total in all_of_them.items()}


def holds(fleet: Fleet, every: Iterable[Mapping[str, Total]]) -> bool:
    """Whether the cells hold all that tenants take, besides the platforms' shared services: whether `faults` would have
    nothing to say of capacity and names."""
    held = loads(replace(fleet, assignments=()))
    names = {cluster.name: WILDCARDS * len(cluster.platforms) for cluster in fleet.clusters}
    sums: dict[str, Total] = dict.fromkeys(names, _NOTHING)
    for side in every:
        for cell, total in side.items():
            if cell not in sums:
                return False
            sums[cell] = _plus(sums[cell], total, 1)
    for cluster in fleet.clusters:
        count, cpu, memory, hosts = sums[cluster.name]
        load = held[cluster.name] + Load(count, cpu, memory)
        if load.beyond(cluster) or names[cluster.name] + hosts > HOSTS_A_GATEWAY:
            return False
    return True


def _plus(one: Total, other: Total, sign: int) -> Total:
    count, cpu, memory, names = (mine + sign * its for mine, its in zip(one, other, strict=True))
    return count, cpu, memory, names
