"""Findings → diagnostics, of which each says what happens once, however many tenants and cells it happens to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from generator.compare.cases import Finding
from generator.compare.general import general, told
from generator.diagnostics import Diagnostic, listing


def condensed(findings: Iterable[Finding]) -> Iterator[Diagnostic]:
    """One diagnostic for what one input causes to objects that differ by their tenant and cell only."""
    alike: dict[object, list[Finding]] = {}
    for finding in findings:
        diagnostic, thing = finding.diagnostic, finding.thing
        label = general(thing.key.label, thing) if thing else diagnostic.message
        alike.setdefault((diagnostic.code.id, diagnostic.location, diagnostic.expected, label), []).append(finding)
    for members in alike.values():
        yield members[0].diagnostic if len(members) == 1 else _one(members)


def _one(members: list[Finding]) -> Diagnostic:
    first = members[0]
    things = [finding.thing for finding in members if finding.thing]
    if not things:
        return first.diagnostic
    label = told(general(things[0].key.label, things[0]), things)
    where = listing(f"{thing.key.label} on {thing.key.cluster}" for thing in things)
    message = f"{label} {first.happens} in {len(members)} places"
    related = tuple(dict.fromkeys(each for finding in members for each in finding.diagnostic.related))
    return replace(first.diagnostic, message=message, found=where, related=related)
