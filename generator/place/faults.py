"""Recorded placements that break a rule: every diagnostic points at the tenant's line and at the cell's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.diagnostics import Code, Diagnostic, Related, Severity, in_order
from generator.model.cell import Cluster
from generator.model.document import Document
from generator.model.fleet import Fleet
from generator.model.tenant import Assignment, Tenant
from generator.place.load import Load, demand, loads
from generator.place.names import name_faults
from generator.place.rules import Objection, Rule, needs_of, objections
from generator.source import Location, Pointer

NOT_HERE = Code(
    "PLC001",
    "a platform or tier that the cell does not offer",
    "The cell has neither the services nor the nodes that the tenant's objects would need.",
)
RESIDENCY = Code(
    "PLC002",
    "data outside its jurisdiction",
    "A residency promise, or a framework's, would be broken the moment the cluster synced.",
)
FULL = Code("PLC003", "a cell over its capacity", "Pods would stay pending, and the cell's other tenants would suffer.")
ONE_PRIMARY = Code(
    "PLC004",
    "not exactly one primary placement",
    "Two primaries would both take writes; none would leave the tenant unserved.",
)
SAME_REGION = Code(
    "PLC005", "placements that fail together", "A standby in the primary's own region is lost together with it."
)

CELL_DEPENDENT = frozenset({NOT_HERE, RESIDENCY, FULL})
"""What another cell would mend."""

_SPEC_FIELD: dict[Rule, Pointer] = {
    Rule.PLATFORM: ("spec", "platform"),
    Rule.TIER: ("spec", "tier"),
    Rule.RESIDENCY: ("spec", "residency"),
    Rule.FRAMEWORK: ("spec", "compliance"),
}


class _Places:
    """The way from resolved tenants and cells back to the lines that declare them."""

    __slots__ = ("_cells", "_documents")

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = {document.path: document for document in documents}
        self._cells = {
            data["name"]: (document.path, ("spec", "clusters", number))
            for document in self._documents.values()
            if document.kind == "Region" and document.valid
            for number, data in enumerate(document.data["spec"]["clusters"])
        }

    def tenant(self, tenant: Tenant, pointer: Pointer) -> Location:
        return self._documents[tenant.path].locate(pointer)

    def placements(self, tenant: Tenant) -> list[tuple[int, str, str]]:
        """Position, cell and role of each placement as the file lists them."""
        listed = self._documents[tenant.path].data["spec"]["placements"]
        return [(number, data["cluster"], data["role"]) for number, data in enumerate(listed)]

    def cell(self, cluster: Cluster, *field: str) -> Location:
        path, pointer = self._cells[cluster.name]
        return self._documents[path].locate((*pointer, *field))

    def jurisdiction(self, cluster: Cluster) -> Location:
        return self._documents[cluster.region.path].locate(("spec", "jurisdiction"))

    def file(self, path: str, pointer: Pointer) -> Location:
        return self._documents[path].locate(pointer)


def faults(fleet: Fleet, documents: Iterable[Document]) -> tuple[Diagnostic, ...]:
    """Every recorded placement that breaks a rule, and every cell that holds more than it can."""
    known = tuple(documents)
    places = _Places(known)
    clusters = {cluster.name: cluster for cluster in fleet.clusters}
    found: list[Diagnostic] = []
    for tenant in fleet.tenants:
        listed = places.placements(tenant)
        found += _shape(tenant, listed, clusters, places)
        for number, name, _ in listed:
            if name in clusters:
                found += _rules(tenant, number, clusters[name], places)
    return in_order([*found, *_overfull(fleet, places), *name_faults(fleet, known)])


def _rules(tenant: Tenant, number: int, cluster: Cluster, places: _Places) -> Iterator[Diagnostic]:
    for objection in objections(cluster, needs_of(tenant)):
        offers, where, why = _cells_word(objection, cluster, places)
        yield Diagnostic(
            code=NOT_HERE if objection.rule in (Rule.PLATFORM, Rule.TIER) else RESIDENCY,
            severity=Severity.ERROR,
            message=f"tenant '{tenant.name}' cannot be placed here: {objection.reason}",
            location=places.tenant(tenant, ("spec", "placements", number, "cluster")),
            expected=offers,
            declared=where,
            related=(Related(why, places.tenant(tenant, _SPEC_FIELD[objection.rule])),),
            hint=f"choose another cell; `tenantry place {tenant.name}` ranks those that may hold it",
        )


def _cells_word(objection: Objection, cluster: Cluster, places: _Places) -> tuple[str, Location, str]:
    """What the cell offers, where it says so, and what the tenant's own line says."""
    if objection.rule is Rule.PLATFORM:
        names = ", ".join(platform.name for platform in cluster.platforms)
        return f"a cell that runs it; this one runs {names}", places.cell(cluster, "platforms"), "the tenant's platform"
    if objection.rule is Rule.TIER:
        return f"one of {', '.join(cluster.tiers)}", places.cell(cluster, "tiers"), "the tenant's tier"
    if objection.framework is not None:
        allowed = ", ".join(objection.framework.jurisdictions)
        floor = places.file(objection.framework.path, ("spec", "floors", "jurisdictions"))
        return f"a cell in {allowed}", floor, "the tenant's frameworks"
    return "a cell in the tenant's jurisdiction", places.jurisdiction(cluster), "the tenant's residency"


