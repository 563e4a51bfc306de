"""Findings as SARIF 2.1.0 (OASIS standard, errata 01), which code scanning services and editors read.

Files are named from the top of the repository (`%SRCROOT%`, the base that such services fill in). The standard wants
`helpUri` to be an absolute URI; the documentation is a file of the project, so a rule names it in its help instead.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote

from generator.diagnostics import Code, Diagnostic, Severity
from generator.installed import version
from generator.markup import markdown
from generator.report.content import Report, sentence, told
from generator.source import Location

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT: Final = "tenantry/v1"
"""The name of the fingerprint; counts up when it is made from something else."""
_BASE: Final = "%SRCROOT%"


def write(report: Report) -> str:
    """One SARIF log of one run, with a line break at its end. The command's numbers are `properties.summary`."""
    codes = _codes(report.findings)
    places = {code: index for index, code in enumerate(codes)}
    driver = {
        "name": "tenantry",
        "semanticVersion": version(),
        "rules": [_rule(code, severity) for code, severity in codes.items()],
    }
    fingerprints = _fingerprints(report)
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "originalUriBaseIds": {_BASE: {"description": {"text": "The top of the repository that holds the fleet."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, places[finding.code], next(fingerprints), report) for finding in report.findings],
        "properties": {"command": report.command, "summary": report.summary},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _codes(findings: Sequence[Diagnostic]) -> dict[Code, Severity]:
    """The codes that occur, by their ids, each with the heaviest severity that it has here."""
    weights = list(Severity)
    found: dict[Code, Severity] = {}
    for finding in findings:
        known = found.setdefault(finding.code, finding.severity)
        found[finding.code] = min(known, finding.severity, key=weights.index)
    return dict(sorted(found.items(), key=lambda item: (item[0].id, item[0].title, item[0].why)))


def _rule(code: Code, severity: Severity) -> dict[str, Any]:
    title, why = sentence(code.title), sentence(code.why)
    return {
        "id": code.id,
        "name": "".join(f"{word[:1].upper()}{word[1:]}" for word in re.findall(r"[^\W_]+", code.title)) or code.id,
        "shortDescription": {"text": title},
        "fullDescription": {"text": why},
        "help": {
            "text": f"{title} {why} See {code.documentation}.",
            "markdown": f"**{markdown(title)}** {markdown(why)} See `{code.documentation}`.",
        },
        "defaultConfiguration": {"level": severity.value},
        "properties": {"documentation": code.documentation},
    }


def _result(finding: Diagnostic, rule: int, fingerprint: str, report: Report) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code.id,
        "ruleIndex": rule,
        "level": finding.severity.value,
        "message": _message("\n".join(told(finding))),
        "locations": [{"physicalLocation": _physical(finding.location, report)}],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }
    seen = [(related.message, related.location) for related in finding.related]
    if finding.declared is not None:
        seen.append(("this demands what is expected", finding.declared))
    if seen:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _physical(location, report), "message": _message(message)}
            for number, (message, location) in enumerate(seen, start=1)
        ]
    return result


def _message(text: str) -> dict[str, str]:
    """A message. Viewers make a link of `[text](target)`, which no value of a file may become."""
    return {"text": text.replace("](", "]\u200b(")}


def _physical(place: Location, report: Report) -> dict[str, Any]:
    """A place; line 0 is the file as a whole, which has no region."""
    uri = quote(report.path(place.path), safe="/", errors="surrogatepass")
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": _BASE}}
    if place.line:
        column = max(1, place.column)
        physical["region"] = {"startLine": place.line, "startColumn": column, "endColumn": column + place.width}
        if place.text:
            physical["region"]["snippet"] = {"text": place.text[column - 1 : column - 1 + place.width]}
            physical["contextRegion"] = {"startLine": place.line, "snippet": {"text": place.text}}
    return physical


def _fingerprints(report: Report) -> Iterator[str]:
    """What is the same as long as a finding is: its code, file and message, and its number among those that are alike.

    Lines are left out, so that a finding is known again when something above it comes or goes.
    """
    seen: Counter[str] = Counter()
    for finding in report.findings:
        identity = json.dumps([finding.code.id, report.path(finding.location.path), finding.message])
        digest = hashlib.sha256(identity.encode()).hexdigest()
        seen[digest] += 1
        yield f"{digest}:{seen[digest]}"
