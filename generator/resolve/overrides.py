"""Whether what a tenant overrides is within what its tier allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.model.document import Document
from generator.model.quantity import mebibytes, millicores
from generator.resolve.links import BACKWARDS
from generator.resolve.settings import Choice, Layer, strongest
from generator.source import Pointer

TOO_HIGH = Code(
    "REF006",
    "an override beyond what the tier allows",
    "A tier is what a tenant pays for; more than its ceiling is another tier, or a change of the tier.",
)

CEILINGS: dict[Pointer, Any] = {
    ("limits", "cpu"): millicores,
    ("limits", "memory"): mebibytes,
    ("replicas", "max"): int,
}
"""The settings that a tier caps, and how their values are measured."""


def override_faults(document: Document, tier: Document, layers: Sequence[Layer]) -> list[Diagnostic]:
    """Overrides above the tier's ceiling, and a replica range that is empty once all layers are in."""
    own = Layer(document, ("spec", "overrides"))
    found = []
    for field, measure in CEILINGS.items():
        wanted, ceiling = own.get(field), _ceiling(tier, layers, field)
        if wanted is not None and measure(wanted) > measure(ceiling.value):
            found.append(_too_high(document, tier, field, wanted, ceiling))
    return found + _empty_range(document, layers)


def _ceiling(tier: Document, layers: Sequence[Layer], field: Pointer) -> Choice:
    """The tier's ceiling for a setting; where it states none, what the tenant has without overriding."""
    stated = Layer(tier, ("spec", "ceilings")).get(field)
    return Choice(stated, tier, ("spec", "ceilings", *field)) if stated is not None else strongest(layers[:-1], field)


def _too_high(document: Document, tier: Document, field: Pointer, wanted: Any, ceiling: Choice) -> Diagnostic:
    name = ".".join(map(str, field))
    return Diagnostic(
        code=TOO_HIGH,
        severity=Severity.ERROR,
        message=f"tier '{tier.name}' allows {name} up to {ceiling.value}",
        location=document.locate(("spec", "overrides", *field)),
        found=str(wanted),
        expected=f"at most {ceiling.value}",
        declared=ceiling.document.locate(ceiling.pointer),
        hint=f"ask for {ceiling.value} or less, or choose a larger tier",
    )


def _empty_range(document: Document, layers: Sequence[Layer]) -> list[Diagnostic]:
    """The minimum and the maximum may come from different files; together they must leave a range."""
    own = Layer(document, ("spec", "overrides", "replicas"))
    minimum, maximum = strongest(layers, ("replicas", "min")), strongest(layers, ("replicas", "max"))
    if own.document.data["spec"].get("overrides", {}).get("replicas") is None or minimum.value <= maximum.value:
        return []
    mine, other = (minimum, maximum) if minimum.document is document else (maximum, minimum)
    return [
        Diagnostic(
            code=BACKWARDS,
            severity=Severity.ERROR,
            message=f"the minimum of {minimum.value} exceeds the maximum of {maximum.value}",
            location=document.locate(mine.pointer),
            related=(Related(f"the other end: {other.value}", other.document.locate(other.pointer)),),
            hint="override both, or stay within the range",
        )
    ]
