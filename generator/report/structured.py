"""Findings as one JSON object, for programs that read them."""

from __future__ import annotations

import json
from typing import Any, Final

from generator.diagnostics import Diagnostic
from generator.report.content import Report
from generator.source import Location

VERSION: Final = 1
"""Raised when a field is renamed, removed or changes its meaning; new fields do not raise it."""


def write(report: Report) -> str:
    """One JSON object on several lines, with a line break at its end.

    - `version`: 1.
    - `findings`: the findings in the order given, each with every field of a `Diagnostic`: `code`, `title`, `why` and
      `documentation` (of its `Code`), `severity` (`error`, `warning` or `note`), `message`, `location`, `found`,
      `expected`, `declared` (a location or null), `related` (objects of `message` and `location`) and `hint`. A phrase
      that does not apply is "". A location has `path` (relative to the fleet's folder), `line` and `column` (from 1;
      line 0 is the file as a whole), `text` (the source line) and `width` (characters from `column` that are meant).
    - `summary`: the numbers of `errors`, `warnings` and `notes`, and the command's own `counts`.
    - the command's own `data`, key by key.
    """
    written = {
        "version": VERSION,
        "findings": [_finding(finding) for finding in report.findings],
        "summary": report.summary,
        **report.data,
    }
    return json.dumps(written, ensure_ascii=False, indent=2) + "\n"


def _finding(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code.id,
        "title": diagnostic.code.title,
        "why": diagnostic.code.why,
        "documentation": diagnostic.code.documentation,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "location": _location(diagnostic.location),
        "found": diagnostic.found,
        "expected": diagnostic.expected,
        "declared": None if diagnostic.declared is None else _location(diagnostic.declared),
        "related": [
            {"message": related.message, "location": _location(related.location)} for related in diagnostic.related
        ],
        "hint": diagnostic.hint,
    }


def _location(location: Location) -> dict[str, Any]:
    return {
        "path": location.path,
        "line": location.line,
        "column": location.column,
        "text": location.text,
        "width": location.width,
    }
