"""A platform is a file: one that the product does not come with renders and passes every check, with no code for it."""

from __future__ import annotations

from pathlib import Path

from generator.check import check
from generator.diagnostics import Severity
from generator.pipeline import output
from tests.conftest import REPOSITORY
from tests.fleets import SMALL


def test_a_fleet_of_other_platforms_renders_and_passes_every_check() -> None:
    rendered = output.render(SMALL, jobs=1)
    assert rendered.fleet is not None
    assert rendered.tree is not None, rendered.diagnostics
    kinds = {cluster.name: cluster.kubernetes for cluster in rendered.fleet.clusters}
    found = check(rendered.tree, kinds).diagnostics
    assert [each for each in found if each.severity is not Severity.NOTE] == []


def test_no_code_and_no_template_names_a_platform() -> None:
    names = [file.stem for file in Path(REPOSITORY, "platforms").glob("*.yaml")]
    assert names
    sources = [file for suffix in ("*.py", "*.yaml") for file in Path(REPOSITORY, "generator").rglob(suffix)]
    named = {(file.name, name) for file in sources for name in names if name in file.read_text(encoding="utf-8")}
    assert named == set()
