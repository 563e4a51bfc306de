"""How many names the gateways of a cell answer to, against what they can hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from generator.diagnostics import Code, Diagnostic, Severity
from generator.model.document import Document
from generator.model.fleet import Fleet

HOSTS_A_GATEWAY: Final = 500
"""Hosts or certificates that one gateway deployment holds well (our own derivation from Istio's figures: each is a
listener's filter chain with a certificate that every gateway pod is sent)."""
WILDCARDS: Final = 2
"""Wildcards of each platform: the region's, and the platform's."""

TOO_MANY_NAMES = Code(
    "PLC011",
    "more domains than the cell's gateways hold",
    "Every further certificate slows all changes of the gateways, until new domains come up late or not at all.",
)


def name_faults(fleet: Fleet, documents: Iterable[Document]) -> Iterator[Diagnostic]:
    """Each cell whose verified domains and platform wildcards are more than its gateways hold."""
    counted = {cluster.name: WILDCARDS * len(cluster.platforms) for cluster in fleet.clusters}
    for assignment in fleet.assignments:
        counted[assignment.cluster.name] += len(assignment.domains)
    paths = {document.path: document for document in documents}
    for cluster in fleet.clusters:
        if counted[cluster.name] <= HOSTS_A_GATEWAY:
            continue
        document = paths[cluster.region.path]
        number = [data["name"] for data in document.data["spec"]["clusters"]].index(cluster.name)
        yield Diagnostic(
            code=TOO_MANY_NAMES,
            severity=Severity.ERROR,
            message=f"cell '{cluster.name}' answers to {counted[cluster.name]} names",
            location=document.locate(("spec", "clusters", number, "name")),
            expected=f"at most {HOSTS_A_GATEWAY}: verified domains, and {WILDCARDS} wildcards a platform",
            hint="place tenants with domains of their own on another cell",
        )
