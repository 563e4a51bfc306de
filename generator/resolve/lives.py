"""What the files of tenants that leave must say besides their state."""

from __future__ import annotations

from collections.abc import Iterable

from generator.diagnostics import Code, Diagnostic, Severity
from generator.model.document import Document
from generator.model.tenant import State

SINCE_WHEN = Code(
    "REF081",
    "a tenant that leaves, and nobody knows since when",
    "The retention periods of its frameworks count from that day: without it the tenant cannot be offboarded.",
)


def life_faults(tenants: Iterable[Document]) -> list[Diagnostic]:
    """Tenants in offboarding whose files say no `since`: those whose state was edited by hand."""
    return [
        Diagnostic(
            SINCE_WHEN,
            Severity.WARNING,
            f"nobody knows since when tenant '{document.name}' is being offboarded",
            document.locate(("spec", "state")),
            expected="since, the day from which it is in its state",
            hint='write since: "YYYY-MM-DD" below it; `tenantry tenant offboard` does',
        )
        for document in tenants
        if document.data["spec"]["state"] == State.OFFBOARDING and "since" not in document.data["spec"]
    ]
