"""The resolved values of a tenant, as they are asked for, and the files that they can come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from generator.model.fleet import Fleet

EVERYWHERE: Final = ""
"""In place of a cluster: the same on all of them."""


def values_of(fleet: Fleet, path: str) -> dict[tuple[str, str], Any]:
    """The resolved values of the tenant whose file stands at a path, by cluster ("" for all) and dotted path."""
    from generator.model.values import assignment_values, record_values, tenant_values

    owner = next((each for each in fleet.tenants if each.path == path), None)
    if owner is None:
        return {}
    found = {(EVERYWHERE, name): value for name, value in tenant_values(owner).items()}
    for assignment in fleet.assignments:
        if assignment.tenant.path == path:
            here = assignment_values(assignment)
            found |= {(assignment.cluster.name, name): value for name, value in here.items()}
    for record in fleet.records:
        if record.tenant.path == path:
            found |= {(record.cluster.name, name): value for name, value in record_values(record).items()}
    return found


def files_of(fleet: Fleet, path: str) -> frozenset[str]:
    """The input files that a tenant's values can come from."""
    tenant = next(each for each in fleet.tenants if each.path == path)
    here = [each.inputs for each in fleet.assignments if each.tenant.path == path]
    here += [each.inputs for each in fleet.records if each.tenant.path == path]
    own = {path, tenant.platform.path, tenant.tier.path, *(each.path for each in tenant.frameworks), fleet.path}
    return frozenset(own.union(*here))
