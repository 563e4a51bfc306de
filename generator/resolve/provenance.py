"""Where each setting of a tenant on a cell comes from: what the layers say of it, and which floor raised it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from generator.model.document import Document
from generator.resolve import cells
from generator.resolve.index import Index
from generator.resolve.settings import Choice, Layer, floored, strongest
from generator.resolve.tenants import framework_documents, layers
from generator.source import Pointer

SETTINGS: Final[tuple[Pointer, ...]] = (
    ("limits", "cpu"),
    ("limits", "memory"),
    ("replicas", "min"),
    ("replicas", "max"),
    ("targets", "cpu"),
    ("targets", "memory"),
    ("retention", "backups"),
    ("retention", "logs"),
    ("retention", "audit"),
    ("accessLogs",),
)
"""Every setting that has layers, as the layers spell it."""
ISOLATION: Final = ("isolation",)


class Origin(Struct, frozen=True):
    """A setting's history: the place that decided it, the weaker places that say it too (strongest first), and where
    a framework's floor decided it, what it was raised from. `held` are floors that demand as much: with one of them
    the value stays, whatever the deciding place says less."""

    chosen: Choice
    overrode: tuple[Choice, ...]
    raised_from: Choice | None
    held: tuple[Choice, ...]


def origins(documents: Iterable[Document], tenant: str, cluster: str) -> dict[str, Origin]:
    """The history of every setting of a tenant on a cell, and of its isolation, by dotted path.

    The documents must make a fleet in which the tenant is placed there.
    """
    index = Index(documents)
    document = index.of("Tenant")[tenant]
    tier = index.of("Tier")[document.data["spec"]["tier"]]
    frameworks = framework_documents(document, index)
    found = layers(document, cells.places(index)[cluster], index)
    told = {".".join(map(str, field)): _origin(found, frameworks, field) for field in SETTINGS}
    return {**told, "isolation": _origin((Layer(tier, ("spec",)),), frameworks, ISOLATION)}


def _origin(found: Sequence[Layer], frameworks: Sequence[Document], field: Pointer) -> Origin:
    strong = strongest(found, field)
    chosen = floored(strong, frameworks, field)
    said = [
        Choice(value, layer.document, layer.pointer + field)
        for layer in reversed(found)
        if (value := layer.get(field)) is not None
    ]
    floors = (Layer(framework, ("spec", "floors")) for framework in frameworks)
    held = [
        Choice(chosen.value, floor.document, floor.pointer + field)
        for floor in floors
        if floor.get(field) == chosen.value and floor.document is not chosen.document
    ]
    return Origin(chosen, tuple(said[1:]), strong if chosen is not strong else None, tuple(held))
