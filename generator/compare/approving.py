"""Findings × approvals → what is left: an approval lets through what it names until its last day, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from generator.compare.cases import Finding
from generator.compare.condensing import condensed
from generator.diagnostics import Code, Diagnostic, Related, Severity, in_order
from generator.model.guards import Approval

UNUSED: Final = Code(
    "GRD008",
    "an approval that lets nothing through",
    "It waits for the next change that happens to do what it names, which nobody will have reviewed.",
)
EXPIRED: Final = Code(
    "GRD009", "an approval that has expired", "It lets nothing through and hides that from its reader."
)


class Passed(Struct, frozen=True):
    """A finding that an approval lets through."""

    finding: Diagnostic
    approval: Approval


def approve(
    findings: Iterable[Finding], approvals: Iterable[Approval], now: datetime
) -> tuple[tuple[Diagnostic, ...], tuple[Passed, ...]]:
    """What the approvals leave, with a warning for each that is unused or expired; and what they let through.

    `now` is the last moment at which the change may take place, in UTC.
    """
    left: list[Finding] = []
    passed: list[Passed] = []
    used: set[Approval] = set()
    approvals = tuple(approvals)
    for finding in findings:
        fitting = [each for each in approvals if _fits(each, finding)]
        valid = [each for each in fitting if each.holds(now.date())]
        if valid:
            used.update(valid)
            passed.append(Passed(finding.diagnostic, valid[0]))
        else:
            related = tuple(map(_expired_here, fitting))
            left.append(replace(finding, diagnostic=replace(finding.diagnostic, related=related)))
    warnings = [_unused(each, now) for each in approvals if each not in used]
    return in_order([*condensed(left), *warnings]), tuple(passed)


def _fits(approval: Approval, finding: Finding) -> bool:
    return approval.code == finding.diagnostic.code.id and approval.subject in finding.subjects


def _expired_here(approval: Approval) -> Related:
    return Related(f"this approval held until {approval.until}", approval.location)


def _unused(approval: Approval, now: datetime) -> Diagnostic:
    if not approval.holds(now.date()):
        return Diagnostic(
            EXPIRED,
            Severity.WARNING,
            f"approval {approval.name} has expired",
            approval.location,
            found=f"until {approval.until}",
            hint="remove the file, or have it reviewed again with a new date",
        )
    return Diagnostic(
        UNUSED,
        Severity.WARNING,
        f"approval {approval.name} lets nothing through",
        approval.location,
        found=f"{approval.code} for {' '.join(part for part in approval.subject if part)}",
        hint="remove the file, or name what the change does",
    )
