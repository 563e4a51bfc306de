"""Findings as one JSON object, for programs that read them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from generator.diagnostics import Diagnostic, Severity
from generator.source import Location

VERSION: Final = 1
"""Raised when a field is renamed, removed or changes its meaning; new fields do not raise it."""


def structured(findings: Sequence[Diagnostic], counts: Mapping[str, int], data: Mapping[str, object]) -> str:
    """One JSON object on several lines, with a line break at its end.

    - `version`: 1.
    - `findings`: the findings in the order given, each with every field of a `Diagnostic`: `code`, `title` and `why`
      (of its `Code`), `severity` (`error`, `warning` or `note`), `message`, `location`, `found`, `expected`,
      `declared` (a location or null), `related` (objects of `message` and `location`) and `hint`. A phrase that does
      not apply is "". A location has `path` (relative to the fleet's folder), `line` and `column` (from 1; line 0 is
      the file as a whole), `text` (the source line) and `width` (characters from `column` that are meant).
    - `summary`: the numbers of `errors`, `warnings` and `notes`, and the command's own `counts`.
    - the command's own `data`, key by key.
    """
    severities = Counter(finding.severity for finding in findings)
    summary = {f"{severity}s": severities[severity] for severity in Severity}
    report = {
        "version": VERSION,
        "findings": [_finding(finding) for finding in findings],
        "summary": {**summary, **counts},
        **data,
    }
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def _finding(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code.id,
        "title": diagnostic.code.title,
        "why": diagnostic.code.why,
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
