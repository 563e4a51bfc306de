"""What guards are given and what they answer: the change, and findings that an approval can name."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct

from generator.compare.changes import Change, Side, Thing
from generator.diagnostics import Code, Diagnostic, Severity
from generator.model.document import Document
from generator.model.guards import Guards
from generator.source import Location

APPROVE: Final = "or have it approved in approvals/"


class Finding(Struct, frozen=True):
    """A guard's finding, and every subject by which an approval may name it; see `generator.model.guards.Approval`.

    `thing` is the object that it is about, and `happens` what the message says of it, where it is about one.
    """

    diagnostic: Diagnostic
    subjects: tuple[tuple[str, ...], ...]
    thing: Thing | None = None
    happens: str = ""


class Case(Struct, frozen=True):
    """What the guards judge. `start` and `end` are when the change takes place, in UTC: a moment, or a whole day.

    `documents` are the inputs after the change, and `changed` the paths of those inputs and own templates that differ:
    places to point to.
    """

    changes: tuple[Change, ...]
    before: Side
    after: Side
    guards: Guards | None
    documents: tuple[Document, ...]
    changed: frozenset[str]
    start: datetime
    end: datetime


def finding(
    code: Code,
    message: str,
    location: Location,
    *,
    subjects: tuple[tuple[str, ...], ...],
    hint: str,
    found: str = "",
    expected: str = "",
    declared: Location | None = None,
    thing: Thing | None = None,
    happens: str = "",
) -> Finding:
    """An error that stops the change unless an approval names one of its `subjects`."""
    diagnostic = Diagnostic(
        code, Severity.ERROR, message, location, found=found, expected=expected, declared=declared, hint=hint
    )
    return Finding(diagnostic, subjects, thing, happens)


def subjects(thing: Thing) -> tuple[tuple[str, ...], ...]:
    """What an approval may name to let a finding about an object through: the object, or its tenant."""
    key = thing.key
    by_object = ("object", key.cluster, key.kind, key.namespace, key.name)
    return (by_object, ("tenant", thing.tenant)) if thing.tenant else (by_object,)


def cause(case: Case, thing: Thing) -> Location:
    """The input that brings it about, as far as it is known: what has changed among what the object is made of."""
    own = f"templates/{thing.template}"
    partials = sorted(path for path in case.changed if path.startswith("templates/partials/"))
    inputs = sorted(thing.inputs, key=lambda path: not path.startswith("tenants/"))
    causes = [path for path in (own, *partials, *inputs) if path in case.changed]
    if causes and not causes[0].startswith("tenants/"):
        return Location(causes[0])
    if thing.tenant:
        return document(case, thing.tenant, ("spec", "state"), inputs[0] if inputs else f"rendered/{thing.path}")
    others = [path for path in case.changed if not path.startswith("approvals/")]
    return Location(others[0] if len(others) == 1 else f"rendered/{thing.path}")


def document(case: Case, tenant: str, pointer: tuple[str, ...], otherwise: str = "") -> Location:
    """The place in a tenant's file, or `otherwise` where the file is gone."""
    for document in case.documents:
        if document.kind == "Tenant" and document.name == tenant:
            return document.locate(pointer)
    return Location(otherwise or f"tenants/{tenant}.yaml")
