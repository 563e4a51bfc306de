"""A small fleet that is valid, and copies of it with something changed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml

SMALL = Path(__file__).parent / "small"
"""Three regions of two providers, four cells, one platform that the product does not come with, three tenants."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one input file: a text that stands in it exactly once, and what stands there instead."""

    file: str
    replace: str
    with_: str


def edits_of(case: Path) -> list[Edit]:
    """The edits that a case's `edits.yaml` lists. An edit without `replace` makes a new file."""
    listed = yaml.safe_load((case / "edits.yaml").read_text(encoding="utf-8"))
    return [Edit(edit["file"], edit.get("replace", ""), edit["with"]) for edit in listed]


def small_fleet(folder: Path, edits: list[Edit] | None = None) -> Path:
    """A copy of the small fleet with the edits applied."""
    root = folder / "fleet"
    shutil.copytree(SMALL, root)
    for edit in edits or []:
        file = root / edit.file
        if not edit.replace:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(edit.with_, encoding="utf-8")
            continue
        text = file.read_text(encoding="utf-8")
        assert text.count(edit.replace) == 1, f"{edit.replace!r} stands {text.count(edit.replace)} times in {edit.file}"
        file.write_text(text.replace(edit.replace, edit.with_), encoding="utf-8")
    return root
