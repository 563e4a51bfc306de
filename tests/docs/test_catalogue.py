"""docs/catalogue.md is what the templates and the example fleet say now, and leaves no section of the seeds out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from generator.pipeline import output
from tests.conftest import REPOSITORY
from tests.docs.catalogue import catalogue, sections, templates_of


def test_the_catalogue_is_not_stale(expect: Callable[[Path, str], None]) -> None:
    tree = output.render(REPOSITORY, jobs=1).tree
    assert tree is not None
    expect(REPOSITORY / "docs" / "catalogue.md", catalogue(tree, templates_of(REPOSITORY), sections(REPOSITORY)))


def test_every_section_has_objects_or_a_reason() -> None:
    for document in sections(REPOSITORY):
        for section in document["sections"]:
            assert bool(section.get("kinds")) != bool(section.get("reason")), section["title"]
