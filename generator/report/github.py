"""Findings as workflow commands of GitHub Actions, which shows them as annotations on the pull request's files.

The form is `::error file=…,line=…,col=…,title=…::message`; the runner reads `%25`, `%0D`, `%0A` back everywhere and
`%3A`, `%2C` in properties (GitHub's "Workflow commands" and the runner's ActionCommand).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from generator.diagnostics import Diagnostic, Severity

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_MESSAGE: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def github(findings: Iterable[Diagnostic], folder: str = "") -> str:
    """One workflow command a line; "" for no findings.

    `folder` is the fleet's folder within the checked-out repository (forward slashes, "" for its top): annotations
    name files from the repository's top.
    """
    return "".join(f"{_command(finding, folder)}\n" for finding in findings)


def _command(diagnostic: Diagnostic, folder: str) -> str:
    place = diagnostic.location
    properties = {"file": f"{folder}/{place.path}" if folder else place.path}
    if place.line:
        properties |= {"line": str(place.line), "col": str(place.column)}
    properties["title"] = f"{diagnostic.code.id} {diagnostic.code.title}"
    written = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items())
    message = "\n".join(_lines(diagnostic)).translate(_MESSAGE)
    return f"::{_COMMANDS[diagnostic.severity]} {written}::{message}"


def _lines(diagnostic: Diagnostic) -> Iterator[str]:
    yield diagnostic.message
    if diagnostic.found:
        yield f"found: {diagnostic.found}"
    if diagnostic.expected:
        yield f"expected: {diagnostic.expected}" + (f" (by {diagnostic.declared})" if diagnostic.declared else "")
    for related in diagnostic.related:
        yield f"{related.location}: {related.message}"
    if diagnostic.hint:
        yield f"hint: {diagnostic.hint}"
