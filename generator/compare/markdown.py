"""An impact as a comment on a pull request: never longer than GitHub takes, and honest about what it leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from generator.compare.approving import Passed
from generator.compare.changes import visible
from generator.compare.groups import Group, groups
from generator.compare.impact import Impact
from generator.compare.overview import overview
from generator.compare.text import block, permitted
from generator.diagnostics import Diagnostic, Severity

LIMIT: Final = 65_536
"""What a comment on GitHub may hold. Counted here in bytes of UTF-8, of which there are never fewer than characters."""
_SPARE: Final = 200
"""Kept for the sentence that says what was left out."""
_FINDINGS: Final = 30_000
"""The most that findings take, so that the changes are seen as well."""
_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>()#+!|~@&-])")


def markdown(impact: Impact, findings: Sequence[Diagnostic], passed: Iterable[Passed]) -> str:
    """The summary first, then what guards found, then the changes as far as there is room."""
    parts = ["## What this changes\n\n| | |\n| --- | --- |\n"]
    parts += [f"| {name} | {_plain(content)} |\n" for name, content in overview(impact)]
    parts.append("\n")
    judged = [*(_finding(each) for each in findings), *(f"- approved: {_plain(permitted(each))}\n" for each in passed)]
    if judged:
        parts.append("### Guards\n\n")
        parts += _fitting(judged, _FINDINGS - _SPARE, "finding")
        parts.append("\n")
    if impact.changes:
        parts.append("### Changes\n\n")
        room = LIMIT - _size("".join(parts)) - _SPARE
        parts += _fitting(
            [_block(group) for group in groups(impact.changes)], room, "kind of change", "kinds of change"
        )
    return "".join(parts)


def _finding(diagnostic: Diagnostic) -> str:
    sign = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.NOTE: "ℹ️"}[diagnostic.severity]
    words = [f"- {sign} **{diagnostic.code.id}** {_plain(diagnostic.message)} ({_plain(str(diagnostic.location))})"]
    words += [
        f"{name} {_plain(value)}" for name, value in (("found", diagnostic.found), ("hint:", diagnostic.hint)) if value
    ]
    return "; ".join(words) + "\n"


def _block(group: Group) -> str:
    """A code block, in which nothing is markup; its fence is longer than any within."""
    body = "\n".join(block(group))
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", body)), 3)
    return f"{fence}diff\n{body}\n{fence}\n"


def _fitting(pieces: Sequence[str], room: int, noun: str, plural: str = "") -> list[str]:
    """As many pieces from the front as there is room for, and the number of the others."""
    kept: list[str] = []
    for piece in pieces:
        room -= _size(piece)
        if room < 0:
            left = len(pieces) - len(kept)
            what = noun if left == 1 else plural or f"{noun}s"
            kept.append(f"\n**{left} more {what} left out here**: `tenantry diff` shows them.\n")
            break
        kept.append(piece)
    return kept


def _plain(content: str) -> str:
    """Text in which nothing is markup, mentions nobody and links nowhere."""
    return _MARKS.sub(r"\\\1", visible(content)).replace("\\@", "@\u200b").replace("://", ":\u200b//")


def _size(content: str) -> int:
    return len(content.encode())
