"""load → resolve → place for tenants that are not there yet: their files, and what speaks against them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from generator.diagnostics import Diagnostic, has_errors
from generator.pipeline.inputs import Validated, resolved, validate

if TYPE_CHECKING:
    from generator.model.fleet import Fleet
    from generator.scaffold import NewPlacement, Wish


class Added(Struct, frozen=True):
    """A new tenant's file: where it was written, and why it stands where it does. Not written when there are errors."""

    path: str
    reason: str
    diagnostics: tuple[Diagnostic, ...]


def add_tenant(root: Path, wish: Wish) -> Added:
    """load → resolve → place for a tenant that is not there yet, and its file when nothing speaks against it."""
    from generator.scaffold import chosen, tenant_file
    from generator.scaffold.refusal import exists
    from generator.write import put

    before = validate(root)
    if (root / wish.path).exists():
        return Added(wish.path, "", (exists(wish),))
    if before.fleet is None or has_errors(before.diagnostics):
        return Added(wish.path, "", before.diagnostics)
    placements, against = _placements(root, before.fleet, wish)
    if against:
        return Added(wish.path, "", against)
    after = _with_draft(root, wish, placements)
    if not has_errors(after.diagnostics):
        (root / wish.path).parent.mkdir(parents=True, exist_ok=True)
        put(root / wish.path, tenant_file(wish, placements).encode())
    return Added(wish.path, chosen(placements), after.diagnostics)


def _with_draft(root: Path, wish: Wish, placements: tuple[NewPlacement, ...]) -> Validated:
    """The inputs as they would be with the new tenant's file."""
    from generator.load import load_documents
    from generator.scaffold import tenant_file

    text = tenant_file(wish, placements)
    return resolved(*load_documents(root, drafts={wish.path: text.encode()}))


def _placements(root: Path, fleet: Fleet, wish: Wish) -> tuple[tuple[NewPlacement, ...], tuple[Diagnostic, ...]]:
    """The cells for a new tenant, or what speaks against it.

    A first draft stands on an arbitrary cell: it shows the faults that no choice of a cell could mend, and how much
    the tenant asks for.
    """
    from generator.model.tenant import Role
    from generator.place import CELL_DEPENDENT, Search, demand, needs_of, rank
    from generator.scaffold.refusal import no_such_cell, nowhere

    if wish.cluster and wish.cluster not in {cluster.name for cluster in fleet.clusters}:
        return (), (no_such_cell(wish, fleet),)
    stand_in = next((cluster.name for cluster in fleet.clusters if cluster.provider.identity_derived), "")
    trial = _with_draft(root, wish, (wish.on(wish.cluster or stand_in, Role.PRIMARY, ""),))
    faults = tuple(each for each in trial.diagnostics if each.code not in CELL_DEPENDENT)
    drafted = [each for each in trial.fleet.assignments if each.tenant.name == wish.name] if trial.fleet else []
    if faults or not drafted:
        return (), faults
    search = Search(
        needs=needs_of(drafted[0].tenant),
        demand=demand(drafted[0].workloads),
        environment=wish.environment,
        cluster=wish.cluster,
        identities=frozenset(wish.identities),
    )
    candidates, refused = rank(fleet, search)
    if not candidates:
        return (), (nowhere(wish, "cell", [(each.cluster, each.reasons) for each in refused]),)
    primary = wish.on(candidates[0].cluster.name, Role.PRIMARY, candidates[0].reason)
    if not wish.standby:
        return (primary,), ()
    search = replace(search, cluster="", outside_region=candidates[0].cluster.region.name)
    candidates, refused = rank(fleet, search)
    if not candidates:
        return (), (nowhere(wish, "standby cell", [(each.cluster, each.reasons) for each in refused]),)
    return (primary, wish.on(candidates[0].cluster.name, Role.STANDBY, candidates[0].reason)), ()
