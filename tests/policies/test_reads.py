"""What a policy is said to read decides its answer: objects that agree there get the same one."""

from __future__ import annotations

import copy
import json
from functools import cache
from itertools import islice
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.check.index import Index, index_cluster
from generator.check.objects import Rendered, read
from generator.check.policies import evaluation
from generator.check.policies.cel import Program, compiled
from generator.check.policies.matching import may_match
from generator.check.policies.reading import BINDING, GROUP, POLICY, Binding, Policy, binding_of, policy_of
from generator.check.policies.reads import Reads, Wanted, reads_of
from generator.check.policies.syntax import UnclearError, tree_of
from generator.check.shapes import Shapes
from tests.check.test_shapes import committed

POLICY_TEXT: dict[str, Any] = {
    "apiVersion": f"{GROUP}/v1",
    "kind": POLICY,
    "metadata": {"name": "asked"},
    "spec": {"matchConstraints": {"resourceRules": [{"operations": ["CREATE"]}]}},
}


def policy(*expressions: str, **variables: str) -> Policy:
    spec = {
        **POLICY_TEXT["spec"],
        "variables": [{"name": name, "expression": text} for name, text in variables.items()],
        "validations": [{"expression": text} for text in expressions],
    }
    (rendered,) = read("cell/policy.yaml", json.dumps({**POLICY_TEXT, "spec": spec}).encode()).objects
    return policy_of(rendered)


def paths(wanted: Wanted, before: str = "") -> list[str]:
    """Every place that is read, `=` behind those that count as a whole, `*` for the items of a list."""
    if wanted.whole:
        return [f"{before}="]
    inner = [path for name, each in wanted.fields.items() for path in paths(each, f"{before}.{name}")]
    inner += paths(wanted.each, f"{before}.*") if wanted.each is not None else []
    return sorted(inner) or [before]


def of(*expressions: str, **variables: str) -> Reads:
    found = reads_of(policy(*expressions, **variables))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("object.spec.a == 'b'", [".spec.a="]),
        ("object['spec'].a == 'b'", [".spec.a="]),
        ("object[?'spec'].?a.orValue('') == 'b'", [".spec.a="]),
        ("has(object.spec.a)", [".spec.a"]),
        ("object.?spec.?a.hasValue()", [".spec.a"]),
        ("!('a' in object.metadata.labels)", [".metadata.labels.a"]),
        ("object.metadata.name in object.metadata.labels", [".metadata.labels=", ".metadata.name="]),
        ("object.a[object.b] == 1", [".a=", ".b="]),
        ("object.list.all(x, has(x.a) && x.b > 2)", [".list.*.a", ".list.*.b="]),
        ("object.list.size() > 2", [".list.*"]),
        ("size(object.list) > 2", [".list.*"]),
        ("object.list[0].a == 1", [".list.*.a="]),
        ("object.list.map(x, x.a).exists(y, y.b == 1)", [".list.*.a.b="]),
        ("object.list.filter(x, x.a == 1).all(y, y.b == 1)", [".list.*.a=", ".list.*.b="]),
        ("(object.one + object.other).all(x, x.a == 1)", [".one.*.a=", ".other.*.a="]),
        ("[object.a, object.b].all(x, x.c == 1)", [".a.c=", ".b.c="]),
        ("['a', 'b'].exists(k, k in object.spec && object.spec[k] == true)", [".spec.a=", ".spec.b="]),
        ("['a', object.k].exists(k, object.spec[k] == true)", [".k=", ".spec="]),
        ("(['a'] + object.ks).exists(k, object.spec[k] == true)", [".ks.*=", ".spec="]),
        ("('a' + 'b') in object.spec", [".spec="]),
        ("object.a ? object.b.c == 1 : object.d.e == 2", [".a=", ".b.c=", ".d.e="]),
        ("(object.a ? object.b : object.d).c == 1", [".a=", ".b.c=", ".d.c="]),
        ("object.spec == {'a': object.b}", [".b=", ".spec="]),
        ("cel.bind(x, object.spec.a, x.b == 1)", [".spec.a.b="]),
        ("object.?spec.optMap(x, x.b).orValue(1) == 1", [".spec.b="]),
        ("object.list.all(object, object.a == 1)", [".list.*.a="]),
        ("oldObject == null || object.a == 1", ["="]),
        ("request.kind.kind == 'Pod'", [".apiVersion=", ".kind="]),
        ("request.name == 'a'", [".apiVersion=", ".kind=", ".metadata.name=", ".metadata.namespace="]),
        ("'object.spec' == 'a' // object.metadata", [""]),
    ],
)
def test_the_fields_that_an_expression_reads(expression: str, expected: list[str]) -> None:
    assert paths(of(expression).of_object) == expected


def test_variables_and_what_is_read_of_the_namespace() -> None:
    found = of(
        "variables.all.all(c, c.image == namespaceObject.metadata.name)",
        pod="has(object.spec.template) ? object.spec.template.spec : object.spec",
        all="variables.pod.containers",
    )
    assert paths(found.of_object) == [".spec.containers.*.image=", ".spec.template.spec.containers.*.image="]
    assert paths(found.of_namespace) == [".metadata.name="]


