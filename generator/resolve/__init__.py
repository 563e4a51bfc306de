"""Documents → Fleet: every name followed, every layer merged, every default taken from its one home.

Order of settings, weakest first: platform → tier → provider → region → cluster → tenant; compliance frameworks are
floors under all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec.structs import replace

from generator.diagnostics import Diagnostic, in_order
from generator.model.document import Document
from generator.model.fleet import DnsProvider, Fleet
from generator.model.policies import AdmissionPolicy
from generator.resolve import cells, links, parts
from generator.resolve.admission import admission
from generator.resolve.autoscaling import autoscaling
from generator.resolve.compliance import demand_faults
from generator.resolve.data import backup
from generator.resolve.domains import domain_faults
from generator.resolve.earlier import Earlier, Made, kept
from generator.resolve.guards import sync_windows
from generator.resolve.index import Index, unknown
from generator.resolve.issuers import issuer_faults
from generator.resolve.known import known_of
from generator.resolve.lives import life_faults
from generator.resolve.observability import monitoring_faults, observability
from generator.resolve.overrides import override_faults
from generator.resolve.tenants import Parts, assignments, cell_references, layers, records, references, tenant

__all__ = ["Earlier", "resolve"]


def resolve(
    documents: Iterable[Document],
    arrivals: Mapping[str, str] = MappingProxyType({}),
    earlier: Earlier | None = None,
) -> tuple[Fleet | None, tuple[Diagnostic, ...]]:
    """The fleet that the sound documents make, with every fault between files.

    `arrivals` are tenants whose cells are all lost, by name, each with the cell that takes it in (`place.arrivals`).
    `earlier` is what another resolution left, and is left for the next one.

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
    fleet, more = _fleet(
        index, roots[0], declared, arrivals, policies, Earlier() if earlier is None else earlier, documents
    )
    return fleet, in_order(found + more)


def _fleet(
    index: Index,
    root: Document,
    declared: dict[str, cells.Place],
    arrivals: Mapping[str, str],
    policies: tuple[AdmissionPolicy, ...],
    earlier: Earlier,
    documents: Iterable[Document],
) -> tuple[Fleet, list[Diagnostic]]:
    spec = root.data["spec"]
    same_parts = earlier.begin(documents)
    ingredients = (
        _parts(index, root, declared, arrivals, earlier.parts)
        if same_parts is None
        else replace(same_parts, arrivals=arrivals)
    )
    if same_parts is None:
        # No tenant's file has a part in them.
        earlier.installations = cells.installations(index, ingredients.clusters, ingredients.failover_factor)
    earlier.parts = ingredients
    made, found = _tenants(index, ingredients, earlier)
    assigned = (assignment for each in made for assignment in each.assignments)
    recorded = (record for each in made for record in each.records)
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
            platforms=tuple(ingredients.platforms.values()),
            regions=tuple(ingredients.regions.values()),
            clusters=tuple(ingredients.clusters.values()),
            tenants=tuple(each.tenant for each in made if each.tenant is not None),
            installations=earlier.installations,
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


def _parts(
    index: Index,
    root: Document,
    declared: dict[str, cells.Place],
    arrivals: Mapping[str, str],
    before: Parts | None,
) -> Parts:
    """What tenants are put together from; what is as it was `before` is the same object."""
    before = before or Parts()
    platforms = kept(before.platforms, {each.name: parts.platform(each) for each in index.valid("Platform")})
    providers = kept(before.providers, {each.name: parts.provider(each) for each in index.valid("Provider")})
    # What every rendered file may come from: the fleet's own file, and the guards for their freezes.
    common = frozenset((root.path, *(document.path for document in index.valid("Guards"))))
    regions = kept(before.regions, cells.regions(index, providers))
    frameworks = {each.name: parts.framework(each) for each in index.valid("ComplianceFramework")}
    return Parts(
        platforms=platforms,
        providers=providers,
        regions=regions,
        tiers=kept(before.tiers, {each.name: parts.tier(each) for each in index.valid("Tier")}),
        frameworks=kept(before.frameworks, frameworks),
        clusters=kept(before.clusters, cells.clusters(index, regions, platforms, declared, common)),
        places=declared,
        failover_factor=float(root.data["spec"]["failover"]["minimumFactor"]),
        common=common,
        arrivals=arrivals,
    )


def _tenants(index: Index, ingredients: Parts, earlier: Earlier) -> tuple[list[Made], list[Diagnostic]]:
    """What comes of each tenant's document, by name, and the faults of all."""
    results: list[Made] = []
    for document in index.valid("Tenant"):
        refuge = ingredients.arrivals.get(document.name, "")
        made = earlier.made(document, refuge)
        if made is None:
            made = _made(document, ingredients, index)
            earlier.tenants[document.path] = (document, refuge, made)
        results.append(made)
    return results, [fault for made in results for fault in made.found]


def _made(document: Document, ingredients: Parts, index: Index) -> Made:
    found = tenant(document, ingredients, index)
    if found is None:
        return Made(None)
    faults: list[Diagnostic] = []
    if document.data["spec"].get("overrides"):
        tier = index.of("Tier")[found.tier.name]
        for placement in document.data["spec"]["placements"]:
            if placement["cluster"] in ingredients.clusters:
                place = ingredients.places[placement["cluster"]]
                faults += override_faults(document, tier, layers(document, place, index))
    faults += links.identity_faults(document, index, ingredients.places)
    placed = assignments(document, found, ingredients, index)
    return Made(found, placed, records(document, found, placed, ingredients, index), faults)
