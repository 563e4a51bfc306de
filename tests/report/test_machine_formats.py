"""SARIF, JUnit and Markdown, whatever the findings say: valid, complete, and nothing in them breaks out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from generator import report
from generator.diagnostics import Code, Diagnostic, Severity, in_order
from generator.markup import COMMENT_LIMIT
from generator.source import Location
from tests.report.test_report import ALL, NOTE, TIER, findings

SCHEMA_MODULE: Final = Path(__file__).parent / "sarif_schema"
several = st.lists(findings, max_size=4)
ODD: Final = "</td>|\n|`x`|\r\n@team #1 <script>alert(1)</script> ![](https://example.com) ]]> & \x00\x1b\u202e\ufffe"
HOSTILE: Final = Diagnostic(
    Code("CHK902", ODD, ODD), Severity.ERROR, ODD, Location(ODD, 3, 2, ODD, 4), ODD, ODD, None, (), ODD
)


@cache
def schema() -> Any:
    """SARIF's official schema, out of a Go package that carries it; None where there is no Go or no network."""
    go = shutil.which("go")
    if go is None:
        return None
    download = ["go", "mod", "download", "-json", "github.com/owenrumney/go-sarif/v3"]
    done = subprocess.run(download, cwd=SCHEMA_MODULE, capture_output=True, check=False, text=True)
    if done.returncode:
        return None
    source = Path(json.loads(done.stdout)["Dir"]) / "pkg/report/v210/sarif/schema.go"
    (text,) = re.findall(r"^const schema = `(.*?)`", source.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    data = json.loads(text)
    assert data["id"].endswith("/sarif-schema-2.1.0.json")
    return jsonschema_rs.validator_for(data, validate_formats=True)


def sarif(several: list[Diagnostic] | tuple[Diagnostic, ...]) -> Any:
    return json.loads(report.write(several, "sarif", counts={"checked": 3}, folder="a b/c", command="tenantry check"))


# SARIF


@given(several)
@example(list(ALL))
@example([HOSTILE])
@example([])
def test_sarif_is_what_its_official_schema_permits(several: list[Diagnostic]) -> None:
    validator = schema()
    if validator is None:
        pytest.skip("SARIF's schema comes in a Go package, and go or the network is missing")
    assert [error.message for error in validator.iter_errors(sarif(several))] == []


def test_the_schema_refuses_what_is_not_sarif() -> None:
    """Guards the test above."""
    validator = schema()
    if validator is None:
        pytest.skip("SARIF's schema comes in a Go package, and go or the network is missing")
    log = sarif(ALL)
    log["runs"][0]["results"][0]["level"] = "fatal"
    log["runs"][0]["tool"]["driver"]["rules"][0]["why"] = ""
    assert len(list(validator.iter_errors(log))) == 2


@given(several)
def test_every_result_has_its_rule_place_and_remedy(several: list[Diagnostic]) -> None:
    (run,) = sarif(several)["runs"]
    rules = run["tool"]["driver"]["rules"]
    expected = in_order(several)
    assert len(run["results"]) == len(expected)
    assert len({json.dumps(rule) for rule in rules}) == len({finding.code for finding in expected})
    for result, finding in zip(run["results"], expected, strict=True):
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] == finding.code.id
        assert finding.code.documentation in rule["help"]["text"]
        assert result["level"] == finding.severity
        said = result["message"]["text"].replace("]\u200b(", "](")
        assert said.startswith(finding.message)
        assert said.endswith(finding.hint)
        physical = result["locations"][0]["physicalLocation"]
        assert ("region" in physical) == bool(finding.location.line)
        assert re.fullmatch(r"a%20b/c/[A-Za-z0-9._~/%-]*", physical["artifactLocation"]["uri"])


def test_a_fingerprint_stays_when_lines_above_come_or_go_and_tells_apart_what_is_alike() -> None:
    def fingerprints(*several: Diagnostic) -> list[str]:
        return [each["partialFingerprints"]["tenantry/v1"] for each in sarif(several)["runs"][0]["results"]]

    lower = replace(TIER, location=replace(TIER.location, line=40))
    other = replace(TIER, message="the tier 'gold' does not exist")
    assert fingerprints(TIER) == fingerprints(lower)
    assert fingerprints(TIER) != fingerprints(other)
    assert len(set(fingerprints(TIER, lower))) == 2


def test_a_value_becomes_no_link_in_a_message() -> None:
    (result,) = sarif([replace(TIER, message="see [here](https://example.com)")])["runs"][0]["results"]
    assert not re.search(r"\[.*\]\(.*\)", result["message"]["text"])


# JUnit


@given(several)
@example([HOSTILE])
def test_junit_is_xml_whose_numbers_are_those_of_its_cases(several: list[Diagnostic]) -> None:
    suites = ET.fromstring(report.write(several, "junit", counts={"checked": 3}).encode())  # noqa: S314 - own output
    (suite,) = suites
    cases = suite.findall("testcase")
    assert [child.tag for child in suite] == ["properties", *["testcase"] * len(cases)]
    assert int(suite.attrib["tests"]) == int(suites.attrib["tests"]) == len(cases) > 0
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    assert {each.attrib["name"]: each.attrib["value"] for each in suite.iterfind("properties/property")}[
        "checked"
    ] == "3"
    assert bool(suite.findall("testcase/failure")) == any(each.severity is Severity.ERROR for each in several)
    told = {child.tag for case in cases for child in case}
    assert told <= {"failure", "system-out"}


def test_junit_fails_warnings_only_when_strict() -> None:
    warning = replace(TIER, severity=Severity.WARNING)
    assert "<failure" not in report.write((warning, NOTE), "junit")
    assert report.write((warning, NOTE), "junit", strict=True).count("<failure") == 1


# Markdown


def rendered(text: str) -> str:
    """As GitHub would show it, but for its mentions and references."""
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


@settings(deadline=None)
@given(several)
@example([HOSTILE])
def test_a_value_stays_in_its_cell_of_the_table(several: list[Diagnostic]) -> None:
    html = rendered(report.write(several, "markdown"))
    assert html.count("<td>") == 4 * len(in_order(several))
    assert set(re.findall(r"<(\w+)", html)) <= {"h2", "p", "table", "thead", "tbody", "tr", "th", "td", "br"}


def test_markdown_is_cut_to_what_a_comment_holds_and_says_so() -> None:
    many = [replace(HOSTILE, location=Location(f"rendered/{number}.yaml", 1, 1, "a")) for number in range(2000)]
    text = report.write(many, "markdown", command="tenantry check")
    assert 60_000 < len(text.encode()) <= COMMENT_LIMIT
    shown = text.count("\n| ❌ |")
    assert text.endswith(f"\n**{2000 - shown} more findings left out here**: `tenantry check` shows them.\n")
