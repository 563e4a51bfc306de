"""A release goes from one ring to the next: canary, early, stable. None is skipped, and nothing goes back unasked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from generator.diagnostics import Code, Diagnostic, Severity, did_you_mean, listing
from generator.model.document import Document
from generator.model.platform import RINGS, Service
from generator.scaffold.edit import Change, Drop, Put
from generator.source import Pointer

NOTHING_NEW = Code(
    "LIF008",
    "a promotion that would skip a ring, or change nothing",
    "A mistake meets few tenants first, or everybody.",
)
BACKWARD = Code("LIF009", "a promotion that goes backward", "An older release may not read what the newer one wrote.")

_VERSION: Final = re.compile(r"v?(\d{1,9}(?:\.\d{1,9})*)")


class Promotion(Struct, frozen=True):
    """What to change, and what it is in words, a line for each service."""

    changes: tuple[Change, ...]
    lines: tuple[str, ...]


class Step(Struct, frozen=True):
    """The words of `tenantry promote`: `services` are all when none is named."""

    environment: str
    ring: str
    services: tuple[str, ...]
    rollback: bool


def promotion(document: Document, services: Sequence[Service], step: Step) -> Promotion | Diagnostic:
    """The changes of a platform's file that bring a release to a ring; or, with `rollback`, take it away again."""
    names = [service.name for service in services]
    for name in step.services:
        if name not in names:
            message = f"platform '{document.name}' has no service '{name}'"
            return _refused(document, NOTHING_NEW, message, listing(names), did_you_mean(name, names))
    chosen = [(n, each) for n, each in enumerate(services) if each.name in step.services or not step.services]
    return _back(document, chosen, step) if step.rollback else _forward(document, chosen, step)


def _forward(document: Document, chosen: list[tuple[int, Service]], step: Step) -> Promotion | Diagnostic:
    number = RINGS.index(step.ring)
    if number == 0:
        message = f"{step.ring} is the first ring: nothing is promoted to it"
        return _refused(document, NOTHING_NEW, message, hint="write its release under `releases` of the service")
    source = RINGS[number - 1]
    changes: list[Change] = []
    lines, skipping = [], []
    for at, service in chosen:
        old, new = _tag(service, step.environment, step.ring), _tag(service, step.environment, source)
        if old == new:
            if number > 1 and _tag(service, step.environment, RINGS[0]) != new:
                skipping.append(service.name)
            continue
        if _older(new[0], old[0]):
            return _refused(
                document,
                BACKWARD,
                f"service '{service.name}': {step.ring} runs {old[0]}, and {source} the older {new[0]}",
                hint=f"to take {step.ring} back to what the ring after it runs: --rollback",
                pointer=("spec", "services", at, "releases"),
            )
        changes += _put(service, at, step, new)
        lines.append(f"{service.name}: {step.ring} goes from {old[0]} to {new[0]}, which {source} runs")
    if not changes:
        message = f"{source} runs nothing in {step.environment} that {step.ring} does not run"
        missed = (
            f"{RINGS[0]} runs another release of {listing(skipping)}: --to {source} comes first" if skipping else ""
        )
        return _refused(document, NOTHING_NEW, message, hint=missed)
    return Promotion(tuple(changes), tuple(lines))


def _back(document: Document, chosen: list[tuple[int, Service]], step: Step) -> Promotion | Diagnostic:
    """The ring runs again what the ring after it runs."""
    number = RINGS.index(step.ring)
    if number + 1 == len(RINGS):
        message = f"{step.ring} is the last ring: there is none after it to go back to"
        return _refused(document, NOTHING_NEW, message, hint="revert the change that promoted it")
    changes: list[Change] = []
    lines = []
    for at, service in chosen:
        place = _place(service, step)
        if place is None:
            continue
        old, new = _tag(service, step.environment, step.ring), _tag(service, step.environment, RINGS[number + 1])
        pointer: Pointer = ("spec", "services", at, "releases")
        # A list that nothing is left in goes, too.
        changes.append(Drop((*pointer, place)) if len(service.releases) > 1 else Drop(pointer))
        lines.append(f"{service.name}: {step.ring} goes back from {old[0]} to {new[0]}")
    if not changes:
        message = f"{step.ring} has no release of its own in {step.environment}"
        return _refused(document, NOTHING_NEW, message)
    return Promotion(tuple(changes), tuple(lines))


def _put(service: Service, at: int, step: Step, new: tuple[str, str]) -> list[Change]:
    place = _place(service, step)
    if place is not None:
        pointer: Pointer = ("spec", "services", at, "releases", place)
        return [Put((*pointer, "tag"), new[0]), Put((*pointer, "digest"), new[1])]
    release: dict[str, Any] = {"environment": step.environment, "ring": step.ring, "tag": new[0], "digest": new[1]}
    return [Put(("spec", "services", at, "releases", len(service.releases)), release)]


def _place(service: Service, step: Step) -> int | None:
    """Which of the service's releases is the ring's own."""
    wanted = (step.environment, step.ring)
    return next((n for n, each in enumerate(service.releases) if (each.environment, each.ring) == wanted), None)


def _tag(service: Service, environment: str, ring: str) -> tuple[str, str]:
    image = service.released(environment, ring).image
    return image.tag, image.digest


def _older(one: str, other: str) -> bool:
    """Whether a tag is an older version than another; tags that are no versions are not compared."""
    found = _VERSION.fullmatch(one), _VERSION.fullmatch(other)
    if found[0] is None or found[1] is None:
        return False
    first, second = ([int(part) for part in each[1].split(".")] for each in found if each)
    return first < second


def _refused(
    document: Document,
    code: Code,
    message: str,
    expected: str = "",
    hint: str = "",
    pointer: Pointer = ("spec", "services"),
) -> Diagnostic:
    place = document.locate(pointer, key=True)
    return Diagnostic(code, Severity.ERROR, message, place, expected=expected, hint=hint)