def test_what_an_expression_reads_is_unclear_where_it_is_not_plain() -> None:
    assert reads_of(policy("variables == 1")) is None
    assert reads_of(policy("variables.a == 1", a="variables.a")) is None


@given(st.binary(max_size=40))
def test_bytes_that_are_no_tree_are_unclear(data: bytes) -> None:
    program = compiled("object.a.all(x, has(x.b))")
    assert isinstance(program, Program)
    serialized = program.compiled.serialize()
    for text in (data, serialized[: len(data)], serialized[:-1] + data):
        try:
            tree_of(text)
        except UnclearError:
            continue


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": "x"}, {"a": "y"}, True),
        ({"a": "x"}, {"a": {}}, False),
        ({"a": "x"}, {}, False),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "d": 4}}, True),
        ({"l": [1, 2]}, {"l": [3, 4]}, True),
        ({"l": [1, 2]}, {"l": [1, 2, 3]}, False),
        ({"l": {"k": 1}}, {"l": {"k": 2}}, False),
        ({"l": "ab"}, {"l": "abc"}, False),
    ],
)
def test_a_field_that_is_looked_for_and_a_list_whose_length_counts(one: Any, other: Any, same: bool) -> None:
    wanted = of("has(object.a.b) && object.l.size() > 1" if "l" in one else "has(object.a)").of_object
    assert (wanted.of(one) == wanted.of(other)) is same


@cache
def cell() -> Index:
    """The cell of the example with the most objects."""
    files = committed()
    cells = sorted({path.partition("/")[0] for path in files})
    name = max(cells, key=lambda each: sum(path.startswith(f"{each}/") for path in files))
    return index_cluster(name, "1.34", [read(path, files[path]) for path in files if path.startswith(f"{name}/")])


@cache
def judged() -> dict[tuple[str, str], list[tuple[Policy, Reads]]]:
    """The policies that say what they read, by the kinds that they are for."""
    found: dict[tuple[str, str], list[tuple[Policy, Reads]]] = {}
    for each in map(policy_of, cell().of(GROUP, POLICY)):
        reads = reads_of(each)
        assert reads is not None, each.rendered.name
        for group, kind in cell().kinds:
            if each.param is None and may_match(each.constraints, cell().kinds[group, kind][0]):
                found.setdefault((group, kind), []).append((each, reads))
    return found


@cache
def binding() -> Binding:
    return binding_of(cell().of(GROUP, BINDING)[0])


VALUES = st.sampled_from(
    [None, True, False, 0, 1, 80, "", "x", "latest", "HTTPS", "*", "DISABLE", "tenant-x", "platform", {}, [], ["*"],
     ["ALL"], {"a": "b"}, [{"name": "x", "image": "y"}], {"cpu": "1", "memory": "1Gi"}]
)  # fmt: skip


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every mapping or list with one of its keys."""
    found: list[tuple[Any, Any]] = []
    match data:
        case dict():
            found += [(data, key) for key in data]
            found += [place for value in data.values() for place in places(value)]
        case list():
            found += [(data, position) for position in range(len(data))]
            found += [place for value in data for place in places(value)]
    return found


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_objects_that_agree_in_what_is_read_get_the_same_answer(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(judged())))
    before = data.draw(st.sampled_from(cell().kinds[kind][:40]))
    changed = copy.deepcopy(before.data)
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(places(changed)))
        match data.draw(st.sampled_from(["set", "set", "drop", "more", "suffix"])):
            case "set":
                holder[key] = copy.deepcopy(data.draw(VALUES))
            case "drop":
                del holder[key]
            case "more" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case "more":
                holder[
                    data.draw(st.sampled_from(["hostPath", "ownerReferences", "initContainers", "hostPID", "x"]))
                ] = copy.deepcopy(data.draw(VALUES))
            case "suffix" if isinstance(holder[key], str):
                holder[key] += "x"
    after = read(before.path, yaml.safe_dump(changed).encode()).objects
    for each, reads in judged()[kind] if after else ():
        if json.dumps(reads.of_object.of(before.data)) == json.dumps(reads.of_object.of(after[0].data)):
            for operation in ("CREATE", "UPDATE"):
                assert answer(each, before, operation) == answer(each, after[0], operation), each.rendered.name


def answer(each: Policy, rendered: Rendered, operation: str) -> bool:
    """Whether a policy lets an object through. (What it says of one that it refuses is the object's own.)"""
    home = {"metadata": {"name": "tenant-acme", "labels": {"tenantry.dev/tenant": "acme"}}}
    request = evaluation.request(rendered, home, operation)
    return not list(islice(evaluation.evaluate(each, binding(), request, cell()), 1))


def test_a_list_in_brackets_of_a_shape_stands_for_any_length() -> None:
    text = "apiVersion: v1\nkind: Odd\nmetadata:\n  name: odd\nlist: [{}]\n"
    shapes = Shapes()
    forms = [form for items in ("a, b", "a") for _, form in shapes.documents(text.format(items)) or ()]
    assert len({form.shape for form in forms}) == 1
    data = forms[0].shape.data
    assert of("object.list.size() == 2").of_object.of(data) == {"list": data["list"]}
