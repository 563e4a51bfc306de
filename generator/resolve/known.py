"""baseline.yaml → the findings that are known, one value for each file that an entry names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from generator.model.document import Document
from generator.model.known import Known


def known_of(documents: Iterable[Document]) -> tuple[Known, ...]:
    """The known findings in the order of the file; none where there is no sound baseline.yaml."""
    return tuple(
        Known(
            code=entry["code"],
            message=entry.get("message", ""),
            file=file,
            until=date.fromisoformat(entry["until"]),
            approved_by=entry["approvedBy"],
            reason=entry["reason"],
            location=document.locate(("spec", "known", index, "files", place)),
        )
        for document in documents
        if document.kind == "Baseline" and document.valid
        for index, entry in enumerate(document.data["spec"]["known"])
        for place, file in enumerate(entry["files"])
    )
