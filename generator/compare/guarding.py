"""Impact → findings: what one change may not do without an approval (overview's promise 5).

The guards are those of the fleet before the change, so that no change can loosen the guard that would stop it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from generator.compare.cases import APPROVE, Case, Finding, cause, document, finding, subjects
from generator.compare.changes import Kind, Thing
from generator.compare.impact import touched_tenants
from generator.diagnostics import Code, Diagnostic, Severity, listing
from generator.model.fleet import Fleet
from generator.model.guards import Freeze, Guards
from generator.model.tenant import State, Tenant
from generator.source import Location

REMOVED: Final = Code(
    "GRD001",
    "something is removed that an approval must name",
    "Argo CD deletes what leaves its branch; data, isolation and routes that are gone do not come back by a revert.",
)
MTLS: Final = Code(
    "GRD002",
    "mutual TLS is no longer demanded",
    "Anything in the cell could then reach the workload in plain text, under no identity.",
)
RESIDENCY: Final = Code(
    "GRD003",
    "a tenant's data changes its jurisdiction",
    "Where data may be is promised in a contract; moved data cannot be unmoved.",
)
LEFT: Final = Code(
    "GRD004",
    "a tenant's file is gone before the tenant is offboarded",
    "The tenant's objects would be deleted or forgotten, without export, notice or a last backup.",
)
FLEET_SHARE: Final = Code(
    "GRD005",
    "too large a share of the fleet changes at once",
    "A mistake in such a change meets everybody before anybody has seen it.",
)
RING_SHARE: Final = Code(
    "GRD006",
    "too large a share of a ring changes at once",
    "Rings exist so that a mistake meets few tenants first.",
)
FREEZE: Final = Code("GRD007", "a change during a freeze", "Nobody is there to mend what it breaks.")
NO_GUARDS: Final = Code(
    "GRD010",
    "nothing is guarded",
    "Without policies/guards.yaml removals, shares and freezes are looked at by nobody.",
)
PLATFORM: Final = Code(
    "GRD016",
    "a tenant changes its platform",
    "All that it runs is replaced, and its data is of another shape: to its users that is a new tenant.",
)

CANARY: Final = "canary"
"""The ring that is there to be changed first: its share is not counted (schemas/guards.schema.json, ringPercent)."""
_GUARDS_FILE: Final = "policies/guards.yaml"


def findings(case: Case) -> tuple[Finding, ...]:
    """What the guards have to say, approvals apart."""
    found = [*_left(case), *_residencies(case), *_platforms(case), *_mtls(case)]
    if case.guards is None:
        diagnostic = Diagnostic(
            NO_GUARDS,
            Severity.WARNING,
            "there is no policies/guards.yaml: removals, shares and freezes are not judged",
            Location(_GUARDS_FILE),
            hint="add policies/guards.yaml (schemas/guards.schema.json says what stands in it)",
        )
        return (*found, Finding(diagnostic, ()))
    found += _removals(case, case.guards)
    found += _shares(case, case.guards)
    for freeze in case.guards.freezes:
        found += _frozen(case, freeze)
    return tuple(found)


def _removals(case: Case, guards: Guards) -> Iterator[Finding]:
    """Removed and moved objects of the protected kinds; one finding for a namespace and all that is in it."""
    gone = [
        change.before
        for change in case.changes
        if change.kind in (Kind.REMOVED, Kind.MOVED) and change.before and change.before.key.kind in guards.protected
    ]
    spaces = {(thing.key.cluster, thing.key.name) for thing in gone if thing.key.kind == "Namespace"}
    within: dict[tuple[str, str], list[Thing]] = {}
    for thing in gone:
        within.setdefault((thing.key.cluster, thing.key.namespace), []).append(thing)
    for thing in gone:
        key = thing.key
        if (key.cluster, key.namespace) in spaces:
            continue
        inside = within.get((key.cluster, key.name), []) if key.kind == "Namespace" else []
        also = f", and {len(inside)} protected objects in it" if inside else ""
        yield finding(
            REMOVED,
            f"{key.label} on {key.cluster} is removed{also}",
            cause(case, thing),
            subjects=subjects(thing),
            found=listing({other.key.label for other in inside}) if inside else "",
            hint=f"keep it, {APPROVE}",
            thing=thing,
            happens="is removed",
        )


def _mtls(case: Case) -> Iterator[Finding]:
    for change in case.changes:
        if change.key.kind != "PeerAuthentication" or change.kind is not Kind.CHANGED:
            continue
        loosened = [each for each in change.fields if each.old == "STRICT" and each.pointer[-1] == "mode"]
        ports = [
            each for each in change.fields if "portLevelMtls" in each.pointer and each.new in ("DISABLE", "PERMISSIVE")
        ]
        for each in (*loosened, *ports):
            key = change.key
            yield finding(
                MTLS,
                f"{key.label} on {key.cluster} no longer demands mutual TLS",
                cause(case, change.thing),
                subjects=subjects(change.thing),
                found=f"{each.way}: {each.new if isinstance(each.new, str) else 'absent'}",
                expected="STRICT",
                hint=f"leave it STRICT, {APPROVE}",
                thing=change.thing,
                happens="no longer demands mutual TLS",
            )


def _residencies(case: Case) -> Iterator[Finding]:
    """Tenants whose residency or whose cells' jurisdictions are others than before."""
    old, new = _tenants(case.before.fleet), _tenants(case.after.fleet)
    homes_before, homes_after = _jurisdictions(case.before.fleet), _jurisdictions(case.after.fleet)
    for name in sorted(old.keys() & new.keys()):
        was, now = homes_before.get(name, frozenset()), homes_after.get(name, frozenset())
        declared = old[name].residency != new[name].residency
        if not declared and (was == now or not was or not now):
            continue
        places = f"{'+'.join(sorted(was)) or 'nowhere'} to {'+'.join(sorted(now)) or 'nowhere'}"
        what = f"residency {old[name].residency} becomes {new[name].residency}" if declared else f"moves from {places}"
        pointer = ("spec", "residency") if declared else ("spec", "placements")
        yield finding(
            RESIDENCY,
            f"tenant {name}: {what}",
            document(case, name, pointer),
            subjects=(("tenant", name),),
            found=f"data moves from {places}" if was != now else "",
            hint=f"place it where its data is, {APPROVE}",
        )


