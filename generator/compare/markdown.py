"""An impact as a comment on a pull request: never longer than GitHub takes, and honest about what it leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from generator.compare.approving import Passed
from generator.compare.groups import Group, groups
from generator.compare.impact import Impact
from generator.compare.overview import overview
from generator.compare.text import block, permitted
from generator.diagnostics import Diagnostic, Severity
from generator.markup import COMMENT_LIMIT, fitting, size
from generator.markup import markdown as plain

_SPARE: Final = 200
"""Kept for the sentence that says what was left out."""
_COMMAND: Final = "tenantry diff --format html"
_FINDINGS: Final = 30_000
"""The most that findings take, so that the changes are seen as well."""


def markdown(impact: Impact, findings: Sequence[Diagnostic], passed: Iterable[Passed], heading: str = "Guards") -> str:
    """The summary first, then what was found, by guards for one, then the changes as far as there is room."""
    parts = ["## What this changes\n\n| | |\n| --- | --- |\n"]
    parts += [f"| {name} | {plain(content)} |\n" for name, content in overview(impact)]
    parts.append("\n")
    judged = [*(_finding(each) for each in findings), *(f"- approved: {plain(permitted(each))}\n" for each in passed)]
    if judged:
        parts.append(f"### {heading}\n\n")
        parts += fitting(judged, _FINDINGS - _SPARE, "finding", "findings", _COMMAND)
        parts.append("\n")
    if impact.changes:
        parts.append("### Changes\n\n")
        room = COMMENT_LIMIT - size("".join(parts)) - _SPARE
        blocks = [_block(group) for group in groups(impact.changes)]
        parts += fitting(blocks, room, "kind of change", "kinds of change", _COMMAND)
    return "".join(parts)


def _finding(diagnostic: Diagnostic) -> str:
    sign = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.NOTE: "ℹ️"}[diagnostic.severity]
    words = [f"- {sign} **{diagnostic.code.id}** {plain(diagnostic.message)} ({plain(str(diagnostic.location))})"]
    words += [
        f"{name} {plain(value)}" for name, value in (("found", diagnostic.found), ("hint:", diagnostic.hint)) if value
    ]
    return "; ".join(words) + "\n"


def _block(group: Group) -> str:
    """A code block, in which nothing is markup; its fence is longer than any within."""
    body = "\n".join(block(group))
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", body)), 3)
    return f"{fence}diff\n{body}\n{fence}\n"
