"""Findings as text for people, as JSON for programs and as annotations for a pull request: one format a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from generator.diagnostics import Diagnostic, in_order

FORMATS: Final = ("text", "json", "github")
"""What `write` takes as its format."""


def write(
    diagnostics: Iterable[Diagnostic],
    format: str,  # noqa: A002
    *,
    color: bool = False,
    counts: Mapping[str, int] | None = None,
    data: Mapping[str, object] | None = None,
    folder: str = "",
) -> str:
    """The findings in one of `FORMATS`, sorted by place; "" when there is nothing to print.

    `color` is for text alone. `counts` are added to the summary and `data` to the top level of JSON (see
    `generator.report.structured`). `folder` is the fleet's folder within the repository that GitHub has checked out
    ("" where they are the same). Raises ValueError for another format.
    """
    found = in_order(diagnostics)
    match format:
        case "text":
            from generator.report.text import text

            return text(found, color=color)
        case "json":
            from generator.report.structured import structured

            return structured(found, counts or {}, data or {})
        case "github":
            from generator.report.github import github

            return github(found, folder)
        case _:
            raise ValueError(f"no report format '{format}'")
