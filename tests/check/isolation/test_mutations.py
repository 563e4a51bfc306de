"""Nothing is found in the example as it is rendered; whatever way it is broken in is found, at the object at fault.

Each dimension's mutations stand in a module of its own. An engineer who adds a rule adds the way to break it there.
"""

from __future__ import annotations

import pytest

from generator.check.isolation import check
from generator.diagnostics import in_order
from generator.report.text import text
from tests.check.isolation import (
    databases,
    mesh,
    network,
    ownership,
    projects,
    rbac,
    routing,
    secrets,
    storage,
    unproven,
)
from tests.check.isolation.mutation import CLUSTERS, Cell, Mutation, object_at

MUTATIONS: tuple[Mutation, ...] = (
    *ownership.MUTATIONS,
    *network.MUTATIONS,
    *mesh.MUTATIONS,
    *routing.MUTATIONS,
    *rbac.MUTATIONS,
    *projects.MUTATIONS,
    *secrets.MUTATIONS,
    *databases.MUTATIONS,
    *storage.MUTATIONS,
    *unproven.MUTATIONS,
)


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_the_example_keeps_its_tenants_apart(cluster: str) -> None:
    assert text(in_order(check(Cell(cluster).index()))) == ""


def test_tenants_of_one_kind_in_one_cell_are_kept_apart() -> None:
    for cluster, tenant in (("aws-us-east-1-prod-2", "kestrel"), ("aws-us-east-1-prod-1", "acme")):
        cell = Cell(cluster)
        cell.twin(tenant, "merganser")
        assert text(in_order(check(cell.index()))) == ""


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name.replace(" ", "-"))
def test_what_is_broken_is_found(mutation: Mutation) -> None:
    cell = Cell(mutation.cluster)
    mutation.change(cell)
    index = cell.index()
    found = in_order(check(index))
    labels = [f"{each.code.id} {object_at(index, each.location.path, each.location.line)}" for each in found]
    assert sorted(set(labels)) == sorted(mutation.found), text(found)
    assert mutation.says in "\n".join(each.message for each in found)
    assert all(each.hint for each in found)


def test_every_mutation_has_a_name_of_its_own() -> None:
    names = [mutation.name for mutation in MUTATIONS]
    assert sorted(names) == sorted(set(names))
