"""The proof that tenants of a cell are kept apart, made from the rendered objects alone.

For every two tenants of a cluster each dimension is decided by itself: what the network lets through is a leak of the
network even where the mesh would refuse it. The dimensions are there because one of them may fail one day. What is not
reported is proven as far as the dimension's module says; each says at its top what it takes for a leak and what it
accepts by design.

Tenants trust the platform's own machinery (gateway, DNS, control planes, operators, telemetry, pooled stores): a path
that ends there, or starts there, is no leak. A path from one tenant to what is another's is one, and so is a path
between a tenant and shared services, past the gateway that keeps their tenants apart.

No dimension looks at pairs of tenants. Selectors, hosts and identities are looked up in tables by what they name, and
what is written alike is worked out once; the cost follows the number of objects.

Codes: ISO00x whose an object is, 01x network, 02x mesh, 03x routing, 04x RBAC, 05x Argo CD, 06x secrets, 07x databases,
08x storage, 09x what is not proven.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from generator.check.index import Index
from generator.check.isolation import (
    accounts,
    buckets,
    databases,
    grants,
    mesh,
    mutual,
    network,
    operated,
    projects,
    rbac,
    routing,
    secrets,
    storage,
    stores,
    tokens,
    unproven,
)
from generator.check.isolation import tenants as ownership
from generator.check.isolation.tenants import Tenants, tenants_of
from generator.diagnostics import Diagnostic

__all__ = ["DIMENSIONS", "check"]

DIMENSIONS: Final[tuple[Callable[[Index, Tenants], Iterator[Diagnostic]], ...]] = (
    ownership.check,
    network.check,
    mesh.check,
    mutual.check,
    tokens.check,
    routing.check,
    rbac.check,
    projects.check,
    accounts.check,
    secrets.check,
    databases.check,
    grants.check,
    stores.check,
    buckets.check,
    storage.check,
    operated.check,
    unproven.check,
)


def check(index: Index) -> Iterator[Diagnostic]:
    """Every leak between tenants of one cluster."""
    tenants = tenants_of(index)
    if not tenants.names:
        return
    for dimension in DIMENSIONS:
        yield from dimension(index, tenants)
