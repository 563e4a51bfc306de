"""Findings as workflow commands of GitHub Actions, which shows them as annotations on the pull request's files.

The form is `::error file=…,line=…,col=…,title=…::message`; the runner reads `%25`, `%0D`, `%0A` back everywhere and
`%3A`, `%2C` in properties (GitHub's "Workflow commands" and the runner's ActionCommand).
"""

from __future__ import annotations

from typing import Final

from generator.diagnostics import Diagnostic, Severity
from generator.report.content import Report, told

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_MESSAGE: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def write(report: Report) -> str:
    """One workflow command a line; "" for no findings. Annotations name files from the repository's top."""
    return "".join(f"{_command(finding, report)}\n" for finding in report.findings)


def _command(diagnostic: Diagnostic, report: Report) -> str:
    place = diagnostic.location
    properties = {"file": report.path(place.path)}
    if place.line:
        properties |= {"line": str(place.line), "col": str(place.column)}
    properties["title"] = f"{diagnostic.code.id} {diagnostic.code.title}"
    written = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items())
    message = "\n".join(told(diagnostic)).translate(_MESSAGE)
    return f"::{_COMMANDS[diagnostic.severity]} {written}::{message}"
