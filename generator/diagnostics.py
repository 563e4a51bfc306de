"""What the stages have to say about a user's input: values, never exceptions.

A stage returns its value together with diagnostics. An exception is a bug of the generator or a broken environment.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from generator.source import Location


class Severity(StrEnum):
    """How much a diagnostic weighs: an error fails the run, a warning fails it under `--strict`, a note never does."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Code(Struct, frozen=True):
    """The identity of one kind of mistake. Defined beside the code that finds it, and never reused.

    `id` is three capital letters and three digits; the letters name the family: INP (reading), SCH (schema), REF
    (links between files), PLC (placement), RND (templates and rendering), CHK (checks of the output), ISO (isolation of
    tenants), BSL (known findings), WRT (writing), PUB (publishing), ADD (making new files), LIF (steps of a tenant's
    life), GRD (guards of a change). `title` is one line; `why` says in a sentence or two what goes wrong when it is let
    through.
    """

    id: str
    title: str
    why: str

    @property
    def documentation(self) -> str:
        """Where the code is described: a section of the project's documentation, from the project's top folder."""
        return f"docs/codes.md#{self.id.lower()}"


class Related(Struct, frozen=True):
    """A second place that explains a diagnostic, with what is to be seen there."""

    message: str
    location: Location


class Diagnostic(Struct, frozen=True):
    """One finding: what is wrong, where, what was found, what was expected, who says so, and what to do.

    `message` is one lower-case sentence without a full stop. `found` and `expected` are short phrases, empty where
    the message says it all. `declared` is the place that demands what is expected (a schema's line, a tier's file).
    """

    code: Code
    severity: Severity
    message: str
    location: Location
    found: str = ""
    expected: str = ""
    declared: Location | None = None
    related: tuple[Related, ...] = ()
    hint: str = ""

    @property
    def order(self) -> tuple[str, int, int, str, str, str, str]:
        """The sort key of every report: by place, then code, then what it says."""
        place = self.location
        return (place.path, place.line, place.column, self.code.id, self.message, self.found, self.expected)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorts by place and drops exact repetitions, so that reports do not depend on the order of the work."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda diagnostic: diagnostic.order))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether anything found must stop the run."""
    return any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """The hint for a misspelt name: `did you mean 'enterprise'?`, or nothing when no known name is near."""
    names = sorted(known)
    folded = {name.lower(): name for name in names}
    if found.lower() in folded:
        return f"did you mean '{folded[found.lower()]}'?"
    near = difflib.get_close_matches(found, names, n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else ""


def listing(names: Iterable[str], limit: int = 8) -> str:
    """Known names for an `expected:` line: sorted, at most `limit` of them, with the count of the rest."""
    known = sorted(names)
    shown = ", ".join(known[:limit])
    return f"{shown} and {len(known) - limit} more" if len(known) > limit else shown
