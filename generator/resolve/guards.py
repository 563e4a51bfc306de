"""policies/guards.yaml and approvals/ → their typed values, for the comparison; and freezes as Argo CD keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from math import ceil
from typing import Any

from generator.model.document import Document
from generator.model.fleet import SyncWindow
from generator.model.guards import Approval, Freeze, Guards


def guards_of(documents: Iterable[Document]) -> Guards | None:
    """The guards of a fleet; None where it has none, or none that can be read."""
    document = next((each for each in documents if each.kind == "Guards" and each.valid), None)
    if document is None:
        return None
    spec = document.data["spec"]
    share = spec["share"]
    return Guards(
        fleet_percent=share["fleetPercent"],
        ring_percent=share["ringPercent"],
        minimum_tenants=share["minimumTenants"],
        freezes=tuple(_freeze(document, index, data) for index, data in enumerate(spec["freeze"])),
        protected=frozenset(spec["protected"]),
        fleet_location=document.locate(("spec", "share", "fleetPercent")),
        ring_location=document.locate(("spec", "share", "ringPercent")),
    )


def approvals_of(documents: Iterable[Document]) -> tuple[Approval, ...]:
    """The sound approvals, in the order of their files."""
    return tuple(_approval(each) for each in documents if each.kind == "Approval" and each.valid)


def sync_windows(documents: Iterable[Document]) -> tuple[SyncWindow, ...]:
    """The freezes for AppProjects. Hours are whole ones: the last is closed as a whole."""
    guards = guards_of(documents)
    return tuple(
        SyncWindow(
            name=freeze.name,
            schedule=f"{freeze.start.minute} {freeze.start.hour} {freeze.start.day} {freeze.start.month} *",
            duration=f"{ceil((freeze.end - freeze.start).total_seconds() / 3600)}h",
            environments=tuple(sorted(freeze.environments)),
        )
        for freeze in (guards.freezes if guards else ())
    )


def moment(text: str) -> datetime:
    """RFC 3339 → a moment in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _freeze(document: Document, index: int, data: dict[str, Any]) -> Freeze:
    return Freeze(
        name=data["name"],
        start=moment(data["from"]),
        end=moment(data["until"]),
        environments=frozenset(data["environments"]),
        location=document.locate(("spec", "freeze", index, "name")),
    )


def _approval(document: Document) -> Approval:
    spec = document.data["spec"]
    ((what, about),) = spec["for"].items()
    subject: tuple[str, ...]
    match what:
        case "object":
            subject = ("object", about["cluster"], about["kind"], about.get("namespace", ""), about["name"])
        case "release":
            subject = ("release", about["platform"], about["environment"], about["ring"])
        case "fleet":
            subject = ("fleet",)
        case _:
            subject = (what, about)
    return Approval(
        name=document.name,
        code=spec["code"],
        subject=subject,
        approved_by=spec["approvedBy"],
        until=date.fromisoformat(spec["until"]),
        reason=spec["reason"],
        location=document.locate(("spec", "for")),
    )
