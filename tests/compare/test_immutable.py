"""Changes that the API server refuses: the table of fields, and how two values are compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from generator.check.schemas import api
from generator.compare.immutable import IMMUTABLE
from generator.compare.refusals import _made_again, _refused
from tests.conftest import REPOSITORY

UPSTREAM = REPOSITORY.parent / "shared" / "crds"
JUDGED = [
    (
        "apps", "Deployment",
        {"spec": {"selector": {"a": "b"}}}, {"spec": {"selector": {"a": "c"}}}, "spec.selector.a: b → c",
    ),
    ("apps", "Deployment", {"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, ""),
    (
        "apps", "StatefulSet",
        {"spec": {"replicas": 1, "template": {}}}, {"spec": {"replicas": 2, "template": {"a": 1}}}, "",
    ),
    ("apps", "StatefulSet", {"spec": {"serviceName": "a"}}, {"spec": {"serviceName": "b"}}, "spec.serviceName: a → b"),
    (
        "apps", "StatefulSet",
        {"spec": {"volumeClaimTemplates": [{"spec": {"size": 1}}]}}, {"spec": {"volumeClaimTemplates": []}},
        'spec.volumeClaimTemplates: [{"spec": {"size": 1}}] → []',
    ),
    ("batch", "Job", {"spec": {"template": {"x": 1}}}, {"spec": {"template": {"x": 2}}}, "spec.template.x: 1 → 2"),
    ("batch", "Job", {"spec": {"parallelism": 1}}, {"spec": {"parallelism": 2}}, ""),
    ("batch", "Job", {"spec": {}}, {"spec": {"completionMode": "NonIndexed"}}, ""),
    ("", "Secret", {"type": "Opaque"}, {}, ""),
    ("", "Secret", {"type": "Opaque"}, {"type": "kubernetes.io/tls"}, "type: Opaque → kubernetes.io/tls"),
    ("", "ConfigMap", {"data": {"a": "1"}}, {"data": {"a": "2"}}, ""),
    (
        "", "ConfigMap",
        {"immutable": True, "data": {"a": "1"}}, {"immutable": True, "data": {"a": "2"}}, "data.a: 1 → 2",
    ),
    ("", "ConfigMap", {"data": {"a": "1"}}, {"immutable": True, "data": {"a": "2"}}, ""),
    ("", "ConfigMap", {"immutable": True}, {}, "immutable: true → absent"),
    ("", "Service", {"spec": {}}, {"spec": {"clusterIP": "10.0.0.1"}}, ""),
    ("", "Service", {"spec": {"clusterIP": "None"}}, {"spec": {}}, "spec.clusterIP: None → absent"),
    ("", "Service", {"spec": {"clusterIP": "None"}}, {"spec": {"type": "ExternalName"}}, ""),
    ("", "Service", {"spec": {"ipFamilies": ["IPv4"]}}, {"spec": {"ipFamilies": ["IPv4", "IPv6"]}}, ""),
    (
        "", "Service",
        {"spec": {"ipFamilies": ["IPv4"]}}, {"spec": {"ipFamilies": ["IPv6"]}}, "spec.ipFamilies.0: IPv4 → IPv6",
    ),
    ("storage.k8s.io", "StorageClass", {"provisioner": "a"}, {"provisioner": "a", "reclaimPolicy": "Delete"}, ""),
    ("storage.k8s.io", "StorageClass", {}, {"reclaimPolicy": "Retain"}, "reclaimPolicy: Delete → Retain"),
    ("storage.k8s.io", "StorageClass", {"parameters": {"a": "1"}}, {}, 'parameters: {"a": "1"} → absent'),
    ("scheduling.k8s.io", "PriorityClass", {"value": 1}, {"value": 1.0}, "value: 1 → 1.0"),
    (
        "postgresql.cnpg.io", "Cluster",
        {"spec": {"storage": {"size": "1Gi"}}}, {"spec": {"storage": {"size": "1024Mi"}}}, "",
    ),
    (
        "postgresql.cnpg.io", "Cluster",
        {"spec": {"storage": {"size": "1Gi"}}}, {"spec": {"storage": {"size": "1G"}}}, "spec.storage.size: 1Gi → 1G",
    ),
    ("postgresql.cnpg.io", "Cluster", {"spec": {"storage": {"size": "x"}}}, {"spec": {"storage": {"size": []}}}, ""),
    ("postgresql.cnpg.io", "Database", {"spec": {}}, {"spec": {"locale": "C"}}, ""),
    ("apps", "Deployment", {"spec": 1}, {"spec": []}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("group", "kind", "before", "after", "expected"), JUDGED)
def test_what_is_refused(group: str, kind: str, before: Any, after: Any, expected: str) -> None:
    said = [_refused(rule, before, after) for rule in IMMUTABLE[group, kind]]
    assert "; ".join(filter(None, said)) == expected


def claim(requests: Any, **spec: Any) -> dict[str, Any]:
    return {"spec": {"resources": {"requests": requests}, **spec}}


def test_a_claim_may_grow_and_do_nothing_else() -> None:
    def said(before: Any, after: Any) -> list[str]:
        return [text for rule in IMMUTABLE["", "PersistentVolumeClaim"] if (text := _refused(rule, before, after))]

    assert said(claim({"storage": "1Gi"}), claim({"storage": "2Gi"})) == []
    assert said(claim({"storage": "2Gi"}), claim({"storage": "1Gi"})) == ["spec.resources.requests.storage: 2Gi → 1Gi"]
    assert said(claim({"storage": "2Gi"}, storageClassName="a"), claim({"storage": "2Gi"}, storageClassName="b")) == [
        "spec.storageClassName: a → b"
    ]
    spelled = claim({"storage": "2Gi"}, volumeMode="Filesystem")
    assert said(claim({"storage": "2Gi"}), spelled) == said(spelled, claim({"storage": "2Gi"})) == []
    assert said(spelled, claim({"storage": "2Gi"}, volumeMode="Block")) == ["spec.volumeMode: Filesystem → Block"]


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ({"argocd.argoproj.io/sync-options": "Force=true,Replace=true"}, True),
        ({"argocd.argoproj.io/sync-options": "Prune=false, Replace=true , Force=true"}, True),
        ({"argocd.argoproj.io/sync-options": "Replace=true"}, False),
        ({"argocd.argoproj.io/sync-options": "Force=true"}, False),
        ({"argocd.argoproj.io/hook": "Sync"}, True),
        ({"argocd.argoproj.io/hook": "Sync", "argocd.argoproj.io/hook-delete-policy": "HookSucceeded"}, False),
        ({"argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation"}, False),
        ({}, False),
        ([], False),
    ],
)
def test_what_argo_cd_makes_again(notes: Any, expected: bool) -> None:
    assert _made_again({"metadata": {"annotations": notes}}) is expected


def test_every_field_of_a_core_kind_is_one_that_the_api_has() -> None:
    known = api("1.34")
    assert known is not None
    versions = {(version.rpartition("/")[0], kind): name for (version, kind), name in known.kinds.items()}
    for (group, kind), rules in IMMUTABLE.items():
        if (group, kind) not in versions:
            continue
        for rule in rules:
            for way in (rule.way, *((*rule.way, *free) for free in rule.free)):
                schema = known.definitions[versions[group, kind]]
                for step in way:
                    while "$ref" in schema:
                        schema = known.definitions[schema["$ref"].rpartition("/")[2]]
                    within = schema.get("properties", {}).get(step) or schema.get("additionalProperties")
                    schema = schema.get("items") if step.isdigit() else within
                    assert schema, (kind, way)


def fixed_upstream(schema: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The fields of a definition with a rule `self == oldSelf`."""
    if isinstance(schema, dict):
        rules = schema.get("x-kubernetes-validations", [])
        if any(rule.get("rule") == "self == oldSelf" for rule in rules):
            yield way
        for name, inner in schema.get("properties", {}).items():
            yield from fixed_upstream(inner, (*way, name))


def test_every_field_that_a_definition_of_a_rendered_kind_fixes_is_in_the_table() -> None:
    if not UPSTREAM.is_dir():
        pytest.skip(f"upstream's definitions of custom resources are not in {UPSTREAM}")
    seen = 0
    for file in sorted((REPOSITORY / "schemas/crds").glob("*/*.json")):
        upstream = UPSTREAM / file.relative_to(REPOSITORY / "schemas/crds")
        if not upstream.is_file():
            continue
        kind = json.loads(file.read_bytes())["properties"]["kind"]["const"]
        expected = set(fixed_upstream(json.loads(upstream.read_bytes())))
        seen += len(expected)
        assert expected <= {rule.way for rule in IMMUTABLE.get((file.parent.name, kind), ())}, kind
    assert seen > 10
