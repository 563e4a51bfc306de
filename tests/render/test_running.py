"""The fast way of running templates gives what Jinja2 gives: the same text, or the same fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.pipeline import inputs
from generator.pipeline.sides import prepared
from generator.render import Side, Templates, everything, load_templates
from generator.render.documents import documents
from generator.render.running import Running
from tests.conftest import REPOSITORY
from tests.fleets import SMALL
from tests.render.fleets import fleet


def outcome(render: Callable[[Mapping[str, object]], str], variables: Mapping[str, object]) -> tuple[str, str]:
    """What rendering gives: a text, or the kind of the fault and its message."""
    try:
        return "text", render(variables)
    except Exception as fault:  # noqa: BLE001 - whatever an expression raises
        return type(fault).__name__, str(fault)


def check_alike(side: Side) -> dict[str, Running]:
    """Compares both ways for every file of a fleet; how each template was run."""
    running: dict[str, Running] = {}
    for work in everything(side):
        for template in work.templates:
            if template.name not in running:
                running[template.name] = Running(template)
            fast = running[template.name]
            expected = outcome(template.compiled.render, work.subject.variables)
            assert outcome(fast.render, work.subject.variables) == expected, template.name
            if expected[0] == "text":
                assert fast.documents(work.subject.variables) == documents(expected[1]), template.name
    return running


def test_every_template_gives_the_same_text_for_every_object() -> None:
    running: dict[str, Running] = {}
    names: set[str] = set()
    for root in (SMALL, REPOSITORY):
        side = prepared(root, inputs.validate(root)).side
        assert side is not None
        running |= check_alike(side)
        names.update(template.name for group in side.templates.by_scope.values() for template in group)
    assert running.keys() == names
    # None had to be left to Jinja2, so that what was compared is the fast way.
    assert [name for name, fast in running.items() if fast.root is None] == []


def loaded(folder: Path, files: Mapping[str, str]) -> Templates:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    templates, diagnostics = load_templates([folder])
    assert templates is not None, diagnostics
    return templates


def _loops(body: str) -> str:
    heads = "".join(f"{{% for x{number} in [{number}] %}}\n" for number in range(11))
    return heads + body + "{% endfor %}\n" * 11


ODD = {
    "a-key-of-a-mapping": "{% set one = {'key': 1, 'items': 2} %}\na: {{ one.key }}\nb: {{ one.items is mapping }}\n",
    "a-mapping-beside-an-object": "{% for each in [{'name': 'x'}, cluster] %}\n---\na: {{ each.name }}\n{% endfor %}\n",
    "a-name-that-is-not-there": "a: {{ cluster.nothing }}\n",
    "a-name-that-may-not-be-there": "a: {{ cluster.nothing is defined }}\nb: {{ cluster.name is defined }}\n",
    "a-default": "a: {{ cluster.nothing | default('none') }}\n",
    "a-name-of-the-scope-set-anew": (
        '{% include "partials/reads.yaml" %}\n{% set cluster = "other" %}\n{% include "partials/writes.yaml" %}\n'
    ),
    "a-name-set-in-a-partial": (
        '{% set x = 1 %}\n{% include "partials/sets.yaml" %}\nafter: {{ x }}\n'
        '{% for y in [1, 2] %}\n{% include "partials/sets.yaml" %}\nl{{ "" }}: {{ x }}\n{% endfor %}\n'
    ).replace('l{{ "" }}: {{ x }}', "list: [{{ x }}, {{ y }}]"),
    "a-name-set-in-one-branch": (
        "{% if assignments %}\n{% set x = 1 %}\n{% endif %}\na: {{ x is defined }}\n"
        '{% include "partials/asks.yaml" %}\n'
    ),
    "a-name-set-behind-a-loop": "{% set x = 1 %}\n{% for y in [1] %}\n{% set x = 2 %}\n{% endfor %}\na: {{ x }}\n",
    "a-name-for-the-loop-alone": (
        "{% for cluster in fleet.clusters %}\n---\na: {{ cluster.name }}\nb: {{ loop.index }}\n{% endfor %}\n"
        "---\nc: {{ cluster.name }}\n"
    ),
    "a-refused-attribute": "a: {{ cluster.__class__ }}\n",
    "a-refused-change": "{% set x = [1] %}\na: {{ x.append(2) }}\n",
    "a-format": "a: {{ '{0.name}'.format(cluster) }}\nb: {{ '{0.__class__}'.format(cluster) }}\n",
    "a-format-within-reason": "a: {{ '{0.name}'.format(cluster) }}\nb: {{ '%s' | format(cluster.name) }}\n",
    "a-call-with-words": "a: {{ dict({'x': 1}, y=2, **{'z': 3}) }}\nb: {{ 'a b c'.split(maxsplit=1) }}\n",
    "a-call-that-fails": "a: {{ cluster.name.split(1) }}\n",
    "a-call-of-no-function": "a: {{ cluster.name() }}\n",
    "a-number-divided-by-nothing": "a: {{ 1 / (assignments | length - assignments | length) }}\n",
    "a-value-that-cannot-be-written": "a: {{ cluster }}\n",
    "filters": "a: {{ assignments | map(attribute='tenant.name') | sort | unique | list }}\nb: {{ [3, 1] | sum }}\n",
    "texts-joined": (
        "{% for each in [1, 1.5, none, true, [1], {'a': 'x'}, cluster.environment, cluster.region.state] %}\n---\n"
        "a: {{ each ~ '-' ~ 2 ~ each }}\nb: {{ ('x' ~ each)[:2] }}\n{% endfor %}\n"
    ),
    "texts-joined-with-nothing": "a: {{ 'x' ~ cluster.nothing }}\n",
    "a-function-in-a-loop": "{% for each in range(3) %}\n---\na: {{ fit('x' ~ each, 63) }}\n{% endfor %}\n",
    "a-condition": "a: {{ 1 if assignments else 2 }}\nb: {{ 1 if assignments }}\n",
    "a-condition-without-another": "a: {{ 'x' if not cluster }}\n",
    # More than twenty loops within one another are too many for a function of Python.
    "a-deep-loop": _loops('{% include "partials/deep.yaml" %}\n'),
}
PARTIALS = {
    "partials/reads.yaml": "reads: {{ cluster.name }}\n",
    "partials/writes.yaml": "---\nwrites: {{ cluster }}\n",
    "partials/sets.yaml": "---\n{% set x = (x if x is defined else 0) + 1 %}\nsets: {{ x }}\n",
    "partials/deep.yaml": _loops("---\ndeep: {{ x0 + x10 }}\n"),
    "partials/asks.yaml": "asks: {{ x is defined }}\n",
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_template_gives_the_same_text_or_fault(name: str, tmp_path: Path) -> None:
    used = {partial: text for partial, text in PARTIALS.items() if partial in ODD[name]}
    templates = loaded(tmp_path / "templates", {"bootstrap.yaml": ODD[name], **used})
    check_alike(Side(fleet(clusters=2, tenants=3), templates))


def test_what_one_file_needed_jinja2_for_the_next_has_without(tmp_path: Path) -> None:
    templates = loaded(tmp_path / "templates", {"bootstrap.yaml": "{% set one = {'key': 1} %}\na: {{ one.key }}\n"})
    running = check_alike(Side(fleet(clusters=3, tenants=0), templates))
    assert running["bootstrap.yaml"].root is not None


LINES = st.sampled_from(
    ["---", "apiVersion: v1", "a: 1", "", " ", "  b: 1", "# only", "--- ", "a: |", "  ---", "---\napiVersion: v1\na: 1"]
)


@given(lines=st.lists(LINES, max_size=12), end=st.sampled_from(["", "\n", "\n\n", " \n"]))
def test_a_text_that_is_laid_out_already_is_taken_as_any_other(lines: list[str], end: str) -> None:
    text = "\n".join(["---\napiVersion: v1", *lines]) + end
    # A blank line at the head goes in any case, and has each line looked at.
    assert documents(text) == documents(f"\n{text}")
