"""The page of `tenantry diff --format html`: complete, self-contained, and no value breaks out of its place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.compare import Passed
from generator.compare.capacity import Demand
from generator.compare.changes import ABSENT, Change, FieldChange, Item, Key, Kind, Thing
from generator.compare.html import html
from generator.compare.impact import Impact, Reach
from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.model.guards import Approval
from generator.source import Location
from tests.compare.conftest import diff, edit

CASES: Final = Path(__file__).parent / "cases"
SHOWN: Final = ("an_approval_lets_through_what_it_names_and_nothing_else", "the_cpu_of_a_tier_is_raised")
ODD: Final = "</td></table><script>alert(1)</script>\"' onload=x & &lt; <!-- ]]> \x00\u202e\n`"
NONE: Final = Demand((Decimal(0), Decimal(0)), (Decimal(0), Decimal(0)), (0, 0))


class Page(HTMLParser):
    """The tags with their attributes, in order, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))
        if tag not in ("meta", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def page(word: str) -> str:
    """A page in which everything that comes from a file is one word."""
    thing = Thing(Key(word, word, word, word, word), word, f"{word}/tenants/{word}/a.yaml", (word,), word, {word: word})
    moved = Thing(Key(word, word, word, word, "other"), word, "a/b.yaml", (word,), word, {word: word})
    fields = (FieldChange((word, 0, Item(word)), word, {word: [word]}), FieldChange((word,), ABSENT, word))
    code = Code("GRD901", word, word)
    finding = Diagnostic(
        code, Severity.ERROR, word, Location(word, 1, 1, word), word, word, None, (Related(word, Location(word)),), word
    )
    approval = Approval(
        name=word,
        code=word,
        subject=(word,),
        approved_by=word,
        until=date(2026, 1, 1),
        reason=word,
        location=Location(word),
    )
    changes = (
        Change(Kind.REMOVED, thing, None),
        Change(Kind.MOVED, moved, thing),
        Change(Kind.CHANGED, thing, thing, fields),
        Change(Kind.ADDED, None, thing),
    )
    reach = Reach((word,), 1)
    counts = dict.fromkeys(Kind, 1)
    impact = Impact(changes, reach, reach, reach, counts, 0, 0, (NONE, NONE))
    return html(impact, [finding], [Passed(finding, approval)], word)


PLAIN: Final = Page(page("word")).tags


@settings(deadline=None, max_examples=200)
@given(st.text(min_size=1, max_size=30))
@example(ODD)
@example("<b")
@example("&")
@example("\ud800")
def test_no_value_breaks_out_of_its_place(word: str) -> None:
    assert Page(page(word)).tags == PLAIN


@pytest.mark.parametrize("case", SHOWN)
def test_the_page_of_a_case(case: str, fleet: Path, expect: Callable[[Path, str], None]) -> None:
    edit(fleet, CASES / case)
    expect(CASES / case / "expected.html", diff("HEAD", "--format", "html").stdout)


def test_the_page_says_what_json_says(fleet: Path) -> None:
    edit(fleet, CASES / "a_tenant_is_renamed")
    report = json.loads(diff("HEAD", "--format", "json").stdout)
    said = "".join(Page(diff("HEAD", "--format", "html").stdout).text)
    for change in report["changes"]:
        for side in filter(None, (change["before"], change["after"])):
            assert side["name"] in said
            assert side["cluster"] in said
        assert ", ".join(change["inputs"]) in said
        assert all(field["pointer"] in said for field in change["fields"])
        assert all(meaning["text"] in said for meaning in change["meanings"])
    assert all(finding["message"] in said for finding in report["findings"])
    assert said.count(" on ") >= len(report["changes"]) > 10
    touched: Any = report["reach"]["tenants"]["touched"]
    assert all(name in said for name in touched)


def test_nothing_is_loaded_from_elsewhere_and_only_the_pages_own_script_may_run() -> None:
    text = page("word")
    attributes = [dict(each) for _, each in PLAIN]
    (policy,) = (each["content"] for each in attributes if each.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    names = {name for each in attributes for name in each}
    assert names.isdisjoint({"src", "href", "style", "onclick", "onload"})
    assert not re.search("url\\(|@import|https?:", text)
