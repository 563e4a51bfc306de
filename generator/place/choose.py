"""The best cell for a new tenant: cheapest feasible first (A2Z SOC, "Intelligent Workload Placement").

Nothing moves on its own: the choice is made once, written into the tenant's file, and from then on checked.
"""

from __future__ import annotations

from msgspec import Struct

from generator.model.cell import Cluster, RegionState
from generator.model.fleet import Fleet
from generator.place.load import Load, loads
from generator.place.rules import Needs, objections

PRODUCTION = "production"


class Candidate(Struct, frozen=True):
    """A cell that may hold the tenant. `share` is how full it is already: 0 empty, 1 full."""

    cluster: Cluster
    share: float
    reason: str


class Refused(Struct, frozen=True):
    """A cell that may not, and why: every reason in one sentence each."""

    cluster: Cluster
    reasons: tuple[str, ...]


class Search(Struct, frozen=True):
    """What a cell is looked for: a tenant of these needs and this demand.

    `cluster` limits the search to one cell, unless it is "". `identities` names the cells for which a cloud identity
    is at hand, where the provider derives none. `outside_region` keeps a standby away from its primary's region.
    """

    needs: Needs
    demand: Load
    environment: str = PRODUCTION
    cluster: str = ""
    identities: frozenset[str] = frozenset()
    outside_region: str = ""


def rank(fleet: Fleet, search: Search) -> tuple[tuple[Candidate, ...], tuple[Refused, ...]]:
    """Cells that may take the new tenant, best first, and all others with the reasons.

    The order is: price of a node hour, then how full the cell is, then its name.
    """
    held = loads(fleet)
    candidates, refused = [], []
    for cluster in fleet.clusters:
        if search.cluster not in ("", cluster.name):
            continue
        load = held[cluster.name]
        against = [objection.reason for objection in objections(cluster, search.needs)]
        against += _not_now(cluster, load, search)
        if against:
            refused.append(Refused(cluster, tuple(against)))
        else:
            candidates.append(Candidate(cluster, load.share(cluster), _reason(cluster, load)))
    candidates.sort(key=lambda candidate: (candidate.cluster.price, candidate.share, candidate.cluster.name))
    return tuple(candidates), tuple(refused)


def _not_now(cluster: Cluster, load: Load, search: Search) -> list[str]:
    """What speaks against a new tenant, though one that is here already may stay."""
    found = []
    if search.cluster == "" and cluster.environment != search.environment:
        found.append(f"cell '{cluster.name}' is for {cluster.environment}")
    if cluster.region.state is not RegionState.ACTIVE:
        found.append(f"region '{cluster.region.name}' is {cluster.region.state}")
    if cluster.region.name == search.outside_region:
        found.append(f"cell '{cluster.name}' is in the primary's region")
    if not cluster.provider.identity_derived and cluster.name not in search.identities:
        found.append(f"cell '{cluster.name}' needs a cloud identity: --identity {cluster.name}=ID")
    excess = (load + Load(tenants=1) + search.demand).beyond(cluster)
    if excess:
        found.append(f"cell '{cluster.name}' would be over its capacity: {' and '.join(excess)}")
    return found


def _reason(cluster: Cluster, load: Load) -> str:
    return (
        f"{cluster.region.jurisdiction}, {cluster.provider.title}, ${cluster.price:.3f} a node hour, "
        f"{load.tenants} of {cluster.capacity.tenants} tenants, {load.share(cluster):.0%} full"
    )
