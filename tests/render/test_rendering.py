"""What a fleet renders to: paths, headers, documents, and what is said where an expression fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.diagnostics import Diagnostic
from generator.model.fleet import Fleet
from generator.render import Templates, load_templates, render
from generator.render.documents import documents
from generator.report.text import text
from tests.render.fleets import assignment, cluster, fleet, reversed_fleet, tenant
from tests.render.test_scalars import same
from tests.render.words import CORPUS, TEXTS, VALUES

Write = Callable[[Mapping[str, str]], Templates]

EVERY_PLACE = {
    "bootstrap.yaml": "a: {{ cluster.name }}\n",
    "cluster/one.yaml": "a: {{ cluster.name }}\nhere: {{ assignments | map(attribute='tenant.name') }}\n",
    "platform/two.yaml": "a: {{ installation.platform.name }}\n",
    "argocd/three.yaml": "a: {{ installations | length }}\n",
    "argocd/tenant.yaml": "a: {{ tenant.name }}\n",
    "tenant/tenancy/four.yaml": "a: {{ assignment.role }}\n",
    "tenant/workload/five.yaml": "a: {{ platform.name }}\nb: {{ fleet.name }}\n",
}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def templates(files: Mapping[str, str]) -> Templates:
        loaded, diagnostics = load_templates([folder(tmp_path / "templates", files)])
        assert loaded is not None, text(diagnostics)
        return loaded

    return templates


def folder(root: Path, files: Mapping[str, str]) -> Path:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return root


def files(one: Fleet, templates: Templates, jobs: int = 1) -> dict[str, str]:
    tree, diagnostics = render(one, templates, jobs)
    assert not diagnostics, text(diagnostics)
    return {path: data.decode() for path, data in tree.files.items()}


def faults(one: Fleet, templates: Templates, jobs: int = 1) -> tuple[Diagnostic, ...]:
    return render(one, templates, jobs)[1]


def test_each_folder_of_templates_has_its_place_in_the_output(write: Write) -> None:
    found = files(fleet(clusters=1, tenants=2), write(EVERY_PLACE))
    assert list(found) == [
        "cell-0/argocd/tenants/tenant-0000.yaml",
        "cell-0/argocd/tenants/tenant-0001.yaml",
        "cell-0/argocd/three.yaml",
        "cell-0/bootstrap.yaml",
        "cell-0/cluster/one.yaml",
        "cell-0/cluster/shop/two.yaml",
        "cell-0/tenants/tenant-0000/tenancy/four.yaml",
        "cell-0/tenants/tenant-0000/workload/five.yaml",
        "cell-0/tenants/tenant-0001/tenancy/four.yaml",
        "cell-0/tenants/tenant-0001/workload/five.yaml",
    ]
    assert found["cell-0/cluster/one.yaml"].endswith("\na: cell-0\nhere:\n  - tenant-0000\n  - tenant-0001\n")


def test_each_file_says_what_it_came_from(write: Write) -> None:
    found = files(fleet(clusters=1, tenants=1), write(EVERY_PLACE))
    assert found["cell-0/tenants/tenant-0000/workload/five.yaml"] == (
        "# Rendered by tenantry from fleet.yaml, regions/cell-0-region.yaml, tenants/tenant-0000.yaml"
        " by tenant/workload/five.yaml.\n"
        "# Do not edit: change the inputs and render again.\n"
        "a: shop\nb: example\n"
    )


def test_the_path_of_an_input_cannot_end_the_header(write: Write) -> None:
    one = fleet(clusters=1, tenants=0)
    strange = replace(one.clusters[0], inputs=("regions/a\nkind: Secret\u2028\ud800.yaml",))
    found = files(replace(one, clusters=(strange,)), write({"bootstrap.yaml": "a: 1\n"}))
    assert found["cell-0/bootstrap.yaml"].splitlines()[0] == (
        "# Rendered by tenantry from regions/a\\nkind: Secret\\u2028\\ud800.yaml by bootstrap.yaml."
    )


@pytest.mark.parametrize(
    ("rendered", "expected"),
    [
        ("", ""),
        ("\n\n", ""),
        ("---\n---\n", ""),
        ("# only\n---\n  # comments\n", ""),
        ("a: 1", "a: 1\n"),
        ("---\na: 1\n", "a: 1\n"),
        ("---\n\na: 1\n\n\n---\n---\n\nb: 1\n---\n", "a: 1\n---\nb: 1\n"),
        ("# one\na: 1\n---\n# two\n---\nb: 1\n", "# one\na: 1\n---\nb: 1\n"),
        ("a: 1\n\nb: |\n  x\n\n  y\n", "a: 1\n\nb: |\n  x\n\n  y\n"),
        ("  a: 1\n  \n", "  a: 1\n"),
        ("a: |\n  ---\n  x  \n", "a: |\n  ---\n  x  \n"),
    ],
)
def test_documents_are_separated_once_and_empty_ones_are_dropped(rendered: str, expected: str) -> None:
    assert documents(rendered) == expected
    assert documents(expected) == expected


def test_a_template_without_a_document_gives_no_file(write: Write) -> None:
    templates = write({"bootstrap.yaml": "{% if cluster.name == 'cell-1' %}\n---\na: 1\n{% endif %}\n# nothing\n"})
    assert list(files(fleet(clusters=2), templates)) == ["cell-1/bootstrap.yaml"]


def test_a_later_folder_replaces_and_adds_templates_and_partials(tmp_path: Path) -> None:
    first = folder(
        tmp_path / "first",
        {
            "bootstrap.yaml": 'a: 1\n{% include "partials/p.yaml" %}\n',
            "cluster/a.yaml": '{% include "partials/used-once.yaml" %}\n',
            "partials/p.yaml": "p: 1\n",
            "partials/used-once.yaml": "p: {{ cluster.name }}\n",
        },
    )
    second = folder(tmp_path / "templates", {"cluster/a.yaml": "b: 2\n", "partials/p.yaml": "p: {{ cluster.name }}\n"})
    templates, diagnostics = load_templates([first, second, tmp_path / "missing"])
    assert templates is not None, text(diagnostics)
    found = files(fleet(clusters=1), templates)
    assert found["cell-0/bootstrap.yaml"].endswith("\na: 1\np: cell-0\n")
    assert found["cell-0/cluster/a.yaml"].endswith("\nb: 2\n")


def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("a: 1\n")
    root = folder(tmp_path / "templates", {"bootstrap.yaml": "a: 1\n"})
    (root / "cluster").mkdir()
    (root / "cluster" / "a.yaml").symlink_to(tmp_path / "secret.yaml")
    templates, diagnostics = load_templates([root])
    assert templates is None
    assert [one.message for one in diagnostics] == ["a link that leaves the templates folder"]


def test_collections_are_laid_out_where_they_stand(write: Write) -> None:
    source = (
        "{% set labels = {'app': 'x', 'on': 'no'} %}\n"
        "metadata:\n"
        "  labels: {{ labels }}\n"
        "  flow: [{{ labels }}, {{ 'a: b' }}]\n"
        "{% if cluster %}\n"
        "  none: {{ {} }}  # a comment\n"
        "{% endif %}\n"
        "list:\n"
        "{% for each in [labels, [1, 2], 'x'] %}\n"
        "  - {{ each }}\n"
        "  - - key:    {{ each }}\n"
        "{% endfor %}\n"
        "long: {{ {\n"
        "  'a': 1,\n"
        "} }}\n"
    )
    found = files(fleet(clusters=1, tenants=0), write({"bootstrap.yaml": source}))["cell-0/bootstrap.yaml"]
    assert found.split("\n", 2)[2] == (
        "metadata:\n"
        "  labels:\n"
        "    app: x\n"
        '    "on": "no"\n'
        '  flow: [{app: x, "on": "no"}, "a: b"]\n'
        "  none: {}  # a comment\n"
        "list:\n"
        '  - app: x\n    "on": "no"\n'
        '  - - key:\n        app: x\n        "on": "no"\n'
        "  - - 1\n    - 2\n"
        "  - - key:\n        - 1\n        - 2\n"
        "  - x\n"
        "  - - key: x\n"
        "long:\n"
        "  a: 1\n"
    )


HOSTILE = """\
---
first: {{ tenant.title }}
{% if tenant.contacts %}
map: {{ tenant.contacts }}
{% else %}
map: none here
{% endif %}
list:
{% for name, value in tenant.contacts.items() %}
  - key: {{ name }}
    value: {{ value }}
  - {{ name }}
  - [{{ value }}, x]
{% endfor %}
{% include "partials/p.yaml" %}
---
last: {{ tenant.note }}
"""


@given(title=TEXTS, note=TEXTS, contacts=st.dictionaries(TEXTS, VALUES, max_size=4))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_changes_the_structure_of_what_is_rendered(
    write: Write, title: str, note: str, contacts: dict[str, object]
) -> None:
    templates = write({"tenant/workload/a.yaml": HOSTILE, "partials/p.yaml": "deep:\n  er: {{ tenant.contacts }}\n"})
    one = tenant("acme", title)
    one = replace(one, note=note, contacts=contacts)
    cell = cluster("cell")
    (content,) = files(replace(fleet(0, 0), clusters=(cell,), assignments=(assignment(one, cell),)), templates).values()
    listed = [
        entry for name, value in contacts.items() for entry in ({"key": name, "value": value}, name, [value, "x"])
    ]
    expected = [
        {"first": title, "map": contacts or "none here", "list": listed or None, "deep": {"er": contacts}},
        {"last": note},
    ]
    assert same(list(yaml.safe_load_all(content)), expected)


def test_the_bytes_are_the_same_for_any_order_and_number_of_workers(write: Write) -> None:
    templates = write(EVERY_PLACE)
    many = fleet(clusters=5, tenants=120)
    first = files(many, templates)
    assert first == files(many, templates, jobs=4) == files(reversed_fleet(many), templates, jobs=3)
    assert list(first) == sorted(first)


def test_templates_may_read_nothing_that_begins_with_an_underscore(write: Write) -> None:
    for expression in ("cluster.__class__", "cluster['__class__']", "''.__class__.__mro__", "fit.__globals__"):
        (fault,) = faults(fleet(clusters=1), write({"bootstrap.yaml": f"a: {{{{ {expression} }}}}\n"}))
        assert "unsafe" in fault.message


FAILING = {
    "bootstrap.yaml": "a: 1\nb: {{ cluster.nmae }}\n",
    "tenant/workload/a.yaml": (
        "a: {{ tenant.name }}\n"
        "{% if cluster.name == 'cell-0' %}\n"
        "b: {{ tenant.title + 1 }}\n"
        "{% endif %}\n"
        "{% for domain in tenant.name.missing %}\n"
        "{% endfor %}\n"
    ),
    "cluster/a.yaml": 'a: b\n{% include "partials/p.yaml" %}\n',
    "cluster/b.yaml": "a:\n  b: {{ cluster.capacity }}\n  c: {{ fleet.tenants[99].name }}\n",
    "cluster/c.yaml": "a: [{{ cluster.capacity.tenants / 0 }}]\n",
    "cluster/d.yaml": "a: {{ 10 ** 30 }}\n",
    "cluster/e.yaml": "{% if cluster.capacity.nothing %}\na: 1\n{% endif %}\n",
    "cluster/f.yaml": "a: {{\n  [\n    cluster.capacity.gone,\n  ]\n}}\n",
    "partials/p.yaml": "c: 1\nd: {{ cluster.region.lable }}\n",
}


def test_what_fails_is_reported_once_for_each_line_with_the_object(
    write: Write, expect: Callable[[Path, str], None]
) -> None:
    templates = write(FAILING)
    one = fleet(clusters=3, tenants=100)
    reported = text(faults(one, templates))
    expect(Path(__file__).parent / "failing.expected.txt", reported)
    assert text(faults(reversed_fleet(one), templates, jobs=4)) == reported


def test_two_outputs_of_one_path_are_refused(write: Write) -> None:
    one = fleet(clusters=1, tenants=1)
    twice = replace(one, assignments=one.assignments * 2)
    (fault,) = faults(twice, write({"tenant/workload/a.yaml": "a: 1\n"}))
    assert fault.message == "two outputs have the path cell-0/tenants/tenant-0000/workload/a.yaml"


@pytest.mark.parametrize("word", CORPUS)
def test_a_word_written_by_hand_is_refused_or_read_alike(word: str, tmp_path: Path) -> None:
    """A template's own words are as safe as values: what passes has the same meaning to old and new readers."""
    if "{{" in word or "{%" in word or "{#" in word:
        return
    root = folder(tmp_path / "templates", {"bootstrap.yaml": f"before: 1\nkey: {word}\nafter: 1\n"})
    templates, _ = load_templates([root])
    if templates is None:
        return
    read = yaml.safe_load((root / "bootstrap.yaml").read_text(encoding="utf-8"))
    (content,) = files(fleet(1, 0), templates).values()
    assert yaml.safe_load(content) == read
    assert read["key"] is None or isinstance(read["key"], str | int | float | list | dict)
