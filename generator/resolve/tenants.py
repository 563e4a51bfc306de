"""Tenants, and each of them on each of its cells."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct, field

from generator.model.cell import Cluster, Provider, Region, RegionState
from generator.model.document import Document
from generator.model.names import tenant_namespace
from generator.model.platform import Platform
from generator.model.tenant import (
    Assignment,
    Framework,
    Isolation,
    Issuer,
    Quota,
    Record,
    Role,
    Settings,
    State,
    Tenant,
    Tier,
)
from generator.model.workload import Workload
from generator.resolve.cells import Place, identity
from generator.resolve.compliance import record
from generator.resolve.data import Stores, of_tenant, stores
from generator.resolve.domains import tenant_domains
from generator.resolve.index import Index, Reference
from generator.resolve.offhours import scheduled
from generator.resolve.settings import Layer, resolve_isolation, resolve_settings
from generator.resolve.sizing import own_workload, quota


class Parts(Struct, frozen=True):
    """What tenants are put together from, each by name: only the sound ones.

    `arrivals` are tenants whose cells are all lost, each with the cell that takes it in meanwhile. `settings` are those
    that have been worked out, by what they come from, `sizes` the services and quotas that follow, `inputs` the files
    that they all come from, and `stores` those of each platform on each cell: tenants without overrides have the same
    ones.
    """

    platforms: Mapping[str, Platform] = field(default_factory=dict)
    providers: Mapping[str, Provider] = field(default_factory=dict)
    regions: Mapping[str, Region] = field(default_factory=dict)
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    frameworks: Mapping[str, Framework] = field(default_factory=dict)
    clusters: Mapping[str, Cluster] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    failover_factor: float = 1.0
    common: frozenset[str] = frozenset()
    arrivals: Mapping[str, str] = field(default_factory=dict)
    settings: dict[tuple[str, ...], Settings] = field(default_factory=dict)
    sizes: dict[tuple[bool, tuple[str, ...]], tuple[tuple[Workload, ...], Quota]] = field(default_factory=dict)
    inputs: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    stores: dict[tuple[str, str], Stores | None] = field(default_factory=dict)


def references(document: Document) -> Iterator[Reference]:
    """Every name that a tenant's file refers to, except cells, which region files declare."""
    spec = document.data["spec"]
    yield Reference(document, ("spec", "platform"), "Platform", spec["platform"])
    yield Reference(document, ("spec", "tier"), "Tier", spec["tier"])
    for number, name in enumerate(spec["compliance"]):
        yield Reference(document, ("spec", "compliance", number), "ComplianceFramework", name)


def cell_references(document: Document) -> Iterator[Reference]:
    """Every cell that a tenant's file names."""
    for number, placement in enumerate(document.data["spec"]["placements"]):
        yield Reference(document, ("spec", "placements", number, "cluster"), "Cluster", placement["cluster"])


def tenant(document: Document, parts: Parts, index: Index) -> Tenant | None:
    """A tenant, or None when something that it needs is unknown or broken."""
    spec = document.data["spec"]
    platform, tier = parts.platforms.get(spec["platform"]), parts.tiers.get(spec["tier"])
    if platform is None or tier is None or any(name not in parts.frameworks for name in spec["compliance"]):
        return None
    return Tenant(
        name=document.name,
        path=document.path,
        title=spec["title"],
        note=spec.get("note", ""),
        platform=platform,
        tier=tier,
        isolation=resolve_isolation(index.of("Tier")[tier.name], framework_documents(document, index)),
        state=State(spec["state"]),
        residency=spec["residency"],
        frameworks=tuple(parts.frameworks[name] for name in sorted(spec["compliance"])),
        ring=spec["ring"],
        domains=tenant_domains(spec),
        issuer=Issuer(spec["identity"]["issuer"], spec["identity"]["jwks"], spec["identity"]["group"]),
        cost_centre=spec["costCentre"],
        team=spec["team"],
        contacts=dict(sorted(spec["contacts"].items())),
        namespace=tenant_namespace(document.name),
        since=date.fromisoformat(spec["since"]) if "since" in spec else None,
    )


def framework_documents(document: Document, index: Index) -> list[Document]:
    """The documents of a tenant's frameworks, by name."""
    return [index.of("ComplianceFramework")[name] for name in sorted(document.data["spec"]["compliance"])]


def layers(document: Document, place: Place, index: Index) -> tuple[Layer, ...]:
    """The blocks of settings that shape a tenant on a cell, weakest first."""
    spec, region = document.data["spec"], place.document.data["spec"]
    return (
        Layer(index.of("Platform")[spec["platform"]], ("spec", "settings")),
        Layer(index.of("Tier")[spec["tier"]], ("spec", "settings")),
        Layer(index.of("Provider")[region["provider"]], ("spec", "settings")),
        Layer(place.document, ("spec", "settings")),
        Layer(place.document, (*place.pointer, "settings")),
        Layer(document, ("spec", "overrides")),
    )


def assignments(document: Document, found: Tenant, parts: Parts, index: Index) -> list[Assignment]:
    """The tenant on each of its cells; nothing when it has been offboarded."""
    placements: Sequence[dict[str, Any]] = document.data["spec"]["placements"]
    if found.state is State.OFFBOARDED or any(placement["cluster"] not in parts.clusters for placement in placements):
        return []
    standing = [placement for placement in placements if _up(parts.clusters[placement["cluster"]])]
    standing.sort(key=lambda placement: placement["role"] != Role.PRIMARY)
    serving = standing[0]["cluster"] if standing else ""
    if not standing and (refuge := parts.arrivals.get(found.name, "")) in parts.clusters:
        # What a person recorded stays as it is: this stands only as long as the region is lost.
        serving = refuge
        placements = [*placements, {"cluster": refuge, "role": Role.STANDBY.value}]
    return [
        _assignment(document, placement, found, parts, index, serving=placement["cluster"] == serving)
        for placement in placements
    ]


