"""load → resolve → place for a platform whose release goes to the next ring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from generator.diagnostics import Severity, has_errors
from generator.pipeline.changes import Diffed, between
from generator.pipeline.edits import Edited, edit, loaded, refused

if TYPE_CHECKING:
    from generator.model.document import Document
    from generator.model.fleet import Fleet
    from generator.scaffold import Step


class NoPlatform(LookupError):  # noqa: N818
    """The fleet has no platform of that name; `names` are those that it has."""

    def __init__(self, name: str, names: Iterable[str]) -> None:
        super().__init__(name)
        self.name, self.names = name, tuple(names)


def promote(root: Path, name: str, step: Step, now: datetime, *, write: bool = True) -> Edited:
    """Takes what the ring before runs to a ring, and says who gets it and which freeze will stop it. `now` is in UTC.

    Raises NoPlatform.
    """
    from generator.scaffold import Promotion, promotion

    validated, document = loaded(root, "Platform", name)
    if validated.fleet is None or has_errors(validated.diagnostics):
        return refused("", validated.diagnostics)
    platform = next((each for each in validated.fleet.platforms if each.name == name), None)
    if platform is None or document is None:
        raise NoPlatform(name, (each.name for each in validated.fleet.platforms))
    found = promotion(document, platform.services, step)
    if not isinstance(found, Promotion):
        return refused(document.path, (found,))
    made = edit(root, document, found.changes, write=write)
    if has_errors(made.diagnostics):
        return made
    changes = between(root, validated, made.after, (now, now)) if made.after is not None else None
    lines = (
        *found.lines,
        _reached(validated.fleet, name, step),
        *(_summary(changes) if changes is not None else ()),
        *_freezes(validated.documents, step, now),
    )
    return replace(made, lines=lines)


def _summary(changes: Diffed) -> Iterator[str]:
    """How far the promotion reaches, and which guards it would meet; freezes apart, which have a line of their own."""
    from generator.compare.overview import overview

    if changes.impact is not None:
        yield from (f"{name}: {content}" for name, content in overview(changes.impact))
    for each in changes.diagnostics:
        if each.severity is Severity.ERROR and each.code.id != "GRD007":
            yield f"warning: {each.code.id} stops it without an approval: {each.message}"


def _reached(fleet: Fleet, platform: str, step: Step) -> str:
    """Who runs services of their own in the ring, and where the pooled ones stand that change."""
    from generator.model.platform import RINGS

    tenants = sorted(
        {
            each.tenant.name
            for each in fleet.assignments
            if each.workloads
            and (each.tenant.platform.name, each.tenant.ring, each.cluster.environment)
            == (platform, step.ring, step.environment)
        }
    )
    said = f"tenants with services of their own: {', '.join(tenants) or 'none'}"
    if step.ring != RINGS[-1]:
        return said
    cells = [
        each.cluster.name
        for each in fleet.installations
        if (each.platform.name, each.cluster.environment) == (platform, step.environment)
    ]
    return f"{said}; pooled services: {', '.join(cells) or 'none'}"


def _freezes(documents: Iterable[Document], step: Step, now: datetime) -> Iterator[str]:
    from generator.resolve.guards import guards_of

    guards = guards_of(documents)
    for freeze in guards.freezes if guards else ():
        if step.environment in freeze.environments and freeze.start <= now < freeze.end:
            yield (
                f"warning: the freeze {freeze.name} holds in {step.environment} until "
                f"{freeze.end:%Y-%m-%d %H:%M} UTC; the change needs an approval for GRD007 until then"
            )
