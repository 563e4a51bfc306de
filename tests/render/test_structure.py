"""The proof that templates are safe, put to the test: whatever template is let through, values cannot change it."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.render import Templates, load_templates, render
from generator.report.text import text
from tests.render.fleets import assignment, cluster, fleet, tenant
from tests.render.test_scalars import same

PLAIN: Final = "placeholder"
HOSTILE: Final = ("no", "a: b", "x\n---\ny: z", "- a", "# a", {"k": "no", "l": ["a: b"]}, ["- a", {"m": "#"}])

ENTRIES: Final = (
    "k: {{ v }}", "l: {{ v }}", "- {{ v }}", "- k: {{ v }}", "- - {{ v }}", "m: [{{ v }}, a]", "n: {o: {{ v }}}",
    "k:", "l:", "-", "- k:", "k: |", "k: >-", "- |", "k: a", "text", "# comment", "---", "", "k: 'a", "b'", "k: [", "]",
    "k: {{ v }} # c", "? k", ": {{ v }}", "{# comment #}", "{% set w = 1 %}", "{{ v }}", "k: a{{ v }}",
)  # fmt: skip


@st.composite
def bodies(draw: st.DrawFn, depth: int = 0, indent: int = 0) -> list[str]:
    """Lines at wandering indentations, with branches and loops around some of them."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.integers(0, 5 if depth < 3 else 3))
        indent = max(0, indent + draw(st.sampled_from((-2, 0, 0, 0, 2))))
        if kind <= 3:
            lines.append(" " * indent + draw(st.sampled_from(ENTRIES)))
            continue
        if kind == 4:
            lines.append(f"{{% if tenant.contacts.f{draw(st.integers(0, 2))} %}}")
            lines += draw(bodies(depth + 1, indent))
            if draw(st.booleans()):
                lines += ["{% else %}", *draw(bodies(depth + 1, indent))]
            lines.append("{% endif %}")
        else:
            lines.append("{% for each in tenant.contacts.times %}")
            lines += draw(bodies(depth + 1, indent))
            lines.append("{% endfor %}")
    return lines


def loaded(lines: list[str]) -> Templates | None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "templates" / "tenant" / "workload" / "a.yaml"
        file.parent.mkdir(parents=True)
        file.write_text("\n".join(["{% set v = tenant.contacts.v %}", *lines, ""]), encoding="utf-8")
        return load_templates([file.parent.parent.parent])[0]


def documents(templates: Templates, flags: tuple[bool, ...], times: int, value: Any) -> Any:
    """What a reader makes of the output; None where it is no YAML, as an unlucky choice of branches can be."""
    contacts = {"v": value, "times": list(range(times)), **{f"f{n}": flag for n, flag in enumerate(flags)}}
    one = replace(tenant("acme"), contacts=contacts)
    tree, faults = render(replace(fleet(0, 0), assignments=(assignment(one, cluster("cell")),)), templates)
    assert not faults, text(faults)
    try:
        return [list(yaml.safe_load_all(data)) for data in tree.files.values()]
    except yaml.YAMLError:
        return None


def with_value(data: Any, value: Any) -> Any:
    if isinstance(data, dict):
        return {key: with_value(item, value) for key, item in data.items()}
    if isinstance(data, list):
        return [with_value(item, value) for item in data]
    return value if data == PLAIN else data


def check(templates: Templates) -> None:
    for flags, times in itertools.product(itertools.product((False, True), repeat=3), (0, 1, 2)):
        plain = documents(templates, flags, times, PLAIN)
        for value in HOSTILE:
            found = documents(templates, flags, times, value)
            assert same([found], [plain and with_value(plain, value)])


@given(bodies())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_template_that_is_let_through_can_be_changed_by_a_value(lines: list[str]) -> None:
    templates = loaded(lines)
    if templates is not None:
        check(templates)


@pytest.mark.parametrize(
    "lines",
    [
        ["a:", "{% if tenant.contacts.f0 %}", "  k: {{ v }}", "{% else %}", "  l: {{ v }}", "{% endif %}"],
        ["a:", "{% for each in tenant.contacts.times %}", "  - k: {{ v }}", "    l: {{ v }}", "{% endfor %}", "b: c"],
        ["a: |", "  text", "{# comment #}", "  more", "b: {{ v }}"],
        ["a:", "  - k: {{ v }}", "{% if tenant.contacts.f1 %}", "    l: {{ v }}", "{% endif %}", "    m: [{{ v }}]"],
        ["{% if tenant.contacts.f0 %}", "a: {{ v }}", "---", "{% endif %}", "b: {{ v }}"],
    ],
)  # fmt: skip
def test_templates_of_the_usual_forms_are_let_through(lines: list[str]) -> None:
    templates = loaded(lines)
    assert templates is not None
    check(templates)
