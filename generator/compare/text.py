"""An impact for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from generator.compare.approving import Passed
from generator.compare.changes import Kind
from generator.compare.groups import Group, groups
from generator.compare.impact import Impact
from generator.compare.overview import overview
from generator.markup import visible

LIMIT: Final = 300
"""The most characters of a line: values may be of any length."""
_COLORS: Final = {Kind.REMOVED: "31", Kind.MOVED: "36", Kind.CHANGED: "33", Kind.ADDED: "32"}
_BOLD: Final = "1"


def text(impact: Impact, passed: Iterable[Passed], *, color: bool = False) -> str:
    """How far the change reaches, what it does, and what approvals let through; ends with a line break."""
    return "".join(f"{line}\n" for line in _lines(impact, tuple(passed), color))


def clipped(line: str) -> str:
    """One line of printable characters, cut to length."""
    shown = visible(line)
    return shown if len(shown) <= LIMIT else f"{shown[:LIMIT]}…"


def block(group: Group) -> Iterator[str]:
    """A group as lines: its heading, its fields, its meanings."""
    yield clipped(group.heading)
    yield from (clipped(f"    {line}") for line in group.lines)
    yield from (clipped(f"    = {meaning}") for meaning in group.meanings)


def _lines(impact: Impact, passed: tuple[Passed, ...], color: bool) -> Iterator[str]:
    def paint(content: str, style: str) -> str:
        return f"\x1b[{style}m{content}\x1b[0m" if color else content

    for name, content in overview(impact):
        yield f"{paint(name.ljust(9), _BOLD)}  {clipped(content)}"
    for group in groups(impact.changes):
        yield ""
        heading, *rest = block(group)
        yield paint(heading, _COLORS[group.kind])
        yield from rest
    if passed:
        yield ""
    for each in passed:
        yield f"{paint('approved', _BOLD)} {clipped(permitted(each))}"


def permitted(passed: Passed) -> str:
    """What was let through, by whom, until when and why."""
    finding, approval = passed.finding, passed.approval
    return f"[{finding.code.id}] {finding.message}: by {approval.approved_by} until {approval.until}: {approval.reason}"
