"""One issuer, one set of keys: otherwise a tenant could sign tokens that pass for another's."""

from __future__ import annotations

from collections.abc import Iterable

from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.model.document import Document
from generator.source import Pointer

TWO_KEYS = Code(
    "REF007",
    "one issuer with two sets of keys",
    "Where tenants share services, every key listed for an issuer can sign for it: one tenant could pass for another.",
)

_JWKS: Pointer = ("spec", "identity", "jwks")


def issuer_faults(tenants: Iterable[Document]) -> list[Diagnostic]:
    """Tenants, by path, whose issuer another tenant names with other keys."""
    first: dict[str, Document] = {}
    found = []
    for document in sorted(tenants, key=lambda document: document.path):
        identity = document.data["spec"]["identity"]
        earlier = first.setdefault(identity["issuer"], document)
        keys = earlier.data["spec"]["identity"]["jwks"]
        if identity["jwks"] == keys:
            continue
        found.append(
            Diagnostic(
                code=TWO_KEYS,
                severity=Severity.ERROR,
                message=f"tenant '{earlier.name}' has the same issuer with other keys",
                location=document.locate(_JWKS),
                found=identity["jwks"],
                expected=keys,
                related=(Related("the keys named first", earlier.locate(_JWKS)),),
                hint="name the issuer's own keys in both files, or give this tenant an issuer of its own",
            )
        )
    return found
