"""The steps of a tenant's life, and how long each has to last.

active ⇄ suspended → offboarding → offboarded. Nobody goes from active to offboarding at once: closed routes can be
opened again, data that the last Job has erased does not come back. Nobody returns from offboarding for the same reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from generator.model.tenant import State, Tenant

NEXT: Final[Mapping[State, tuple[State, ...]]] = MappingProxyType(
    {
        State.ACTIVE: (State.SUSPENDED,),
        State.SUSPENDED: (State.ACTIVE, State.OFFBOARDING),
        State.OFFBOARDING: (State.OFFBOARDED,),
        State.OFFBOARDED: (),
    }
)
"""The states that may follow each."""

SYNCED: Final = 1
"""The days that a step lasts at least before one that cannot be undone: what it brings about (the last export, the last
backup, a standby's data) happens only when Argo CD has synced it."""


class Wait(Struct, frozen=True):
    """How many days a tenant stays in offboarding, and the framework that asks for it ("" where none does)."""

    days: int
    framework: str


def offboarding_wait(tenant: Tenant) -> Wait:
    """How long a tenant stays in offboarding: as long as its frameworks want backups to be kept.

    With the state `offboarded` the databases and the definitions of their backups are gone, and nobody restores
    without them.
    """
    asked = max(tenant.frameworks, key=lambda each: (each.retention.backups, each.name), default=None)
    if asked is None or asked.retention.backups <= SYNCED:
        return Wait(SYNCED, "")
    return Wait(asked.retention.backups, asked.name)


def offboarded_from(tenant: Tenant) -> date | None:
    """The first day on which a tenant in offboarding may be offboarded; None where nobody knows since when it is."""
    return later(tenant.since, offboarding_wait(tenant).days) if tenant.since else None


def later(day: date, days: int) -> date:
    """So many days later; the last day that there is where the calendar ends before."""
    return date.max if days > (date.max - day).days else day + timedelta(days=days)
