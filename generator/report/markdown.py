"""Findings as a comment on a pull request: never longer than GitHub takes, and honest about what it leaves out."""

from __future__ import annotations

from typing import Final

from generator.diagnostics import Diagnostic, Severity
from generator.markup import COMMENT_LIMIT, fitting, markdown, size
from generator.report.content import Report

_SIGNS: Final = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.NOTE: "ℹ️"}
_SPARE: Final = 300
"""Kept for the sentence that says what was left out."""
_LONGEST: Final = 500
"""The most characters of one value of a finding: names and values from a file may be of any length."""


def write(report: Report) -> str:
    """The summary first, then a table of the findings as far as there is room, errors before warnings and notes."""
    head = f"## {report.command}\n\n{_summary(report)}\n"
    if not report.findings:
        return f"{head}\nNothing was found.\n"
    head += "\n| | code | where | what |\n| --- | --- | --- | --- |\n"
    order = list(Severity)
    rows = [_row(each) for each in sorted(report.findings, key=lambda finding: order.index(finding.severity))]
    room = COMMENT_LIMIT - size(head) - _SPARE
    return head + "".join(fitting(rows, room, "finding", "findings", report.command))


def _summary(report: Report) -> str:
    return ", ".join(f"{number} {_noun(name, number)}" for name, number in report.summary.items())


def _noun(name: str, number: int) -> str:
    """A count's name as a word: the names are plurals, or participles that have none."""
    if number != 1:
        return name
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")


def _row(finding: Diagnostic) -> str:
    parts = [_plain(finding.message)]
    named = (("found", finding.found), ("expected", finding.expected), ("hint", finding.hint))
    parts += [f"{name}: {_plain(value)}" for name, value in named if value]
    parts += [f"{_plain(str(related.location))}: {_plain(related.message)}" for related in finding.related]
    where = _plain(str(finding.location))
    return f"| {_SIGNS[finding.severity]} | {_plain(finding.code.id)} | {where} | {'<br>'.join(parts)} |\n"


def _plain(content: str) -> str:
    return markdown(content if len(content) <= _LONGEST else f"{content[:_LONGEST]}…")
