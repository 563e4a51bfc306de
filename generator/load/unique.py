"""What may stand once in all files: the name of an object among its kind, and a tenant's own domain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.model.document import Document
from generator.source import Pointer

SECOND_NAME: Final = Code("INP032", "name taken", "two objects of one name would be rendered into the same places")
SECOND_DOMAIN: Final = Code("INP033", "domain taken", "requests for the domain would reach the wrong tenant")


def second_names(documents: Iterable[Document]) -> Iterator[tuple[str, Diagnostic]]:
    """Each document, by path, whose name one of the same kind has already. The documents come in the order of paths."""
    first: dict[tuple[str, str], Document] = {}
    for document in documents:
        other = first.setdefault((document.kind, document.name), document)
        if other is not document:
            pointer = ("metadata", "name")
            related = (Related(f"the first {document.kind} of this name", other.locate(pointer)),)
            message = f"another {document.kind} is named '{document.name}' already"
            hint = "give one of them another name, and its file with it"
            yield (
                document.path,
                Diagnostic(SECOND_NAME, Severity.ERROR, message, document.locate(pointer), related=related, hint=hint),
            )


def second_domains(documents: Iterable[Document]) -> Iterator[Diagnostic]:
    """Each custom domain that stands in a tenant's file above, or in another. Domains compare in lower case."""
    first: dict[str, tuple[Document, Pointer, Any]] = {}
    for document in documents:
        for pointer, entry in _domains(document):
            other, place, earlier = first.setdefault(entry["name"].lower(), (document, pointer, entry))
            if earlier is entry or (other is document and earlier == entry):
                # Equal entries of one list are the schema's to report.
                continue
            owner = "this tenant" if other is document else f"the tenant '{other.name}'"
            yield Diagnostic(
                SECOND_DOMAIN,
                Severity.ERROR,
                f"the domain '{entry['name'].lower()}' belongs to {owner} already",
                document.locate(pointer),
                related=(Related("first given here", other.locate(place)),),
                hint="a domain belongs to one tenant: remove it here or there",
            )


def _domains(document: Document) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """The domains of a tenant's file, whatever else is wrong with it, and the pointers of their names."""
    spec = document.data.get("spec") if document.kind == "Tenant" else None
    domains = spec.get("domains") if isinstance(spec, dict) else None
    for index, entry in enumerate(domains if isinstance(domains, list) else ()):
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            yield ("spec", "domains", index, "name"), entry
