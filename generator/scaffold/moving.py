"""A move between cells, one reviewed step at a time: a standby is added, the roles are swapped, the old cell is left.

Where a move stands is read from the placements alone, so that it can be left for days and taken up by somebody else.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec import Struct

from generator.diagnostics import Code, Diagnostic, Severity, listing
from generator.model.document import Document
from generator.model.lifecycle import SYNCED, later
from generator.model.tenant import Role, State
from generator.scaffold.edit import Change, Drop, Put

NO_MOVE = Code(
    "LIF006", "a move that cannot be made", "Between cells tenants move by a standby, and only while they stay."
)
NOT_YET = Code(
    "LIF007",
    "the step before has not had its time",
    "A cell whose standby has not been synced would serve without the tenant's data.",
)


class Move(Struct, frozen=True):
    """One step of a move: what it changes, what it is, and the steps still to come. `adds` is whether a cell is new."""

    changes: tuple[Change, ...]
    step: str
    to_come: tuple[str, ...]
    adds: bool = False


class Wanted(Struct, frozen=True):
    """The words of `tenantry tenant move`: `away` is the cell to leave, "" for the primary's. `identity` is the cloud
    identity on the new cell, "" where the provider derives it."""

    to: str
    away: str
    identity: str


def next_step(document: Document, wanted: Wanted, today: date) -> Move | Diagnostic:
    """The one step that comes next, or why there is none."""
    spec = document.data["spec"]
    placements: list[dict[str, Any]] = spec["placements"]
    at = {placement["cluster"]: number for number, placement in enumerate(placements)}
    if State(spec["state"]) not in (State.ACTIVE, State.SUSPENDED):
        return _no_move(document, ("state",), f"tenant '{document.name}' is {spec['state']} and moves no more")
    primary = next(each["cluster"] for each in placements if each["role"] == Role.PRIMARY)
    away = wanted.away or primary
    if away not in at:
        return _no_move(
            document, ("placements",), f"tenant '{document.name}' does not stand on '{away}'", f"one of {listing(at)}"
        )
    if wanted.to == away:
        others = "|".join(name for name in at if name != away)
        hint = f"to leave another cell that it stands on, name that: --from {others}" if others else "name another cell"
        return _no_move(
            document, ("placements", at[away]), f"tenant '{document.name}' stands on '{away}' already", hint=hint
        )
    if wanted.to not in at:
        return _added(document, wanted, away, away == primary, len(placements), today)
    early = _early(document, at[wanted.to], today)
    if early is not None:
        return early
    if away == primary:
        return _cut_over(document, wanted.to, away, (at[wanted.to], at[away]), today)
    done = f"{away} is left; {wanted.to} stays"
    return Move((Drop(("spec", "placements", at[away])),), done, (_approval(away),))


def _added(document: Document, wanted: Wanted, away: str, leads: bool, end: int, today: date) -> Move:
    placement = {"cluster": wanted.to, "role": str(Role.STANDBY)}
    if wanted.identity:
        placement["identity"] = wanted.identity
    placement["since"] = today.isoformat()
    again = f"tenantry tenant move {document.name} --to {wanted.to}"
    day = later(today, SYNCED)
    steps = []
    if leads:
        steps.append(f"nothing that is rendered copies the data to {wanted.to}: restore its backups there, and look")
        steps.append(f"from {day}: {again}, once the standby holds the data: the roles are swapped")
    steps.append(f"from {later(day, SYNCED) if leads else day}: {again} --from {away}: the old cell is left")
    put = Put(("spec", "placements", end), placement)
    return Move((put,), f"{wanted.to} is added as a standby of {away}", (*steps, _approval(away)), adds=True)


def _cut_over(document: Document, to: str, away: str, numbers: tuple[int, int], today: date) -> Move:
    new, old = numbers
    changes: list[Change] = []
    for number, role in ((old, Role.STANDBY), (new, Role.PRIMARY)):
        changes.append(Put(("spec", "placements", number, "role"), str(role)))
        changes.append(Put(("spec", "placements", number, "since"), today.isoformat()))
    again = f"tenantry tenant move {document.name} --to {to} --from {away}"
    steps = (f"from {later(today, SYNCED)}: {again}: the old cell is left", _approval(away))
    return Move(tuple(changes), f"{to} becomes the primary, {away} its standby", steps)


def _approval(away: str) -> str:
    return f"the change that leaves {away} removes the tenant's namespace there, and needs an approval for GRD001"


def _early(document: Document, number: int, today: date) -> Diagnostic | None:
    """The step before must have been synced: a day at least."""
    since = document.data["spec"]["placements"][number].get("since")
    if since is None or today >= (earliest := later(date.fromisoformat(since), SYNCED)):
        return None
    return Diagnostic(
        NOT_YET,
        Severity.ERROR,
        f"the step before was made on {since}: the next one is for {earliest} or later",
        document.locate(("spec", "placements", number, "since")),
        found=str(today),
        expected=f"{earliest} or later",
        hint="let the step be merged and synced, see that the cell holds the data, then call again",
    )


def _no_move(
    document: Document, pointer: tuple[str | int, ...], message: str, expected: str = "", hint: str = ""
) -> Diagnostic:
    place = document.locate(("spec", *pointer))
    return Diagnostic(NO_MOVE, Severity.ERROR, message, place, expected=expected, hint=hint)
