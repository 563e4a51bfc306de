"""Settings in layers: platform, tier, provider, region, cluster, tenant; and frameworks' floors under all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from generator.model.container import Amount
from generator.model.document import Document
from generator.model.tenant import Isolation, Retention, Settings
from generator.model.workload import Replicas, Targets
from generator.source import Pointer


class Layer(Struct, frozen=True):
    """One block of settings in one file. It says as much or as little as it wants to."""

    document: Document
    pointer: Pointer

    def get(self, field: Pointer) -> Any:
        """The value at `field` in this layer's block, or None where the layer does not say it."""
        value: Any = self.document.data
        for part in self.pointer + field:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value


class Choice(Struct, frozen=True):
    """A value and the place that decided it."""

    value: Any
    document: Document
    pointer: Pointer


ACCESS_LOGS = ("errors", "all")
"""How much is logged, weakest first."""


def strongest(layers: Sequence[Layer], field: Pointer) -> Choice:
    """The value of the last layer that says it. The platform's layer says everything, so there always is one."""
    for layer in reversed(layers):
        value = layer.get(field)
        if value is not None:
            return Choice(value, layer.document, layer.pointer + field)
    raise LookupError(f"no layer sets {'.'.join(map(str, field))}")


def floored(choice: Choice, frameworks: Iterable[Document], field: Pointer) -> Choice:
    """The choice, or the highest floor above it that a framework demands."""
    for framework in frameworks:
        floor = Layer(framework, ("spec", "floors")).get(field)
        if floor is not None and _rank(field, floor) > _rank(field, choice.value):
            choice = Choice(floor, framework, ("spec", "floors", *field))
    return choice


def resolve_settings(layers: Sequence[Layer], frameworks: Sequence[Document]) -> Settings:
    """All settings of one tenant on one cell (or of a platform's shared services, with fewer layers)."""

    def value(*field: str) -> Any:
        return floored(strongest(layers, field), frameworks, field).value

    return Settings(
        limits=Amount(cpu=value("limits", "cpu"), memory=value("limits", "memory")),
        replicas=Replicas(minimum=value("replicas", "min"), maximum=value("replicas", "max")),
        targets=Targets(cpu=value("targets", "cpu"), memory=value("targets", "memory")),
        retention=Retention(
            backups=value("retention", "backups"), logs=value("retention", "logs"), audit=value("retention", "audit")
        ),
        access_logs=value("accessLogs"),
    )


def resolve_isolation(tier: Document, frameworks: Iterable[Document]) -> Isolation:
    """The tier's isolation mode, raised where a framework demands more."""
    chosen = Choice(tier.data["spec"]["isolation"], tier, ("spec", "isolation"))
    return Isolation(floored(chosen, frameworks, ("isolation",)).value)


def _rank(field: Pointer, value: Any) -> int:
    """How strong a value is among its like, for floors."""
    if field == ("isolation",):
        return list(Isolation).index(Isolation(value))
    if field == ("accessLogs",):
        return ACCESS_LOGS.index(value)
    return int(value)