def records(
    document: Document, found: Tenant, placed: Sequence[Assignment], parts: Parts, index: Index
) -> list[Record]:
    """The tenant's audit record on each of its cells, in every state: it is what stays when all else is gone. `placed`
    is the tenant on those cells where there is more of it."""
    known = {assignment.cluster.name: assignment.record for assignment in placed}
    made = []
    for placement in document.data["spec"]["placements"]:
        if placement["cluster"] in known:
            made += [kept] if (kept := known[placement["cluster"]]) is not None else []
            continue
        cluster, place = parts.clusters.get(placement["cluster"]), parts.places.get(placement["cluster"])
        if cluster is None or place is None:
            continue
        settings = _settings(_origin(document, place), document, place, parts, index)
        kept = record(found, cluster, settings.retention.audit, _inputs(document, cluster, found, parts))
        made += [kept] if kept is not None else []
    return made


def _origin(document: Document, place: Place) -> tuple[str, ...]:
    """What the settings of a tenant on a cell come from: tenants with the same origin have the same settings."""
    spec = document.data["spec"]
    own = f"{document.path} {document.blob}" if spec.get("overrides") else ""
    return (place.data["name"], spec["platform"], spec["tier"], own, *sorted(spec["compliance"]))


def _settings(origin: tuple[str, ...], document: Document, place: Place, parts: Parts, index: Index) -> Settings:
    """The settings of a tenant on a cell."""
    found = parts.settings.get(origin)
    if found is None:
        found = resolve_settings(layers(document, place, index), framework_documents(document, index))
        parts.settings[origin] = found
    return found


def _sized(
    own: tuple[str, ...], place: Place, found: Tenant, parts: Parts, index: Index, settings: Settings, *, arriving: bool
) -> tuple[tuple[Workload, ...], Quota]:
    """A tenant's own services on a cell, and the quota that holds them; `own` is the origin of its settings."""
    # Releases differ by ring, and nothing else of a tenant's own shows in its services.
    origin = (arriving, (*own, found.ring))
    if (known := parts.sizes.get(origin)) is not None:
        return known
    cluster = parts.clusters[place.data["name"]]
    services = () if found.isolation is Isolation.SHARED else found.platform.services
    workloads = tuple(
        own_workload(
            service.released(cluster.environment, found.ring),
            settings,
            blue_green=cluster.environment == "production",
            minimum_factor=parts.failover_factor if arriving else 1.0,
        )
        for service in services
    )
    # Where the tenants of a failed region arrive nobody sleeps.
    workloads = scheduled(
        workloads, found.platform.off_hours, cluster, night_floor=found.tier.night_floor and not arriving
    )
    allowed = quota(
        workloads,
        found.platform,
        index.of("Tier")[found.tier.name].data["spec"]["allowance"],
        own_database=found.isolation is Isolation.DEDICATED,
    )
    return parts.sizes.setdefault(origin, (workloads, allowed))


def _up(cluster: Cluster) -> bool:
    return cluster.region.state is not RegionState.FAILED


def _assignment(
    document: Document, placement: dict[str, Any], found: Tenant, parts: Parts, index: Index, *, serving: bool
) -> Assignment:
    cluster, place = parts.clusters[placement["cluster"]], parts.places[placement["cluster"]]
    role = Role(placement["role"])
    arriving = serving and role is Role.STANDBY
    origin = _origin(document, place)
    settings = _settings(origin, document, place, parts, index)
    workloads, amounts = _sized(origin, place, found, parts, index, settings, arriving=arriving)
    inputs = _inputs(document, cluster, found, parts)
    provider = index.of("Provider")[cluster.provider.name]
    its_stores = _stores(cluster, found.platform, parts)
    return Assignment(
        tenant=found,
        cluster=cluster,
        role=role,
        serving=serving,
        settings=settings,
        workloads=workloads,
        quota=amounts,
        identity=placement.get("identity") or identity(provider, cluster.region.account, found.namespace),
        hosts=(cluster.host(found.platform, found.name), f"{found.name}.{found.platform.domain}"),
        inputs=inputs,
        data=of_tenant(found, its_stores) if its_stores is not None else None,
        domains=found.verified_domains if serving and found.platform.domains is not None else (),
        record=record(found, cluster, settings.retention.audit, inputs),
    )


def _stores(cluster: Cluster, platform: Platform, parts: Parts) -> Stores | None:
    """A platform's stores on a cell."""
    place = (cluster.name, platform.name)
    if place not in parts.stores:
        parts.stores[place] = stores(platform, cluster)
    return parts.stores[place]


def _inputs(document: Document, cluster: Cluster, found: Tenant, parts: Parts) -> tuple[str, ...]:
    """Every file that anything rendered for this tenant on this cell can come from."""
    # Whether another cell's region is lost decides who serves.
    placed = [each["cluster"] for each in document.data["spec"]["placements"]]
    frameworks = [framework.name for framework in found.frameworks]
    origin = (cluster.name, found.platform.name, found.tier.name, *placed, "", *frameworks)
    shared = parts.inputs.get(origin)
    if shared is None:
        cells = [parts.clusters[name] for name in placed if name in parts.clusters]
        paths = {*parts.common, found.platform.path, found.tier.path, cluster.region.path, cluster.provider.path}
        paths.update(each.region.path for each in cells)
        paths.update(framework.path for framework in found.frameworks)
        shared = parts.inputs[origin] = tuple(sorted(paths))
    at = bisect_left(shared, document.path)
    return (*shared[:at], document.path, *shared[at:])
