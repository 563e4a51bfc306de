"""Where the tenants of a failed region go that have no standby left: to a cell of a failover peer, until it is back.

Nobody's recorded placement changes. The rules are those of every placement, so that a lost region never moves data out
of its jurisdiction: a tenant that no peer may hold stays unserved, and a warning says so (an error would keep the
others from being served too).
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.model.cell import Cluster, Region, RegionState
from generator.model.document import Document
from generator.model.fleet import Fleet
from generator.model.quantity import mebibytes, millicores
from generator.model.tenant import Assignment, Role, State
from generator.place.load import Load, loads
from generator.place.rules import needs_of, objections
from generator.source import Location

NO_REFUGE = Code(
    "PLC010",
    "a tenant of a failed region that no peer may hold",
    "It has no standby, and every failover peer would break a promise or is full: the tenant is not served.",
)


def arrivals(fleet: Fleet, documents: Iterable[Document]) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    """Tenants by name, each with the cell that takes it in, and a warning for each that none can.

    Only running tenants whose every cell is in a failed region are looked at. Peers are tried in the order of the
    primary's region file, cells of a peer by name; each that comes counts against the room of the next.
    """
    if all(region.state is not RegionState.FAILED for region in fleet.regions):
        return {}, ()
    standing: dict[str, list[Assignment]] = {}
    for assignment in fleet.assignments:
        standing.setdefault(assignment.tenant.name, []).append(assignment)
    held = loads(fleet)
    taken: dict[str, str] = {}
    found: list[Diagnostic] = []
    paths = {document.path: document for document in documents}
    for tenant in fleet.tenants:
        here = standing.get(tenant.name, [])
        primary = next((each for each in here if each.role is Role.PRIMARY), None)
        if tenant.state is not State.ACTIVE or primary is None or any(map(_up, here)):
            continue
        demand = Load(tenants=1) + _demand(primary, fleet.failover_factor)
        refuge, reasons = _refuge(fleet, primary, demand, held)
        if refuge is None:
            found.append(_stranded(primary, reasons, paths))
        else:
            taken[tenant.name] = refuge.name
            held[refuge.name] += demand
    return taken, tuple(found)


def _up(assignment: Assignment) -> bool:
    return assignment.cluster.region.state is not RegionState.FAILED


def _refuge(
    fleet: Fleet, primary: Assignment, demand: Load, held: dict[str, Load]
) -> tuple[Cluster | None, tuple[str, ...]]:
    """The first cell that may take the tenant in, or why none may."""
    reasons = []
    for peer in primary.cluster.region.failover:
        for cluster in (each for each in fleet.clusters if each.region.name == peer):
            if cluster.environment != primary.cluster.environment:
                continue
            against = [objection.reason for objection in objections(cluster, needs_of(primary.tenant))]
            if cluster.region.state is not RegionState.ACTIVE:
                against.append(f"region '{peer}' is {cluster.region.state}")
            if not cluster.provider.identity_derived:
                against.append(f"cell '{cluster.name}' needs a cloud identity, which only a placement can name")
            if excess := (held[cluster.name] + demand).beyond(cluster):
                against.append(f"cell '{cluster.name}' would be over its capacity: {' and '.join(excess)}")
            if not against:
                return cluster, ()
            reasons += against
    return None, tuple(reasons)


def _demand(primary: Assignment, factor: float) -> Load:
    """What the tenant's own services will ask for where they arrive."""
    total = Load()
    for workload in primary.workloads:
        copies = min(ceil(workload.replicas.minimum * factor), workload.replicas.maximum)
        total += Load(
            millicores=copies * millicores(workload.requests.cpu),
            mebibytes=copies * mebibytes(workload.requests.memory),
        )
    return total


def _stranded(primary: Assignment, reasons: tuple[str, ...], paths: dict[str, Document]) -> Diagnostic:
    tenant, region = primary.tenant, primary.cluster.region
    document = paths[tenant.path]
    listed = document.data["spec"]["placements"]
    number = next(at for at, data in enumerate(listed) if data["cluster"] == primary.cluster.name)
    return Diagnostic(
        code=NO_REFUGE,
        severity=Severity.WARNING,
        message=f"tenant '{tenant.name}' is not served: region '{region.name}' has failed and no peer may hold it",
        location=document.locate(("spec", "placements", number, "cluster")),
        found="; ".join(reasons) or f"region '{region.name}' names no peer for this environment",
        related=(Related("the failed region", _state(region, paths)),),
        hint="add a standby placement, or a failover peer that may hold it, to the region's file",
    )


def _state(region: Region, paths: dict[str, Document]) -> Location:
    return paths[region.path].locate(("spec", "state"))
