"""Documents by kind and name, and what to say of a name that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from generator.diagnostics import Code, Diagnostic, Severity, did_you_mean, listing
from generator.model.document import Document
from generator.source import Pointer

UNKNOWN = Code(
    "REF001",
    "a name that no file declares",
    "One file refers to another by name; nothing can be rendered for a name that leads nowhere.",
)

FOLDERS = {
    "Tenant": "tenants/",
    "Region": "regions/",
    "Platform": "platforms/",
    "Tier": "policies/tiers/",
    "ComplianceFramework": "policies/compliance/",
    "Provider": "policies/providers/",
}
"""Where a name of each kind is declared: one file a name."""

WORDS = {"ComplianceFramework": "compliance framework"}


class Reference(Struct, frozen=True):
    """One place in a document that names another document."""

    document: Document
    pointer: Pointer
    kind: str
    name: str


class Index:
    """Every document by kind and name. Broken documents are in it: a reference to one is not a second fault."""

    __slots__ = ("_documents",)

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents: dict[str, dict[str, Document]] = {}
        for document in sorted(documents, key=lambda document: document.path):
            self._documents.setdefault(document.kind, {}).setdefault(document.name, document)

    def of(self, kind: str) -> Mapping[str, Document]:
        """All documents of a kind, broken ones too, by name."""
        return self._documents.get(kind, {})

    def valid(self, kind: str) -> list[Document]:
        """The sound documents of a kind, sorted by name."""
        found = self.of(kind)
        return [found[name] for name in sorted(found) if found[name].valid]

    def unresolved(self, references: Iterable[Reference]) -> list[Diagnostic]:
        """A diagnostic for each reference whose name no file of that kind has."""
        return [
            unknown(reference, self.of(reference.kind))
            for reference in references
            if reference.name not in self.of(reference.kind)
        ]


def unknown(reference: Reference, known: Iterable[str], declared_in: str = "") -> Diagnostic:
    """What to say of a name that nothing has: the names there are, where they are declared, and the nearest one."""
    names = list(known)
    word = WORDS.get(reference.kind, reference.kind.lower())
    folder = declared_in or FOLDERS[reference.kind]
    suggestion = did_you_mean(reference.name, names)
    return Diagnostic(
        code=UNKNOWN,
        severity=Severity.ERROR,
        message=f"no {word} is named '{reference.name}'",
        location=reference.document.locate(reference.pointer),
        found=f"'{reference.name}'",
        expected=f"one of {listing(names)} (declared in {folder})" if names else f"a name declared in {folder}",
        hint=suggestion or f"add it to {folder} or choose another",
    )