def _shape(
    tenant: Tenant, listed: list[tuple[int, str, str]], clusters: dict[str, Cluster], places: _Places
) -> Iterator[Diagnostic]:
    """One primary, and no two placements in one region."""
    primaries = [number for number, _, role in listed if role == "primary"]
    if len(primaries) != 1:
        extra = ("spec", "placements", primaries[1], "role") if primaries else ("spec", "placements")
        yield Diagnostic(
            code=ONE_PRIMARY,
            severity=Severity.ERROR,
            message=f"tenant '{tenant.name}' has {len(primaries)} primary placements",
            location=places.tenant(tenant, extra),
            expected="exactly one with role: primary",
            hint="make one placement the primary and the others standby",
        )
    first: dict[str, int] = {}
    for number, name, _ in listed:
        if name not in clusters:
            continue
        region = clusters[name].region.name
        if region not in first:
            first[region] = number
            continue
        earlier = places.tenant(tenant, ("spec", "placements", first[region], "cluster"))
        yield Diagnostic(
            code=SAME_REGION,
            severity=Severity.ERROR,
            message=f"tenant '{tenant.name}' is placed twice in region '{region}'",
            location=places.tenant(tenant, ("spec", "placements", number, "cluster")),
            related=(Related("the other placement", earlier),),
            hint="choose a cell in another region",
        )


def _overfull(fleet: Fleet, places: _Places) -> Iterator[Diagnostic]:
    """Cells that hold too much, each with the first tenant by name that no longer fits."""
    held = loads(fleet)
    for cluster in fleet.clusters:
        excess = held[cluster.name].beyond(cluster)
        if not excess:
            continue
        here = [assignment for assignment in fleet.assignments if assignment.cluster.name == cluster.name]
        straw = _first_too_many(fleet, cluster, here)
        related: tuple[Related, ...] = ()
        if straw is not None:
            # A tenant that a failed region sent here has no placement of its own on this cell.
            numbers = [n for n, name, _ in places.placements(straw.tenant) if name == cluster.name]
            pointer: Pointer = ("spec", "placements", *numbers[:1], *(("cluster",) if numbers else ()))
            line = places.tenant(straw.tenant, pointer)
            related = (Related(f"'{straw.tenant.name}' is the first tenant by name that does not fit", line),)
        yield Diagnostic(
            code=FULL,
            severity=Severity.ERROR,
            message=f"cell '{cluster.name}' is over its capacity: {' and '.join(excess)}",
            location=places.cell(cluster, "capacity"),
            related=related,
            hint="place tenants elsewhere, or raise the capacity with the nodes behind it",
        )


def _first_too_many(fleet: Fleet, cluster: Cluster, here: list[Assignment]) -> Assignment | None:
    """The first tenant by name at which the cell is full; None when the shared services alone fill it."""
    total = Load()
    for installation in fleet.installations:
        if installation.cluster.name == cluster.name:
            total += demand(installation.workloads)
    if total.beyond(cluster):
        return None
    for assignment in here:
        total += Load(tenants=1) + demand(assignment.workloads)
        if total.beyond(cluster):
            return assignment
    return None
