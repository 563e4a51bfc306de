"""Findings in every form that somebody reads: one format a file, each with a function `write` of one `Report`.

A new format is a new file here and its line in `FORMATS`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Final

from generator.diagnostics import Diagnostic, in_order
from generator.report.content import Report

FORMATS: Final[Mapping[str, str]] = {
    "text": "generator.report.text",
    "json": "generator.report.structured",
    "sarif": "generator.report.sarif",
    "github": "generator.report.github",
    "junit": "generator.report.junit",
    "markdown": "generator.report.markdown",
}
"""What `write` takes as its format, and the module that writes it."""


def write(
    diagnostics: Iterable[Diagnostic],
    format: str,  # noqa: A002
    *,
    color: bool = False,
    counts: Mapping[str, int] | None = None,
    data: Mapping[str, object] | None = None,
    folder: str = "",
    command: str = "tenantry",
    strict: bool = False,
) -> str:
    """The findings in one of `FORMATS`, sorted by place. Text and github are "" when there is nothing to print.

    See `generator.report.content.Report` for the rest. Raises ValueError for another format.
    """
    if format not in FORMATS:
        raise ValueError(f"no report format '{format}'")
    report = Report(
        findings=in_order(diagnostics),
        command=command,
        counts=counts or {},
        data=data or {},
        folder=folder,
        color=color,
        strict=strict,
    )
    text: str = importlib.import_module(FORMATS[format]).write(report)
    return text
