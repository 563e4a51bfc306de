"""Codes are unique, belong to a family, and are documented."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from generator.pipeline.codes import codes
from tests.conftest import REPOSITORY
from tests.docs.codes import FAMILIES, page


def test_no_number_is_used_twice() -> None:
    meanings = defaultdict(set)
    for _, code in codes():
        meanings[code.id].add(code)
    assert {number: found for number, found in meanings.items() if len(found) > 1} == {}


def test_every_code_belongs_to_a_family() -> None:
    assert [code.id for _, code in codes() if not re.fullmatch(rf"({'|'.join(FAMILIES)})[0-9]{{3}}", code.id)] == []


def test_the_page_is_not_stale(expect: Callable[[Path, str], None]) -> None:
    known = list(dict.fromkeys(code for _, code in codes()))
    assert known
    expect(REPOSITORY / "docs" / "codes.md", page(known))


def test_every_code_names_its_section_of_the_page() -> None:
    headings = re.findall(r"^### (.*)$", (REPOSITORY / "docs" / "codes.md").read_text(encoding="utf-8"), re.MULTILINE)
    sections = {f"docs/codes.md#{heading.lower()}" for heading in headings}
    assert {code.documentation for _, code in codes()} == sections
