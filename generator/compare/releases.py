"""Releases that reach a ring before the ring ahead of it has run them.

`tenantry promote` refuses the same; this is for platform files that are edited by hand. What the ring ahead runs is
read from the base, so that no change can bring a release to two rings at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generator.compare.cases import APPROVE, Case, Finding, finding
from generator.diagnostics import Code, listing
from generator.model.container import Image
from generator.model.fleet import Fleet
from generator.model.platform import RINGS, Platform, Service
from generator.source import Location

SKIPS: Final = Code(
    "GRD017",
    "a release skips a ring",
    "The tenants of the rings ahead are there to meet its mistakes first, and few.",
)


def skips(case: Case) -> Iterator[Finding]:
    """A finding for each ring of a platform in an environment that gets what the ring ahead did not run before.

    A ring in which nobody has services of its own has nothing to try out, so it cannot be skipped. A ring that goes
    back to what the rings behind it run skips none either.
    """
    before = {platform.name: platform for platform in case.before.fleet.platforms}
    for platform in case.after.fleet.platforms:
        if (was := before.get(platform.name)) is None:
            continue
        for environment, peopled in _rings(case.before.fleet, platform.name).items():
            for number, ring in enumerate(RINGS):
                ahead = [other for other in RINGS[:number] if other in peopled]
                # The pooled services of a cell run what the last ring runs, whoever is in it.
                if not ahead or (ring not in peopled and ring != RINGS[-1]):
                    continue
                new = [*_unseen(was, platform, environment, number, ahead[-1])]
                if new:
                    yield _finding(case, platform, (environment, ring, ahead[-1]), new)


def _rings(fleet: Fleet, platform: str) -> dict[str, set[str]]:
    """The rings whose tenants have services of the platform of their own, by environment."""
    found: dict[str, set[str]] = {}
    for each in fleet.assignments:
        if each.tenant.platform.name == platform and each.workloads:
            found.setdefault(each.cluster.environment, set()).add(each.tenant.ring)
    return dict(sorted(found.items()))


def _unseen(was: Platform, now: Platform, environment: str, number: int, ahead: str) -> Iterator[tuple[Service, Image]]:
    """The services whose new image neither the rings ahead ran, nor those behind; and what the ring ahead ran."""
    old = {service.name: service for service in was.services}
    for service in now.services:
        if (before := old.get(service.name)) is None:
            continue
        image = service.released(environment, RINGS[number]).image
        known = (ahead, *RINGS[max(number - 1, 0) :])
        if image not in {before.released(environment, ring).image for ring in known}:
            yield service, before.released(environment, ahead).image


def _finding(case: Case, platform: Platform, where: tuple[str, str, str], new: list[tuple[Service, Image]]) -> Finding:
    environment, ring, ahead = where
    return finding(
        SKIPS,
        f"platform {platform.name}: ring {ring} gets in {environment} what ring {ahead} has not run",
        _location(case, platform, new[0][0]),
        subjects=(("release", platform.name, environment, ring),),
        found=listing(f"{service.name} {service.released(environment, ring).image.tag}" for service, _ in new),
        expected=f"what {ahead} ran before: {listing(f'{service.name} {image.tag}' for service, image in new)}",
        hint=f"release it to the first ring and take it on with `tenantry promote`, {APPROVE}",
    )


def _location(case: Case, platform: Platform, service: Service) -> Location:
    """The service's releases, else its image."""
    document = next((each for each in case.documents if (each.kind, each.name) == ("Platform", platform.name)), None)
    if document is None:
        return Location(platform.path)
    field = "releases" if service.releases else "image"
    return document.locate(("spec", "services", platform.services.index(service), field), key=True)
