"""Whether one object is rendered twice for one cluster.

The version does not count: autoscaling/v1 and autoscaling/v2 of one name are the same object to the API server. Argo
CD warns of a duplicate inside one Application and lets the last one win (docs: operator-manual), so the output refuses
it, across all Applications of the cluster.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generator.check.findings import finding, made_by
from generator.check.index import Index
from generator.diagnostics import Code, Diagnostic, Related

DUPLICATE: Final = Code(
    "CHK020",
    "an object is rendered twice",
    "The two overwrite each other at every sync, and pruning one deletes the other.",
)


def check(index: Index) -> Iterator[Diagnostic]:
    """Every (group, kind, namespace, name) that more than one document gives."""
    for names in index.named.values():
        for objects in names.values():
            first = objects[0]
            for again in objects[1:]:
                yield finding(
                    DUPLICATE,
                    again,
                    ("metadata", "name"),
                    f"{again.label} is rendered twice in {index.cluster}",
                    expected="one document for each group, kind, namespace and name; the version does not count",
                    hint="rename one of the two in its template, or cut long names with `fit`",
                    related=(Related("the first one", first.locate(("metadata", "name"))), *made_by(first.file)),
                )
