"""The formats in which findings are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator import report
from generator.diagnostics import Code, Diagnostic, Related, Severity, in_order
from generator.source import Location

EXPECTED = Path(__file__).parent / "expected"

TIER = Diagnostic(
    Code("REF901", "Unknown tier", "The tenant would get no quota."),
    Severity.ERROR,
    "the tier 'enterprize' does not exist",
    Location("tenants/acme.yaml", 8, 9, "  tier: enterprize", 10),
    found="enterprize",
    expected="one of enterprise, starter",
    declared=Location("schemas/tenant.schema.json", 12, 5, '    "tier": {', 6),
    related=(Related("tiers are files in this folder", Location("policies/tiers")),),
    hint="did you mean 'enterprise'?",
)
EMPTY = Diagnostic(
    Code("INP901", "Empty file", "Nothing would be rendered, 100% silently."),
    Severity.WARNING,
    "the file is empty",
    Location("regions/a, b: c%.yaml"),
)
NOTE = Diagnostic(
    Code("CHK901", "Unknown kind", "Nobody looks."),
    Severity.NOTE,
    "naïve → 東京",
    Location("rendered/a.yaml", 1, 1, "a: b"),
)
ALL = (TIER, EMPTY, NOTE)

words = st.text(max_size=12)
places = st.builds(Location, words, st.integers(0, 99), st.integers(0, 99), words, st.integers(1, 9))
findings = st.builds(
    Diagnostic,
    st.builds(Code, words, words, words),
    st.sampled_from(Severity),
    words,
    places,
    words,
    words,
    st.none() | places,
    st.lists(st.builds(Related, words, places), max_size=2).map(tuple),
    words,
)


def read(text: str) -> tuple[Diagnostic, ...]:
    """The findings back from their JSON."""

    def finding(data: dict[str, Any]) -> Diagnostic:
        return Diagnostic(
            Code(data["code"], data["title"], data["why"]),
            Severity(data["severity"]),
            data["message"],
            Location(**data["location"]),
            data["found"],
            data["expected"],
            None if data["declared"] is None else Location(**data["declared"]),
            tuple(Related(each["message"], Location(**each["location"])) for each in data["related"]),
            data["hint"],
        )

    return tuple(finding(data) for data in json.loads(text)["findings"])


def parse(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner of GitHub Actions reads it: the command, its properties, its message."""
    head, message = line.removeprefix("::").split("::", 1)
    command, _, written = head.partition(" ")
    properties = dict(pair.split("=", 1) for pair in written.split(","))

    def unescape(value: str, *more: tuple[str, str]) -> str:
        for escaped, meant in (("%0D", "\r"), ("%0A", "\n"), *more, ("%25", "%")):
            value = value.replace(escaped, meant)
        return value

    read = {name: unescape(value, ("%3A", ":"), ("%2C", ",")) for name, value in properties.items()}
    return command, read, unescape(message)


def test_json_has_every_field_and_counts_by_severity(expect: Callable[[Path, str], None]) -> None:
    expect(EXPECTED / "all.json", report.write(ALL, "json", counts={"objects": 7}, data={"files": []}))


def test_sarif_names_rules_places_and_what_is_to_be_done(
    expect: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generator.report.sarif.version", lambda: "9.8.7")
    expect(EXPECTED / "all.sarif", report.write(ALL, "sarif", counts={"objects": 7}, command="tenantry check"))


def test_junit_has_a_case_for_each_code_in_each_file(expect: Callable[[Path, str], None]) -> None:
    again = replace(TIER, location=Location("tenants/acme.yaml", 9, 9, "  tier: enterprize", 10))
    written = report.write((*ALL, again), "junit", counts={"objects": 7}, command="tenantry check")
    expect(EXPECTED / "all.junit.xml", written)


def test_markdown_has_a_row_for_each_finding_the_heaviest_first(expect: Callable[[Path, str], None]) -> None:
    written = report.write((NOTE, EMPTY, TIER), "markdown", counts={"objects": 7}, command="tenantry check")
    expect(EXPECTED / "all.md", written)


def test_json_of_no_findings_is_still_one_object(expect: Callable[[Path, str], None]) -> None:
    expect(EXPECTED / "none.json", report.write((), "json"))


def test_github_names_files_lines_and_titles(expect: Callable[[Path, str], None]) -> None:
    expect(EXPECTED / "all.github", report.write(ALL, "github"))


def test_github_names_files_from_the_top_of_the_repository() -> None:
    line = report.write((EMPTY,), "github", folder="fleets/one")
    assert parse(line)[1]["file"] == "fleets/one/regions/a, b: c%.yaml"


@pytest.mark.parametrize("format_", ["text", "github"])
def test_no_findings_print_nothing(format_: str) -> None:
    assert report.write((), format_) == ""


@pytest.mark.parametrize("format_", report.FORMATS)
def test_the_order_of_the_findings_does_not_matter_nor_do_repetitions(format_: str) -> None:
    assert report.write(ALL, format_) == report.write((*reversed(ALL), TIER), format_)


def test_an_unknown_format_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no report format 'xml'"):
        report.write(ALL, "xml")


@given(st.lists(findings, max_size=4))
def test_json_reads_back_as_the_same_findings(several: list[Diagnostic]) -> None:
    assert read(report.write(several, "json")) == in_order(several)


@given(findings)
def test_a_finding_is_one_workflow_command_whatever_it_says(finding: Diagnostic) -> None:
    written = report.write((finding,), "github")
    assert written.endswith("\n")
    assert "\n" not in written[:-1]
    assert "\r" not in written
    command, properties, message = parse(written[:-1])
    assert command in ("error", "warning", "notice")
    assert properties["file"] == finding.location.path
    assert properties["title"] == f"{finding.code.id} {finding.code.title}"
    assert properties.get("line", "0") == str(finding.location.line)
    assert message.startswith(finding.message)
    assert message.endswith(finding.hint)
