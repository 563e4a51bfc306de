"""What a change does, and what was found of it, in every form that somebody reads."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from generator.cli.session import Session, colored, counted

if TYPE_CHECKING:
    from generator.compare import Impact
    from generator.diagnostics import Diagnostic
    from generator.pipeline.changes import Diffed


def differing(impact: Impact) -> str:
    """`1 object differs`, `2 objects differ`."""
    number = len(impact.changes)
    return f"{counted(number, 'object')} {'differs' if number == 1 else 'differ'}"


def told(
    session: Session,
    diffed: Diffed,
    findings: Sequence[Diagnostic],
    format: str,  # noqa: A002
    *,
    heading: str = "Guards",
    counts: Mapping[str, int] | None = None,
    data: Mapping[str, object] | None = None,
    strict: bool = False,
) -> str:
    """What differs, then the findings, under a heading where the format has any. `counts` and `data` are for JSON,
    `strict` is for formats of findings alone. Where nothing could be compared, the findings alone."""
    impact = diffed.impact
    if format == "html":
        from generator.compare.html import html

        return html(impact, findings, diffed.passed, diffed.base, heading)
    if impact is None:
        return session.reported(findings, format, counts=counts, data=data, strict=strict)
    if format == "markdown":
        from generator.compare.markdown import markdown

        return markdown(impact, findings, diffed.passed, heading)
    if format == "json":
        from generator.compare.structured import structured

        data = {"base": diffed.base, **structured(impact, diffed.passed), **(data or {})}
        return session.reported(findings, format, counts={"changes": len(impact.changes), **(counts or {})}, data=data)
    text_of_findings = session.reported(findings, format, counts=counts, strict=strict)
    if format != "text":
        return text_of_findings
    from generator.compare.text import text

    changes = text(impact, diffed.passed, color=colored(sys.stdout, session.color))
    return changes + ("\n" if findings else "") + text_of_findings
