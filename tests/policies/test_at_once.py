"""One expression for all that a policy asks is true only where the policy refuses nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.check.objects import Rendered, read
from generator.check.policies import evaluation
from generator.check.policies.at_once import whole_of
from generator.check.policies.reading import Policy, binding_of, policy_of
from tests.policies.test_reads import VALUES, cell, judged, places

BINDING = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicyBinding",
    "metadata": {"name": "b"},
    "spec": {"policyName": "p", "validationActions": ["Deny"]},
}
HOME = {"metadata": {"name": "tenant-acme", "labels": {"tenantry.dev/tenant": "acme"}}}


def rendered(data: dict[str, Any]) -> Rendered:
    return read("cell/a.yaml", yaml.safe_dump(data).encode()).objects[0]


def made(
    *rules: str, conditions: tuple[str, ...] = (), failure: str = "Fail", param: bool = False, **variables: str
) -> Policy:
    spec: dict[str, Any] = {
        "failurePolicy": failure,
        "matchConditions": [{"name": f"c{n}", "expression": each} for n, each in enumerate(conditions)],
        "variables": [{"name": name, "expression": each} for name, each in variables.items()],
        "validations": [{"expression": each} for each in rules],
    }
    if param:
        spec["paramKind"] = {"apiVersion": "v1", "kind": "ConfigMap"}
    return policy_of(
        rendered({**BINDING, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "p"}, "spec": spec})
    )


def lets_through(policy: Policy, data: dict[str, Any], operation: str = "CREATE") -> tuple[bool, bool]:
    """Whether one expression says so, and whether the expressions one by one do."""
    request = evaluation.request(rendered(data), HOME, operation)
    whole = whole_of(policy)
    at_once = whole is not None and whole.run(request.activation) is True
    return at_once, not list(evaluation.evaluate(policy, binding_of(rendered(BINDING)), request, cell()))


OBJECT = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "o", "namespace": "tenant-acme"}, "a": 1}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (made("object.a == 1"), True),
        (made("object.a == 1", "object.a == 2"), False),
        (made(), True),
        (made("object.a == 1 // || true"), True),
        (made("object.a == 2 // || true"), False),
        (made("object.a == 2 || object.b == 1"), False),
        (made("object.b == 1 || object.a == 1"), True),
        (made("object.a"), False),
        (made("object.a == 2", conditions=("object.a == 2",)), True),
        (made("object.a == 1", conditions=("object.b == 2",)), False),
        (made("object.a == 1", conditions=("object.b == 2", "object.a == 2")), True),
        (made("variables.x == 1", x="object.a"), True),
        (made("variables.z == 2", x="object.a", z="variables.x + 1"), True),
        (made("variables.z == 1", x="object.a", z="variables.x + 1"), False),
        (made("variables.x == 1 || variables.z == 1", x="object.a", z="object.b"), True),
        (made("object.a == 1 || variables.z == 1", z="object.b"), True),
        (made("!has(variables.z)", z="object.b"), True),
        (made("has(variables.z)", z="object.b"), False),
        (made("variables.x == 2", x="variables.z", z="object.a"), False),
        (made("[1].all(variables, variables == 1)"), True),
        (made("object.b == 1", failure="Ignore"), True),
    ],
)
def test_both_ways_say_the_same(policy: Policy, expected: bool) -> None:
    at_once, one_by_one = lets_through(policy, OBJECT)
    assert one_by_one is expected
    assert one_by_one or not at_once


@pytest.mark.parametrize(
    "policy",
    [
        made("variables.x.orValue(1) == 1", x="object.?a"),
        made("variables.x.orValue(1) == 1", x="object.?a.b"),
        made("variables.x == 1u", x="1u"),
        made("variables.x == b'a'", x="b'a'"),
        made("variables.x == duration('1h')", x="duration('1h')"),
        made("variables.x.size() == 1", x="[object.?a]"),
        made("size(variables) == 0", x="1"),
        made(".variables.x == 1", x="1"),
        made("true", param=True),
    ],
)
def test_what_may_mean_another_thing_together_is_left_apart(policy: Policy) -> None:
    assert whole_of(policy) is None


def test_every_shipped_policy_without_parameters_lets_sound_objects_through_at_once() -> None:
    count = 0
    for kind, policies in judged().items():
        for each, _ in policies:
            whole = whole_of(each)
            if whole is None:
                assert each.param is not None, each.rendered.name
                continue
            for sound in cell().kinds[kind][:5]:
                at_once, one_by_one = lets_through(each, sound.data)
                assert at_once is one_by_one, (each.rendered.name, sound.label)
                count += at_once
    assert count > 50


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_what_is_let_through_at_once_is_let_through_one_by_one(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(judged())))
    changed = copy.deepcopy(data.draw(st.sampled_from(cell().kinds[kind][:40])).data)
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(places(changed)))
        if data.draw(st.booleans()):
            holder[key] = copy.deepcopy(data.draw(VALUES))
        else:
            del holder[key]
    found = read("cell/a.yaml", yaml.safe_dump(changed).encode()).objects
    for each, _ in judged()[kind] if found else ():
        for operation in ("CREATE", "UPDATE"):
            at_once, one_by_one = lets_through(each, found[0].data, operation)
            assert one_by_one or not at_once, each.rendered.name
