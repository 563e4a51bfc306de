"""docs/README.md names every page."""

from __future__ import annotations

import re

from tests.conftest import REPOSITORY

FOLDER = REPOSITORY / "docs"


def test_every_page_is_named_once_in_the_order_of_the_names() -> None:
    listed = re.findall(
        r"^\| \[(.+)\]\((.+)\) \| .+ \|$", (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    pages = sorted(page.name for page in FOLDER.glob("*.md") if page.name != "README.md")
    assert listed == [(page, page) for page in pages]
