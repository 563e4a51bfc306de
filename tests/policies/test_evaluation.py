"""Evaluation in the API server's order: match, conditions, parameters, validations, messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator.check.index import index_cluster
from generator.check.kinds import resource
from generator.check.objects import read
from generator.check.policies import Outcome, check
from generator.check.policies.cel import NAMES, Failed, Program, Uncompiled, compiled
from generator.diagnostics import Diagnostic

SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "api", "namespace": "shop", "labels": {"app": "api"}},
    "spec": {"ports": [{"port": 80}]},
}
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "a"}}}
RULE = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["services"]}
NEVER = [{"expression": "false", "message": "never"}]


def policy(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "p"},
        "spec": {"matchConstraints": {"resourceRules": [RULE]}, "validations": NEVER, **spec},
    }


def binding(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "b"},
        "spec": {"policyName": "p", "validationActions": ["Deny"], **spec},
    }


def found(*objects: dict[str, Any]) -> list[Diagnostic]:
    text = "".join(f"---\n{json.dumps(each)}\n" for each in objects)
    return list(check(index_cluster("cell", "1.34", [read("cell/a.yaml", text.encode())]), Outcome()))


def said(*objects: dict[str, Any]) -> list[str]:
    return [each.message.partition("Service shop/api: ")[2] or each.message for each in found(*objects)]


def matched(constraints: dict[str, Any], **where: Any) -> bool:
    made = policy(matchConstraints={"resourceRules": [RULE], **constraints})
    return bool(said(SERVICE, NAMESPACE, made, binding(**where)))


def test_constraints_select_by_labels_of_object_and_namespace_and_leave_out_what_is_excluded() -> None:
    assert matched({})
    assert matched({"objectSelector": {"matchLabels": {"app": "api"}}})
    assert not matched({"objectSelector": {"matchLabels": {"app": "web"}}})
    assert matched({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "Exists"}]}})
    assert matched({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}})
    assert not matched({"namespaceSelector": {"matchLabels": {"team": "b"}}})
    assert not matched({"excludeResourceRules": [RULE]})
    assert not matched({"resourceRules": [{**RULE, "resourceNames": ["web"]}]})
    assert not matched({"resourceRules": [{**RULE, "scope": "Cluster"}]})
    assert not matched({"resourceRules": [{**RULE, "apiVersions": ["v2"]}], "matchPolicy": "Exact"})
    assert matched({"resourceRules": [{**RULE, "apiVersions": ["v2"]}], "matchPolicy": "Equivalent"})
    assert matched({"resourceRules": [{**RULE, "apiGroups": ["*"], "resources": ["*"]}]})
    assert not matched({"resourceRules": [{**RULE, "resources": ["services/status"]}]})
    assert not matched({}, matchResources={"namespaceSelector": {"matchLabels": {"team": "b"}}})


def test_the_namespace_selector_of_a_namespace_is_about_its_own_labels_and_no_other_cluster_object_is_left_out() -> (
    None
):
    rule = {**RULE, "apiGroups": ["", "storage.k8s.io"], "resources": ["namespaces", "storageclasses"]}
    constraints = {"resourceRules": [rule], "namespaceSelector": {"matchLabels": {"team": "b"}}}
    storage = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "s"}}
    messages = said(NAMESPACE, storage, policy(matchConstraints=constraints), binding())
    assert messages == ["policy p refuses StorageClass s: never"]


def test_actions_weigh_as_error_warning_and_note() -> None:
    for actions, severity in ((["Deny"], "error"), (["Warn", "Audit"], "warning"), (["Audit"], "note"), ([], "error")):
        assert [each.severity.value for each in found(SERVICE, policy(), binding(validationActions=actions))] == [
            severity
        ]


def test_a_condition_that_is_false_ends_the_matter_and_one_that_fails_refuses_unless_failures_are_ignored() -> None:
    conditions = [{"name": "c", "expression": "object.nothing"}, {"name": "d", "expression": "true"}]
    assert said(SERVICE, policy(matchConditions=conditions), binding()) == [
        'match condition c: Key not found in map : "nothing"'
    ]
    assert said(SERVICE, policy(matchConditions=conditions, failurePolicy="Ignore"), binding()) == []
    conditions[1]["expression"] = "false"
    assert said(SERVICE, policy(matchConditions=conditions), binding()) == []


def test_an_expression_that_fails_refuses_unless_failures_are_ignored() -> None:
    failing = [{"expression": "object.spec.ports[7].port > 1"}, {"expression": "object.spec.ports.size()"}]
    first, second = said(SERVICE, policy(validations=failing), binding())
    assert "index" in first
    assert second == "it gives 1, not true or false"
    assert said(SERVICE, policy(validations=failing, failurePolicy="Ignore"), binding()) == []


def test_variables_are_reached_only_where_they_are_needed_and_may_use_those_before_them() -> None:
    variables = [
        {"name": "bad", "expression": "object.nothing.here"},
        {"name": "ports", "expression": "object.spec.ports"},
        {"name": "first", "expression": "variables.ports[0].port"},
    ]
    validations = [{"expression": "variables.first == 80 || variables.bad"}, {"expression": "variables.bad == 1"}]
    assert said(SERVICE, policy(variables=variables, validations=validations), binding()) == [
        'variable bad: Key not found in map : "nothing"'
    ]


def test_the_message_is_the_expressions_then_the_written_one_then_the_rule_itself() -> None:
    validations = [
        {"expression": "false", "messageExpression": "'port ' + string(object.spec.ports[0].port)", "message": "m"},
        {"expression": "false", "messageExpression": "'two\\nlines'", "message": "m"},
        {"expression": "false", "messageExpression": "object.nothing", "message": "n"},
        {"expression": "1 ==\n  2"},
    ]
    assert said(SERVICE, policy(validations=validations), binding()) == [
        "port 80", "m", "n", "failed expression: 1 == 2",
    ]  # fmt: skip


def params(name: str, highest: str, namespace: str = "shop") -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "labels": {"limits": "yes"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"highest": highest}}


def test_parameters_are_found_by_name_or_selector_in_the_objects_own_namespace_or_the_one_named() -> None:
    made = policy(
        paramKind={"apiVersion": "v1", "kind": "ConfigMap"},
        validations=[
            {
                "expression": "object.spec.ports.all(p, p.port <= int(params.data.highest))",
                "messageExpression": "'at most ' + params.data.highest",
            }
        ],
    )
    low, high, elsewhere = params("low", "10"), params("high", "100"), params("low", "5", "other")
    world = (SERVICE, made, low, high, elsewhere)
    deny = {"parameterNotFoundAction": "Deny"}
    assert said(*world, binding(paramRef={"name": "low", **deny})) == ["at most 10"]
    assert said(*world, binding(paramRef={"name": "high", **deny})) == []
    assert said(*world, binding(paramRef={"name": "low", "namespace": "other", **deny})) == ["at most 5"]
    assert said(*world, binding(paramRef={"selector": {"matchLabels": {"limits": "yes"}}, **deny})) == ["at most 10"]
    [missing] = said(*world, binding(paramRef={"name": "none", **deny}))
    assert "parameters are not rendered" in missing
    assert said(*world, binding(paramRef={"name": "none", "parameterNotFoundAction": "Allow"})) == []


def test_an_object_is_created_and_where_only_updates_are_asked_for_updated_as_it_is() -> None:
    created = [{"expression": "oldObject == null && request.operation == 'CREATE' && request.name == 'api'"}]
    updated = [{"expression": "oldObject.metadata == object.metadata && request.operation == 'UPDATE'"}]
    rule = {**RULE, "operations": ["UPDATE"]}
    assert said(SERVICE, policy(validations=created), binding()) == []
    assert said(SERVICE, policy(validations=updated, matchConstraints={"resourceRules": [rule]}), binding()) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("quantity('1Gi') == quantity('1024Mi')", True),
        ("quantity('1500m').isGreaterThan(quantity('1'))", True),
        ("quantity('1').add(quantity('500m')).compareTo(quantity('1500m'))", 0),
        ("quantity('2k').asInteger()", 2000),
        ("isQuantity('1 Gi')", False),
        ("semver('1.10.0').isGreaterThan(semver('1.9.9'))", True),
        ("semver('1.0.0-rc.1').isLessThan(semver('1.0.0'))", True),
        ("'a1b22'.findAll('[0-9]+')", ["1", "22"]),
        ("'a1b22'.find('[0-9]+')", "1"),
        ("[3, 1].isSorted() || [1, 2].sum() != 3", False),
        ("[3, 1].max() - [3, 1].min()", 2),
        ("[3, 1, 3].lastIndexOf(3) + 'abc'.indexOf('c')", 4),
        ("sets.contains([1, 2], [2]) && sets.intersects([1], [1, 2]) && sets.equivalent([1, 2], [2, 1])", True),
        ("url('https://u@example.com:8443/a?b=c').getHost()", "example.com:8443"),
        ("cidr('10.0.0.0/8').containsIP(ip('10.1.2.3')) && cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", True),
        ("isIP('300.0.0.1') || isCIDR('10.0.0.0/33') || isURL('example') || isSemver('1.0')", False),
        ("'%s-%d'.format(['a', 2])", "a-2"),
        ("{'a': 1}.?b.orValue(7)", 7),
        ("optional.none().hasValue()", False),
    ],
)
def test_kubernetes_own_functions(text: str, value: Any) -> None:
    program = compiled(text)
    assert isinstance(program, Program)
    assert program.run({**dict.fromkeys(NAMES), "variables": {}}) == value


def test_a_function_that_fails_is_a_failed_expression() -> None:
    program = compiled("quantity('much').asInteger() == 1")
    assert isinstance(program, Program)
    assert program.run(dict.fromkeys(NAMES)) == Failed("'much' is no quantity")


@pytest.mark.parametrize(
    "text",
    [
        "authorizer.group('').resource('pods').check('get').allowed()",
        "request.userInfo.username == 'me'",
        "object.l.all(i, v, i < v)",
        "format.named('dns1123Label').hasValue()",
    ],
)
def test_what_cannot_be_known_here_is_said_and_not_guessed(text: str) -> None:
    made = compiled(text)
    assert isinstance(made, Uncompiled)
    assert made.here


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("NetworkPolicy", "networkpolicies"), ("Ingress", "ingresses"), ("Gateway", "gateways"),
        ("StorageClass", "storageclasses"), ("Endpoints", "endpoints"), ("Prometheus", "prometheuses"),
        ("ServiceEntry", "serviceentries"), ("Sidecar", "sidecars"), ("ProxyConfig", "proxyconfigs"),
    ],
)  # fmt: skip
def test_the_resource_of_a_kind(kind: str, name: str) -> None:
    assert resource(kind) == name
