"""Rendering with traces gives the very bytes of rendering, and each line its template's line."""

from __future__ import annotations

import pytest

from generator.pipeline import inputs
from generator.pipeline.output import render
from generator.pipeline.sides import SHIPPED
from generator.render import Templates, load_templates
from generator.render.tracing import outputs, trace
from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def templates() -> Templates:
    loaded, found = load_templates((SHIPPED,))
    assert loaded is not None, found
    return loaded


def test_every_file_of_the_example_fleet_is_the_same_with_traces(templates: Templates) -> None:
    rendered = render(REPOSITORY, jobs=1)
    assert rendered.fleet is not None
    assert rendered.tree is not None
    traced = {output.path: trace(templates, output) for output in outputs(rendered.fleet, templates)}
    assert {path: each.text.encode() for path, each in traced.items() if each.text} == rendered.tree.files
    for path, each in traced.items():
        lines = each.text.removesuffix("\n").split("\n") if each.text else []
        assert len(lines) == len(each.written), path


def test_a_line_without_an_expression_is_the_templates_own_text(templates: Templates) -> None:
    fleet = inputs.validate(REPOSITORY).fleet
    assert fleet is not None
    seen = 0
    for output in outputs(fleet, templates):
        traced = trace(templates, output)
        previous = None
        for number, line in enumerate(traced.text.split("\n"), start=1):
            place = traced.place(number)
            # Behind the line of an interpolation more lines of its value may follow, which its line does not show.
            if place is not None and not traced.expressions(number) and previous != place:
                assert place.text == line, (output.path, number)
                seen += 1
            previous = place
    assert seen > 1000
