"""Every rendered object has exactly the fields that its kind has upstream: a misspelt one would be dropped in silence.

Objects of Kubernetes itself are held against the schemas of the version that their cell runs. Custom resources are held
against upstream's definitions, which are not part of this repository: they are looked for beside the checkout.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import kubernetes_validate
import pytest

from tests.conftest import REPOSITORY
from tests.fleets.example import Example, Rendered

CORE = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
CUSTOM = REPOSITORY.parent / "shared" / "crds"
CORE_GROUPS = frozenset(
    ("", "apps", "autoscaling", "batch", "policy", "networking.k8s.io", "rbac.authorization.k8s.io",
     "scheduling.k8s.io", "storage.k8s.io", "admissionregistration.k8s.io")
)  # fmt: skip
AZURE = "storage.azure.com/v1api20230101"
UNKNOWN_UPSTREAM = frozenset(
    (
        ("argoproj.io/v1alpha1", "EventBus"),
        (AZURE, "StorageAccount"),
        (AZURE, "StorageAccountsBlobService"),
        (AZURE, "StorageAccountsBlobServicesContainer"),
        (AZURE, "StorageAccountsManagementPolicy"),
    )
)
"""Kinds that upstream's collection has no schema of; their contracts were written from the types of their operator."""
DEFINITIONS = "json-schema:///definitions.json"


def is_core(item: Rendered) -> bool:
    return item.body["apiVersion"].rpartition("/")[0] in CORE_GROUPS


@functools.cache
def definitions(folder: Path) -> Any:
    return json.loads(_with_absolute_references((folder / "_definitions.json").read_text(encoding="utf-8")))


@functools.cache
def core_validator(version: str, api_version: str, kind: str) -> jsonschema_rs.Validator:
    folder = CORE / f"v{version}.0-local-strict"
    group, _, api = api_version.rpartition("/")
    parts = [kind.lower(), *([group.split(".")[0]] if group else []), api]
    text = (folder / f"{'-'.join(parts)}.json").read_text(encoding="utf-8")
    schema = json.loads(_with_absolute_references(text))
    return jsonschema_rs.validator_for(schema, retriever=lambda _: definitions(folder))


def _with_absolute_references(text: str) -> str:
    return text.replace('"/api/_definitions.json#', f'"{DEFINITIONS}#').replace(
        '"_definitions.json#', f'"{DEFINITIONS}#'
    )


@functools.cache
def custom_validator(api_version: str, kind: str) -> jsonschema_rs.Validator:
    group, _, api = api_version.rpartition("/")
    schema = json.loads((CUSTOM / group / f"{kind.lower()}_{api}.json").read_text(encoding="utf-8"))
    known = {"apiVersion": True, "kind": True, "metadata": True, **schema.get("properties", {})}
    return jsonschema_rs.validator_for({**schema, "properties": known, "additionalProperties": False})


def faults(validator: jsonschema_rs.Validator, item: Rendered) -> list[str]:
    return [
        f"{item}: {'/'.join(map(str, error.instance_path))}: {error.message[:200]}"
        for error in validator.iter_errors(item.body)
    ]


def test_objects_of_kubernetes_match_the_schema_of_their_cells_version(example: Example) -> None:
    found = []
    for cluster, objects in example.clusters():
        for item in filter(is_core, objects):
            found += faults(core_validator(cluster.kubernetes, item.body["apiVersion"], item.kind), item)
    assert not found


def test_custom_resources_match_upstreams_schemas(example: Example) -> None:
    if not CUSTOM.is_dir():
        pytest.skip(f"upstream's schemas of custom resources are not in {CUSTOM}")
    custom = [
        item
        for item in example.objects
        if not is_core(item) and (item.body["apiVersion"], item.kind) not in UNKNOWN_UPSTREAM
    ]
    assert custom
    assert not [
        fault for item in custom for fault in faults(custom_validator(item.body["apiVersion"], item.kind), item)
    ]


def test_the_schemas_refuse_a_field_that_a_kind_does_not_have(example: Example) -> None:
    item = example.of("NetworkPolicy")[0]
    wrong = Rendered(item.path, {**item.body, "spec": {**item.body["spec"], "policyType": ["Ingress"]}})
    assert faults(core_validator("1.34", "networking.k8s.io/v1", "NetworkPolicy"), wrong)
    assert not faults(core_validator("1.34", "networking.k8s.io/v1", "NetworkPolicy"), item)


@pytest.mark.parametrize(
    ("group", "version"),
    [
        ("networking.istio.io", "v1"), ("security.istio.io", "v1"), ("telemetry.istio.io", "v1"),
        ("autoscaling", "v2"), ("autoscaling.k8s.io", "v1"), ("policy", "v1"), ("external-secrets.io", "v1"),
        ("cert-manager.io", "v1"), ("argoproj.io", "v1alpha1"), ("networking.k8s.io", "v1"),
    ],
)  # fmt: skip
def test_each_group_is_rendered_in_the_version_that_is_current(example: Example, group: str, version: str) -> None:
    versions = {item.body["apiVersion"] for item in example.objects}
    assert {each for each in versions if each.rpartition("/")[0] == group} == {f"{group}/{version}"}
