"""What is wrong with the releases of a platform's services."""

from __future__ import annotations

from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.model.document import Document

TWICE = Code("REF080", "two releases for one ring", "One of them would run, and nobody could say which was meant.")


def release_faults(document: Document) -> list[Diagnostic]:
    """Services with two releases for one ring of one environment."""
    found = []
    for number, service in enumerate(document.data["spec"]["services"]):
        first: dict[tuple[str, str], int] = {}
        for at, release in enumerate(service.get("releases", ())):
            ring = (release["environment"], release["ring"])
            if ring not in first:
                first[ring] = at
                continue
            here = ("spec", "services", number, "releases")
            found.append(
                Diagnostic(
                    TWICE,
                    Severity.ERROR,
                    f"service '{service['name']}' has two releases for ring {ring[1]} of {ring[0]}",
                    document.locate((*here, at, "ring")),
                    related=(Related("the other one", document.locate((*here, first[ring], "ring"))),),
                    hint="keep one of the two",
                )
            )
    return found
