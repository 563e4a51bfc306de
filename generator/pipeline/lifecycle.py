"""The steps of a tenant's life as edits of its file: states, fields, and moves between cells."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from generator.diagnostics import Diagnostic, has_errors
from generator.pipeline.edits import Edited, edit, loaded, refused

if TYPE_CHECKING:
    from generator.model.document import Document
    from generator.model.fleet import Fleet
    from generator.model.tenant import State, Tenant
    from generator.scaffold import Wanted


class NoTenant(LookupError):  # noqa: N818
    """The fleet has no tenant of that name; `names` are those that it has."""

    def __init__(self, name: str, names: Iterable[str]) -> None:
        super().__init__(name)
        self.name, self.names = name, tuple(names)


def enter_state(root: Path, name: str, target: State, today: date, *, write: bool = True) -> Edited:
    """Takes a tenant into another state, when the states before and the frameworks' retention allow it today.

    Raises NoTenant.
    """
    from generator.scaffold import life

    fleet, tenant, document, found = _tenant(root, name)
    if fleet is None or tenant is None or document is None:
        return refused("", found)
    against = life.refused(tenant, document, target, today)
    if against is not None:
        return refused(tenant.path, (against,))
    made = edit(root, document, life.step(target, today), write=write)
    if made.after is None or made.after.fleet is None or has_errors(made.diagnostics):
        return made
    now = next(each for each in made.after.fleet.tenants if each.name == name)
    return replace(made, lines=life.to_come(now, made.after.fleet.records))


def set_fields(
    root: Path, name: str, values: Iterable[tuple[str, str]], unset: Iterable[str], *, write: bool = True
) -> Edited:
    """Sets fields of a tenant's file, each by its name below `spec`. Raises NoTenant."""
    from generator.load.schema import schema_of
    from generator.scaffold import field_changes

    _, tenant, document, found = _tenant(root, name)
    if tenant is None or document is None:
        return refused("", found)
    changes, wrong = field_changes(document, schema_of("Tenant").data, values, unset)
    return refused(tenant.path, wrong) if wrong else edit(root, document, changes, write=write)


def move(root: Path, name: str, wanted: Wanted, today: date, *, write: bool = True) -> Edited:
    """Takes the next step of a tenant's move to another cell, and only that one. Raises NoTenant."""
    from generator.scaffold import Move, next_step

    fleet, tenant, document, found = _tenant(root, name)
    if fleet is None or tenant is None or document is None:
        return refused("", found)
    step = next_step(document, wanted, today)
    if not isinstance(step, Move):
        return refused(tenant.path, (step,))
    against = _unfit(fleet, tenant, document, wanted, adds=step.adds)
    if against:
        return refused(tenant.path, against)
    made = edit(root, document, step.changes, write=write)
    return made if has_errors(made.diagnostics) else replace(made, lines=(step.step, *step.to_come))


def _tenant(root: Path, name: str) -> tuple[Fleet | None, Tenant | None, Document | None, tuple[Diagnostic, ...]]:
    validated, document = loaded(root, "Tenant", name)
    if validated.fleet is None or has_errors(validated.diagnostics):
        return None, None, None, validated.diagnostics
    tenant = next((each for each in validated.fleet.tenants if each.name == name), None)
    if tenant is None or document is None:
        raise NoTenant(name, (each.name for each in validated.fleet.tenants))
    return validated.fleet, tenant, document, ()


def _unfit(fleet: Fleet, tenant: Tenant, document: Document, wanted: Wanted, *, adds: bool) -> tuple[Diagnostic, ...]:
    """What speaks against the cell that a tenant is to move to. One where it stands already has passed that."""
    from generator.model.cell import RegionState
    from generator.model.tenant import Role
    from generator.place import Search, demand, needs_of, rank
    from generator.scaffold.refusal import no_such_target, unfit

    cells = {cluster.name: cluster for cluster in fleet.clusters}
    if wanted.to not in cells:
        return (no_such_target(document, wanted.to, cells),)
    here = [each for each in fleet.assignments if each.tenant.name == tenant.name]
    primary = next(each for each in here if each.role is Role.PRIMARY)
    if not adds:
        region = cells[wanted.to].region
        down = () if region.state is RegionState.ACTIVE else (f"region '{region.name}' is {region.state}",)
        return (unfit(document, wanted.to, down, ()),) if down else ()
    search = Search(
        needs=needs_of(tenant),
        demand=demand(primary.workloads),
        environment=primary.cluster.environment,
        identities=frozenset((wanted.to,)) if wanted.identity else frozenset(),
        outside_region=primary.cluster.region.name,
    )
    candidates, others = rank(fleet, search)
    reasons = next((each.reasons for each in others if each.cluster.name == wanted.to), ())
    stands = {each.cluster.name for each in here}
    better = [each.cluster.name for each in candidates if each.cluster.name not in stands]
    return (unfit(document, wanted.to, reasons, better),) if reasons else ()
