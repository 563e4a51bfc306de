"""Tenants whose state changes: whether the step may follow, and whether what keeps them has run out.

The commands that edit states refuse the same; this is for files that are edited by hand. Since when a tenant has been
leaving is read from the base, so that no change can date itself back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generator.compare.cases import Case, Finding
from generator.diagnostics import Code, Diagnostic, Severity
from generator.model.lifecycle import NEXT, offboarded_from, offboarding_wait
from generator.model.tenant import State, Tenant
from generator.source import Location

SKIPPED: Final = Code(
    "GRD014",
    "a tenant's state does not follow the one before",
    "What is left out is a notice, an export or a backup; and data that has been erased does not come back.",
)
TOO_EARLY: Final = Code(
    "GRD015",
    "a tenant is offboarded before its time",
    "A framework wants its backups to be kept longer, and nothing is left that could restore them.",
)


def steps(case: Case) -> Iterator[Finding]:
    """A finding for each tenant that goes where it may not, or too early."""
    before = {tenant.name: tenant for tenant in case.before.fleet.tenants}
    for now in case.after.fleet.tenants:
        was = before.get(now.name)
        if was is None or was.state is now.state:
            continue
        if now.state not in NEXT[was.state]:
            yield _skipped(case, was, now)
        elif now.state is State.OFFBOARDED:
            yield from _early(case, was)


def _skipped(case: Case, was: Tenant, now: Tenant) -> Finding:
    following = " or ".join(NEXT[was.state]) or "no other state"
    return _finding(
        case,
        SKIPPED,
        now.name,
        f"tenant {now.name} goes from {was.state} to {now.state}",
        found=str(now.state),
        expected=following,
        hint="take it from state to state, a change each, or have it approved in approvals/",
    )


def _early(case: Case, was: Tenant) -> Iterator[Finding]:
    wait, earliest = offboarding_wait(was), offboarded_from(was)
    if earliest is not None and case.start.date() >= earliest:
        return
    why = f"{wait.framework} keeps backups for {wait.days} days" if wait.framework else "its last Jobs run first"
    since = f"since {was.since}" if was.since else "nobody knows since when"
    yield _finding(
        case,
        TOO_EARLY,
        was.name,
        f"tenant {was.name} is offboarded before its time: {why}",
        found=f"{since}; the change takes place on {case.start:%Y-%m-%d}",
        expected=f"{earliest} or later" if earliest else "since in the base, the day from which it is in its state",
        hint="wait, or have it approved in approvals/",
    )


def _finding(case: Case, code: Code, tenant: str, message: str, *, found: str, expected: str, hint: str) -> Finding:
    document = next((each for each in case.documents if (each.kind, each.name) == ("Tenant", tenant)), None)
    place = document.locate(("spec", "state")) if document else Location(f"tenants/{tenant}.yaml")
    diagnostic = Diagnostic(code, Severity.ERROR, message, place, found=found, expected=expected, hint=hint)
    return Finding(diagnostic, (("tenant", tenant),))
