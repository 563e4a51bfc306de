"""Copies of a fleet with something changed, rendered and parsed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.diagnostics import Diagnostic
from generator.model.fleet import Fleet
from generator.pipeline.output import render
from tests.conftest import REPOSITORY
from tests.fleets.example import documents

INPUTS = ("fleet.yaml", "platforms", "regions", "tenants", "policies")


@dataclass(frozen=True, slots=True)
class Output:
    """A rendered fleet: (path, object) of all that it renders to."""

    fleet: Fleet
    objects: tuple[tuple[str, dict[str, Any]], ...]
    diagnostics: tuple[Diagnostic, ...]

    def of(self, kind: str, path: str = "") -> list[dict[str, Any]]:
        """The objects of a kind whose path contains `path`."""
        return [body for place, body in self.objects if body["kind"] == kind and path in place]


def example_fleet(folder: Path, *changes: tuple[str, str, str]) -> Path:
    """A copy of the example fleet with (file, old, new) changes; `old` stands in the file exactly once."""
    root = folder / "example"
    root.mkdir()
    for name in INPUTS:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, root / name)
        else:
            shutil.copy(source, root / name)
    for file, old, new in changes:
        text = (root / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, (file, old, text.count(old))
        (root / file).write_text(text.replace(old, new), encoding="utf-8")
    return root


def output(root: Path) -> Output:
    """What a fleet renders to; it must render."""
    rendered = render(root, jobs=1)
    assert rendered.fleet is not None
    assert rendered.tree is not None, rendered.diagnostics
    objects = tuple((path, body) for path, data in rendered.tree.files.items() for body in documents(data.decode()))
    return Output(rendered.fleet, objects, rendered.diagnostics)
