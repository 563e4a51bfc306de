"""Documents → Fleet: every name followed, every layer merged, every default taken from its one home.

Order of settings, weakest first: platform → tier → provider → region → cluster → tenant; compliance frameworks are
floors under all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from generator.diagnostics import Diagnostic, in_order
from generator.model.document import Document
from generator.model.fleet import DnsProvider, Fleet
from generator.model.policies import AdmissionPolicy
from generator.model.tenant import Assignment, Record, Tenant
from generator.resolve import cells, links, parts
from generator.resolve.admission import admission
from generator.resolve.autoscaling import autoscaling
from generator.resolve.compliance import demand_faults
from generator.resolve.data import backup
from generator.resolve.domains import domain_faults
from generator.resolve.guards import sync_windows
from generator.resolve.index import Index, unknown
from generator.resolve.issuers import issuer_faults
from generator.resolve.known import known_of
from generator.resolve.lives import life_faults
from generator.resolve.observability import monitoring_faults, observability
from generator.resolve.overrides import override_faults
from generator.resolve.tenants import Parts, assignments, cell_references, layers, records, references, tenant

__all__ = ["resolve"]


def resolve(
    documents: Iterable[Document], arrivals: Mapping[str, str] = MappingProxyType({})
) -> tuple[Fleet | None, tuple[Diagnostic, ...]]:
    """The fleet that the sound documents make, with every fault between files.

    `arrivals` are tenants whose cells are all lost, by name, each with the cell that takes it in (`place.arrivals`).

    Without a sound fleet.yaml there is no fleet. What depends on a broken document is left out without a second
    diagnostic; whoever renders must first have seen that nothing is an error.
    """
    documents = tuple(documents)
    index = Index(documents)
    found = links.region_faults(index) + links.platform_faults(index.valid("Platform"))
    found += monitoring_faults(index)
    found += issuer_faults(index.valid("Tenant")) + domain_faults(index) + demand_faults(index)
    found += life_faults(index.valid("Tenant"))
    declared = cells.places(index)
    for document in index.valid("Tenant"):
        found += index.unresolved(references(document))
        found += [
            unknown(reference, declared, "regions/")
            for reference in cell_references(document)
            if reference.name not in declared
        ]
    policies, between = admission(documents)
    found += between
    roots = index.valid("Fleet")
    if not roots:
        return None, in_order(found)
    found += links.fleet_faults(roots[0])
    fleet, more = _fleet(index, roots[0], declared, arrivals, policies)
    return fleet, in_order(found + more)


def _fleet(
    index: Index,
    root: Document,
    declared: dict[str, cells.Place],
    arrivals: Mapping[str, str],
    policies: tuple[AdmissionPolicy, ...],
) -> tuple[Fleet, list[Diagnostic]]:
    spec = root.data["spec"]
    platforms = {document.name: parts.platform(document) for document in index.valid("Platform")}
    providers = {document.name: parts.provider(document) for document in index.valid("Provider")}
    # What every rendered file may come from: the fleet's own file, and the guards for their freezes.
    common = frozenset((root.path, *(document.path for document in index.valid("Guards"))))
    regions = cells.regions(index, providers)
    clusters = cells.clusters(index, regions, platforms, common)
    ingredients = Parts(
        platforms=platforms,
        tiers={document.name: parts.tier(document) for document in index.valid("Tier")},
        frameworks={document.name: parts.framework(document) for document in index.valid("ComplianceFramework")},
        clusters=clusters,
        places=declared,
        failover_factor=float(spec["failover"]["minimumFactor"]),
        common=common,
        arrivals=arrivals,
    )
    tenants, assigned, recorded, found = _tenants(index, ingredients)
    return (
        Fleet(
            name=root.name,
            path=root.path,
            output=parts.output(spec),
            dns=DnsProvider(spec["dns"]["provider"]),
            mesh=parts.mesh(spec),
            certificates=parts.certificates(spec),
            namespaces=parts.namespaces(spec),
            tiers=tuple(ingredients.tiers.values()),
            platforms=tuple(platforms.values()),
            regions=tuple(regions.values()),
            clusters=tuple(clusters.values()),
            tenants=tuple(tenants),
            installations=cells.installations(index, clusters, ingredients.failover_factor),
            assignments=tuple(sorted(assigned, key=lambda each: (each.cluster.name, each.tenant.name))),
            backup=backup(spec),
            admission=policies,
            freezes=sync_windows(index.valid("Guards")),
            known=known_of(index.valid("Baseline")),
            autoscaling=autoscaling(spec),
            observability=observability(spec),
            records=tuple(sorted(recorded, key=lambda each: (each.cluster.name, each.tenant.name))),
            failover_factor=ingredients.failover_factor,
        ),
        found,
    )


def _tenants(index: Index, ingredients: Parts) -> tuple[list[Tenant], list[Assignment], list[Record], list[Diagnostic]]:
    tenants: list[Tenant] = []
    assigned: list[Assignment] = []
    recorded: list[Record] = []
    found: list[Diagnostic] = []
    for document in index.valid("Tenant"):
        made = tenant(document, ingredients, index)
        if made is None:
            continue
        tenants.append(made)
        assigned += assignments(document, made, ingredients, index)
        recorded += records(document, made, ingredients, index)
        tier = index.of("Tier")[made.tier.name]
        for placement in document.data["spec"]["placements"]:
            if placement["cluster"] in ingredients.clusters:
                place = ingredients.places[placement["cluster"]]
                found += override_faults(document, tier, layers(document, place, index))
        found += links.identity_faults(document, index, ingredients.places)
    return tenants, assigned, recorded, found
