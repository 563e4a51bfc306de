"""What to say of a side that cannot be compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from generator.diagnostics import Code, Diagnostic, Related, Severity, has_errors
from generator.source import Location

UNREAD: Final = Code(
    "GRD011",
    "a rendered file that cannot be compared",
    "What it adds, changes or removes is in no report, and no guard has looked at it.",
)
NO_BASE: Final = Code(
    "GRD012",
    "the base cannot be rendered",
    "Without it nobody can tell what the change does; an empty report would say that it does nothing.",
)
_EXAMPLES: Final = 5


def cannot_read(paths: Iterable[str]) -> tuple[Diagnostic, ...]:
    """Rendered files that are no Kubernetes objects, on either side."""
    hint = "run tenantry check, then tenantry render"
    message = "it is not YAML of Kubernetes objects on both sides of the comparison"
    return tuple(Diagnostic(UNREAD, Severity.ERROR, message, Location(f"rendered/{path}"), hint=hint) for path in paths)


def no_base(diagnostics: Iterable[Diagnostic], base: str) -> Diagnostic:
    """The base's own faults in one finding: they are not those of the change."""
    errors = [each for each in diagnostics if has_errors([each])]
    return Diagnostic(
        NO_BASE,
        Severity.ERROR,
        f"{base} cannot be rendered: {len(errors)} {'error' if len(errors) == 1 else 'errors'}",
        Location("fleet.yaml"),
        related=tuple(
            Related(f"in the base: {each.code.id} {each.message}", each.location) for each in errors[:_EXAMPLES]
        ),
        hint="compare with a revision that this version can render, or compare rendered/: tenantry diff --committed",
    )
