"""Findings as JUnit's XML, which most CI systems show as test results.

There is no standard; what is written here is what Jenkins' schema permits and GitLab reads: a test suite for the
command, a test case for each code in each file, and a failure in those that fail the run. Warnings that do not are
cases that pass, with what they say as their output. When nothing was found, one case says so, for a suite without a
case is taken for a run that never happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from generator.diagnostics import Diagnostic
from generator.report.content import Report, told

_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even as a reference."""


def write(report: Report) -> str:
    """One XML document with a line break at its end. The command's numbers are the suite's properties."""
    cases: dict[tuple[str, str], list[Diagnostic]] = {}
    for finding in report.findings:
        cases.setdefault((report.path(finding.location.path), finding.code.id), []).append(finding)
    failures = sum(any(map(report.fails, found)) for found in cases.values())
    numbers = {"tests": str(max(1, len(cases))), "failures": str(failures), "errors": "0", "skipped": "0"}
    root = Element("testsuites", {"name": _text(report.command), **numbers})
    suite = SubElement(root, "testsuite", {"name": _text(report.command), **numbers})
    properties = SubElement(suite, "properties")
    for name, number in report.summary.items():
        SubElement(properties, "property", {"name": name, "value": str(number)})
    for (path, _), found in cases.items():
        _case(suite, path, found, report)
    if not cases:
        SubElement(suite, "testcase", {"name": "nothing was found", "classname": _text(report.command), "time": "0"})
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _case(suite: Element, path: str, found: list[Diagnostic], report: Report) -> None:
    """One code in one file."""
    code = found[0].code
    name = _text(f"{code.id} {code.title}")
    case = SubElement(suite, "testcase", {"name": _text(path), "classname": name, "file": _text(path), "time": "0"})
    failing = [finding for finding in found if report.fails(finding)]
    others = [finding for finding in found if not report.fails(finding)]
    if failing:
        more = f" (and {len(failing) - 1} more)" if len(failing) > 1 else ""
        message = _text(failing[0].message + more)
        SubElement(case, "failure", {"message": message, "type": str(failing[0].severity)}).text = _said(
            failing, report
        )
    if others:
        SubElement(case, "system-out").text = _said(others, report)


def _said(findings: Iterable[Diagnostic], report: Report) -> str:
    return _text("\n\n".join("\n".join(_lines(finding, report)) for finding in findings))


def _lines(finding: Diagnostic, report: Report) -> Iterable[str]:
    place = finding.location
    where = f"{report.path(place.path)}:{place.line}:{place.column}" if place.line else report.path(place.path)
    first, *rest = told(finding)
    return (f"{where}: {finding.severity}: {first}", *rest, f"documentation: {finding.code.documentation}")


def _text(content: str) -> str:
    r"""What XML can hold; the rest by its number, as `\x00`."""
    return _FORBIDDEN.sub(lambda match: match[0].encode("unicode_escape", "surrogatepass").decode("ascii"), content)
