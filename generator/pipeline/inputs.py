"""load → resolve → place: the inputs of a fleet's folder, every fault of them, and the fleet that they make."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.diagnostics import Diagnostic, in_order
from generator.pipeline.batch import uncollected

if TYPE_CHECKING:
    from generator.load import Listing
    from generator.model.document import Document
    from generator.model.fleet import Fleet
    from generator.resolve import Earlier

FLEET_FILE: Final = "fleet.yaml"
BASELINE: Final = "baseline.yaml"
RENDERED: Final = "rendered"
TEMPLATES: Final = "templates"
TENANTS: Final = "tenants/"
"""What the path of every tenant's file begins with."""
CRDS: Final = "crds"
"""The fleet's own schemas of custom resources."""
INPUTS: Final = (FLEET_FILE, "approvals", BASELINE, "platforms", "policies", "regions", TEMPLATES, "tenants")
"""What of a fleet's folder is read."""


class Validated(Struct, frozen=True):
    """The inputs: as read, and as resolved (None when fleet.yaml is missing or broken).

    `others` are tenants that are neither read nor resolved, because nothing is wrong with them (`pipeline.narrow`).
    """

    documents: tuple[Document, ...]
    fleet: Fleet | None
    diagnostics: tuple[Diagnostic, ...]
    others: int = 0

    @property
    def files(self) -> int:
        """How many files these are."""
        return len({document.path for document in self.documents}) + self.others


def find_root(start: Path) -> Path | None:
    """The fleet's folder: the nearest one, from `start` upward, that holds fleet.yaml."""
    here = start.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / FLEET_FILE).is_file()), None)


@uncollected()
def validate(
    root: Path,
    *,
    progress: Callable[[int, int], None] | None = None,
    earlier: Earlier | None = None,
    listed: Listing | None = None,
) -> Validated:
    """load → resolve → place: every fault of the inputs, and the fleet that they make. `listed` has been read."""
    from generator.load import load_documents

    documents, found = load_documents(root, progress=progress, listed=listed)
    return resolved(documents, found, earlier)


def resolved(
    documents: tuple[Document, ...], found: tuple[Diagnostic, ...], earlier: Earlier | None = None, others: int = 0
) -> Validated:
    """resolve → place, for documents that have been loaded. `earlier` is what another side's resolution left; so many
    `others` are left out."""
    from generator.place import faults

    fleet, between = fleet_of(documents, earlier)
    placed = faults(fleet, documents) if fleet is not None else ()
    return Validated(documents, fleet, in_order([*found, *between, *placed]), others)


def fleet_of(
    documents: tuple[Document, ...], earlier: Earlier | None = None
) -> tuple[Fleet | None, tuple[Diagnostic, ...]]:
    """resolve, with the tenants of a failed region where place puts them; what was found, but for faults of placing."""
    from generator.place import arrivals
    from generator.resolve import Earlier, resolve

    earlier = Earlier() if earlier is None else earlier
    fleet, between = resolve(documents, earlier=earlier)
    if fleet is None:
        return None, between
    taken, stranded = arrivals(fleet, documents)
    if taken:
        # place has decided where the tenants of a failed region go; only resolve knows what they get there.
        fleet, between = resolve(documents, taken, earlier)
    return fleet, (*between, *stranded)
