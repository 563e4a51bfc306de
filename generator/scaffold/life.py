"""The next step of a tenant's life: whether it may be taken, what it writes, and which steps are still to come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.model.compliance import Measure
from generator.model.document import Document
from generator.model.lifecycle import NEXT, later, offboarded_from, offboarding_wait
from generator.model.tenant import Record, State, Tenant
from generator.scaffold.edit import Put
from generator.source import Location

NOT_NEXT = Code(
    "LIF001",
    "a state that does not follow the tenant's own",
    "Tenants leave by active, suspended, offboarding, offboarded; what is left out is an export, a notice or a backup.",
)
TOO_EARLY = Code(
    "LIF002",
    "a step before its time",
    "A framework wants backups to be kept for so long, and with the step nothing is left that could restore them.",
)
SINCE_WHEN = Code(
    "LIF003", "nobody knows since when", "Whether a retention period is over cannot be told without its first day."
)

_COMMAND = {State.ACTIVE: "resume", State.SUSPENDED: "suspend", State.OFFBOARDING: "offboard"}


def refused(tenant: Tenant, document: Document, target: State, today: date) -> Diagnostic | None:
    """Why the tenant may not go on to a state today; None when it may."""
    place = document.locate(("spec", "state"))
    if target not in NEXT[tenant.state]:
        following = [_word(tenant.name, state) for state in NEXT[tenant.state]]
        already = f"is {target} already" if target is tenant.state else f"is {tenant.state} and cannot become {target}"
        return Diagnostic(
            NOT_NEXT,
            Severity.ERROR,
            f"tenant '{tenant.name}' {already}",
            place,
            found=str(tenant.state),
            expected=" or ".join(str(state) for state, following in NEXT.items() if target in following),
            hint=f"what may follow: {', or '.join(following)}" if following else "nothing follows offboarded",
        )
    if target is not State.OFFBOARDED:
        return None
    wait, earliest = offboarding_wait(tenant), offboarded_from(tenant)
    if earliest is None:
        return Diagnostic(
            SINCE_WHEN,
            Severity.ERROR,
            f"nobody knows since when tenant '{tenant.name}' is being offboarded",
            place,
            expected="since, the day from which it is in its state",
            hint='write since: "YYYY-MM-DD" below it, the day on which the change to offboarding was merged',
        )
    if today < earliest:
        frameworks = {each.name: each for each in tenant.frameworks}
        asks = frameworks.get(wait.framework)
        why = f"{asks.title} keeps backups for {wait.days} days" if asks else "its last export and backup run first"
        return Diagnostic(
            TOO_EARLY,
            Severity.ERROR,
            f"tenant '{tenant.name}' cannot be offboarded before {earliest}: {why}",
            document.locate(("spec", "since")),
            found=str(today),
            expected=f"{earliest} or later",
            related=(Related("the framework that asks for it", Location(asks.path)),) if asks else (),
            hint="call again then; what it holds is kept until the change is merged",
        )
    return None


def step(target: State, today: date) -> tuple[Put, ...]:
    """What the step writes into the tenant's file."""
    day = Put(("spec", "since"), today.isoformat(), after="state")
    return Put(("spec", "state"), str(target)), day


def to_come(tenant: Tenant, records: Iterable[Record]) -> tuple[str, ...]:
    """What may or will happen from now on, a line each, with its day; for a tenant in its new state."""
    name, since = tenant.name, tenant.since
    if since is None:
        return ()
    if tenant.state is State.ACTIVE:
        return ()
    if tenant.state is State.SUSPENDED:
        return (
            f"from {since}: {_word(name, State.ACTIVE)}, which opens its routes again",
            f"from {since}: {_word(name, State.OFFBOARDING)}, which exports, backs up and erases its data",
        )
    lines = []
    gone = since
    if tenant.state is State.OFFBOARDING:
        wait = offboarding_wait(tenant)
        gone = later(since, wait.days)
        why = f"{wait.framework} keeps backups for {wait.days} days" if wait.framework else "its last Jobs run first"
        lines = [
            f"from {since}: Argo CD may delete what the tenant has, after its last export and backup",
            f"from {gone}: {_word(name, State.OFFBOARDED)} ({why})",
            f"that last change removes its namespace and data, and needs an approval: code GRD001, for tenant {name}",
        ]
    kept = [each for each in records if each.tenant.name == name]
    if kept:
        asking = [
            each.name for each in tenant.frameworks if any(d.measure is Measure.IMMUTABLE_AUDIT for d in each.demands)
        ]
        until = later(gone, max(each.retention for each in kept))
        lines.append(f"until {until} at least: its audit record is kept ({', '.join(asking)})")
    return tuple(lines)


def _word(name: str, state: State) -> str:
    """The command that brings a tenant into a state."""
    if state is State.OFFBOARDED:
        return f"tenantry tenant offboard {name} --finish"
    return f"tenantry tenant {_COMMAND[state]} {name}"
