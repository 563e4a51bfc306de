"""What one resolution leaves to the next one of nearly the same documents: another side of a change, or a second turn.

Whoever passes an `Earlier` gets the same fleet and the same faults as without it, and the very same objects wherever
they are equal to those of the turn before, so that a comparison need not look into them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from msgspec import Struct, field

from generator.diagnostics import Diagnostic
from generator.model.cell import Installation
from generator.model.document import Document
from generator.model.same import same
from generator.model.tenant import Assignment, Record, Tenant
from generator.resolve.tenants import Parts

Value = TypeVar("Value")


class Made(Struct, frozen=True):
    """What came of one tenant's document: None where something that it needs is unknown or broken."""

    tenant: Tenant | None
    assignments: list[Assignment] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)


class Earlier(Struct):
    """The last turn: all documents but the tenants', what was made of them, and what came of each tenant's document,
    by its path, with the cell of a peer that took it in."""

    shared: tuple[Document, ...] = ()
    parts: Parts | None = None
    installations: tuple[Installation, ...] = ()
    tenants: dict[str, tuple[Document, str, Made]] = field(default_factory=dict)

    def begin(self, documents: Iterable[Document]) -> Parts | None:
        """Begins a turn: the parts of the last one when they come from the same documents; otherwise no tenant's
        result holds any more."""
        shared = tuple(document for document in documents if document.kind != "Tenant")
        if len(shared) == len(self.shared) and all(map(_is, shared, self.shared)):
            return self.parts
        self.shared = shared
        self.tenants.clear()
        return None

    def made(self, document: Document, refuge: str) -> Made | None:
        """What came of the same document in this turn's circumstances."""
        known = self.tenants.get(document.path)
        return known[2] if known is not None and known[0] is document and known[1] == refuge else None


def kept(earlier: Mapping[str, Value], values: dict[str, Value]) -> dict[str, Value]:
    """The values, each replaced by its earlier self where nothing tells the two apart."""
    return {name: earlier[name] if same(earlier.get(name), value) else value for name, value in values.items()}


def _is(one: Document, other: Document) -> bool:
    return one is other
