"""How much of a cell is spoken for: tenants, and the CPU and memory that their services ask for at their minimum."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from generator.model.cell import Cluster
from generator.model.fleet import Fleet
from generator.model.quantity import mebibytes, millicores
from generator.model.workload import Workload


class Load(Struct, frozen=True):
    """What is used: tenants, millicores, mebibytes. Requests, since limits are what may be overcommitted."""

    tenants: int = 0
    millicores: int = 0
    mebibytes: int = 0

    def __add__(self, other: Load) -> Load:
        return Load(self.tenants + other.tenants, self.millicores + other.millicores, self.mebibytes + other.mebibytes)

    def beyond(self, cluster: Cluster) -> tuple[str, ...]:
        """What of this does not fit the cell's capacity, in words; empty when everything fits."""
        capacity = cluster.capacity
        pairs = (
            (self.tenants, capacity.tenants, "tenants"),
            (self.millicores, capacity.millicores, "millicores of CPU"),
            (self.mebibytes, capacity.mebibytes, "MiB of memory"),
        )
        return tuple(f"{used} {unit} of {limit}" for used, limit, unit in pairs if used > limit)

    def share(self, cluster: Cluster) -> float:
        """The fullest of the three, as a part of the cell's capacity: 0 is empty, 1 is full."""
        capacity = cluster.capacity
        return max(
            self.tenants / capacity.tenants,
            self.millicores / capacity.millicores,
            self.mebibytes / capacity.mebibytes,
        )


def demand(workloads: Iterable[Workload]) -> Load:
    """The requests of services at their minimum replicas."""
    total = Load()
    for workload in workloads:
        copies = workload.replicas.minimum
        cpu, memory = millicores(workload.requests.cpu), mebibytes(workload.requests.memory)
        total += Load(millicores=copies * cpu, mebibytes=copies * memory)
    return total


class Demands:
    """`demand`, worked out once for services that tenants have in common: by identity, so only for as long as the fleet
    is there."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, Load] = {}

    def of(self, workloads: tuple[Workload, ...]) -> Load:
        """The requests of services at their minimum replicas."""
        found = self._known.get(id(workloads))
        if found is None:
            found = self._known[id(workloads)] = demand(workloads)
        return found


def loads(fleet: Fleet) -> dict[str, Load]:
    """The load of every cell, by its name: the platforms' shared services and every tenant placed there."""
    demands = Demands()
    sums = {cluster.name: (0, 0, 0) for cluster in fleet.clusters}
    placed = [(0, installation.cluster.name, installation.workloads) for installation in fleet.installations]
    placed += [(1, assignment.cluster.name, assignment.workloads) for assignment in fleet.assignments]
    for tenants, cluster, workloads in placed:
        asked, total = demands.of(workloads), sums[cluster]
        sums[cluster] = (total[0] + tenants, total[1] + asked.millicores, total[2] + asked.mebibytes)
    return {cluster: Load(*total) for cluster, total in sums.items()}