def _platforms(case: Case) -> Iterator[Finding]:
    old = _tenants(case.before.fleet)
    for name, tenant in sorted(_tenants(case.after.fleet).items()):
        if name in old and old[name].platform.name != tenant.platform.name:
            yield finding(
                PLATFORM,
                f"tenant {name}: platform {old[name].platform.name} becomes {tenant.platform.name}",
                document(case, name, ("spec", "platform")),
                subjects=(("tenant", name),),
                found=tenant.platform.name,
                expected=old[name].platform.name,
                hint=f"add a tenant on the other platform and offboard this one, {APPROVE}",
            )


def _left(case: Case) -> Iterator[Finding]:
    remaining = _tenants(case.after.fleet)
    for name, tenant in sorted(_tenants(case.before.fleet).items()):
        if name not in remaining and tenant.state is not State.OFFBOARDED:
            yield finding(
                LEFT,
                f"tenant {name} is {tenant.state} and its file is gone",
                Location(tenant.path),
                subjects=(("tenant", name),),
                found=f"state {tenant.state}",
                expected="state offboarded",
                hint=f"restore the file and take the tenant through offboarding, {APPROVE}",
            )


def _shares(case: Case, guards: Guards) -> Iterator[Finding]:
    """Of the tenants that there were before: those who come have nothing to lose."""
    tenants = {name: each for name, each in _tenants(case.before.fleet).items() if each.state is not State.OFFBOARDED}
    touched = touched_tenants(case.changes, (case.before.fleet, case.after.fleet)) & tenants.keys()
    if len(touched) < guards.minimum_tenants:
        return
    causes = sorted(path for path in case.changed if path.partition("/")[0] not in ("approvals", "tenants"))
    source = Location(causes[0]) if len(causes) == 1 else None
    if len(touched) * 100 > guards.fleet_percent * len(tenants):
        yield _share(
            FLEET_SHARE, "of the fleet", touched, set(tenants), guards.fleet_percent, guards.fleet_location, source
        )
    for ring in sorted({each.ring for each in tenants.values()} - {CANARY}):
        members = {name for name, each in tenants.items() if each.ring == ring}
        hit = touched & members
        if len(hit) >= guards.minimum_tenants and len(hit) * 100 > guards.ring_percent * len(members):
            yield _share(
                RING_SHARE, f"of ring {ring}", hit, members, guards.ring_percent, guards.ring_location, source, ring
            )


def _share(
    code: Code,
    what: str,
    hit: set[str],
    all_: set[str],
    limit: int,
    declared: Location,
    source: Location | None,
    ring: str = "",
) -> Finding:
    percent = -(-len(hit) * 100 // len(all_))
    return finding(
        code,
        f"{len(hit)} of {len(all_)} tenants {what} change at once",
        source or declared,
        subjects=(("ring", ring) if ring else ("fleet",),),
        found=f"{percent} %: {listing(hit)}",
        expected=f"at most {limit} %",
        declared=declared,
        hint=f"change fewer tenants at once, ring by ring, {APPROVE}",
    )


def _frozen(case: Case, freeze: Freeze) -> Iterator[Finding]:
    if case.end < freeze.start or case.start >= freeze.end:
        return
    environment = {
        cluster.name: cluster.environment
        for fleet in (case.before.fleet, case.after.fleet)
        for cluster in fleet.clusters
    }
    touched = {thing.key.cluster for change in case.changes for thing in change.things}
    cells = sorted(cell for cell in touched if environment.get(cell) in freeze.environments)
    if cells:
        yield finding(
            FREEZE,
            f"{len(cells)} {'cell changes' if len(cells) == 1 else 'cells change'} during the freeze {freeze.name}",
            freeze.location,
            subjects=(("freeze", freeze.name),),
            found=listing(cells),
            expected=f"no change from {freeze.start:%Y-%m-%d %H:%M} to {freeze.end:%Y-%m-%d %H:%M} UTC",
            hint=f"wait until the freeze has ended, {APPROVE}",
        )


def _tenants(fleet: Fleet) -> dict[str, Tenant]:
    return {tenant.name: tenant for tenant in fleet.tenants}


def _jurisdictions(fleet: Fleet) -> Mapping[str, frozenset[str]]:
    """Where each tenant's data is."""
    found: dict[str, set[str]] = {}
    for assignment in fleet.assignments:
        found.setdefault(assignment.tenant.name, set()).add(assignment.cluster.region.jurisdiction)
    return {name: frozenset(places) for name, places in found.items()}
