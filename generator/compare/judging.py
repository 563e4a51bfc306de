"""Two sides and the rules → how far the change reaches, and what the guards say of it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from generator.compare.approving import Passed, approve
from generator.compare.cases import Case
from generator.compare.changes import Side
from generator.compare.comparing import compare
from generator.compare.guarding import findings
from generator.compare.impact import Impact, impact
from generator.compare.refusals import refusals
from generator.compare.releases import skips
from generator.compare.sides import cannot_read
from generator.compare.steps import steps
from generator.diagnostics import Diagnostic, in_order
from generator.model.document import Document
from generator.model.guards import Approval, Guards


class Rules(Struct, frozen=True):
    """What a change is judged by.

    `guards` are None where there are none. `documents` are the inputs after the change, and `changed` the paths of
    those inputs and own templates that differ: places to point to. `start` and `end` are when the change takes place,
    in UTC.
    """

    guards: Guards | None
    approvals: tuple[Approval, ...]
    documents: tuple[Document, ...]
    changed: frozenset[str]
    start: datetime
    end: datetime


def judge(
    before: Side, after: Side, rules: Rules, bundles: tuple[int, int] | None = None
) -> tuple[Impact, tuple[Diagnostic, ...], tuple[Passed, ...]]:
    """The impact of a change; what the guards found, less what approvals let through; and that.

    `bundles` are how many bundles differ and how many there are, when the sides hold only what can differ: nobody has
    counted the objects of the others then.
    """
    compared = compare(before, after)
    case = Case(
        changes=compared.changes,
        before=before,
        after=after,
        guards=rules.guards,
        documents=rules.documents,
        changed=rules.changed,
        start=rules.start,
        end=rules.end,
    )
    left, passed = approve([*findings(case), *refusals(case), *steps(case), *skips(case)], rules.approvals, rules.end)
    return impact(compared, before, after, bundles), in_order([*left, *cannot_read(compared.unread)]), passed
