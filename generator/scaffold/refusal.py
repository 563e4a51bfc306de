"""What to say when a new tenant cannot be added."""

from __future__ import annotations

from collections.abc import Iterable

from generator.diagnostics import Code, Diagnostic, Related, Severity, did_you_mean, listing
from generator.model.cell import Cluster
from generator.model.document import Document
from generator.model.fleet import Fleet
from generator.scaffold.moving import NO_MOVE
from generator.scaffold.wish import Wish
from generator.source import Location

EXISTS = Code("ADD001", "the tenant's file exists", "Adding is for new tenants; an existing one is changed by hand.")
NOWHERE = Code(
    "ADD002", "no cell may hold the tenant", "A tenant is placed only where every rule and the capacity allow it."
)
NO_SUCH_CELL = Code(
    "ADD003", "the cell asked for does not exist", "A placement names a cell that some region declares."
)


def exists(wish: Wish) -> Diagnostic:
    """The file is there already."""
    return Diagnostic(
        code=EXISTS,
        severity=Severity.ERROR,
        message=f"the file of tenant '{wish.name}' exists already",
        location=Location(wish.path),
        hint="choose another name, or edit the file",
    )


def no_such_cell(wish: Wish, fleet: Fleet) -> Diagnostic:
    """`--cluster` named a cell that there is not."""
    names = [cluster.name for cluster in fleet.clusters]
    return Diagnostic(
        code=NO_SUCH_CELL,
        severity=Severity.ERROR,
        message=f"no cluster is named '{wish.cluster}'",
        location=Location(wish.path),
        found=f"'{wish.cluster}'",
        expected=f"one of {listing(names)} (declared in regions/)",
        hint=did_you_mean(wish.cluster, names),
    )


def nowhere(wish: Wish, what: str, refused: Iterable[tuple[Cluster, tuple[str, ...]]]) -> Diagnostic:
    """Every cell has something against it; each says what. `what` is "cell" or "standby cell"."""
    return Diagnostic(
        code=NOWHERE,
        severity=Severity.ERROR,
        message=f"no {what} may hold tenant '{wish.name}'",
        location=Location(wish.path),
        related=tuple(Related("; ".join(reasons), Location(cluster.region.path)) for cluster, reasons in refused),
        hint="ask for less, or make room in a cell",
    )


def no_such_target(document: Document, cluster: str, names: Iterable[str]) -> Diagnostic:
    """A move to a cell that there is not."""
    known = tuple(names)
    return Diagnostic(
        code=NO_SUCH_CELL,
        severity=Severity.ERROR,
        message=f"no cluster is named '{cluster}'",
        location=document.locate(("spec", "placements")),
        found=f"'{cluster}'",
        expected=f"one of {listing(known)} (declared in regions/)",
        hint=did_you_mean(cluster, known),
    )


def unfit(document: Document, cluster: str, reasons: Iterable[str], better: Iterable[str]) -> Diagnostic:
    """A move to a cell that may not hold the tenant now; `better` are those that may, best first."""
    names = ", ".join(tuple(better)[:3])
    return Diagnostic(
        code=NO_MOVE,
        severity=Severity.ERROR,
        message=f"tenant '{document.name}' cannot move to '{cluster}'",
        location=document.locate(("spec", "placements")),
        found="; ".join(reasons),
        hint=f"cells that may hold it, best first: {names}" if names else "",
    )
