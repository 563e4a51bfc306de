"""Every pod template that is rendered, of Kubernetes and of operators: restricted, sized, probed and pinned.

Both seeds run `latest` images without limits, probes or a security context.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fleets.example import Example, Rendered

PINNED = re.compile(r"[a-z0-9./_-]+:(?!latest@)[A-Za-z0-9._-]+@sha256:[0-9a-f]{64}")
RUNS_TO_ITS_END = ("Job", "CronJob")
OPERATOR_PROBES = ("Elasticsearch", "Kibana")
"""Their operator asks in its own way; the templates say so."""
WRITABLE_ROOT = {("ClickHouseInstallation", "clickhouse")}
"""Whose image writes beside its data; the template says so."""


@dataclass(frozen=True, slots=True)
class Pod:
    item: Rendered
    spec: dict[str, Any]

    @property
    def containers(self) -> Iterator[tuple[dict[str, Any], bool]]:
        """Each container, and whether it serves rather than prepares."""
        yield from ((each, True) for each in self.spec["containers"])
        yield from ((each, False) for each in self.spec.get("initContainers", ()))


@pytest.fixture(scope="module")
def pods(example: Example) -> list[Pod]:
    found = [Pod(item, spec) for item in example.objects for spec in templates(item.body)]
    kinds = {pod.item.kind for pod in found}
    assert kinds >= {"Deployment", "Rollout", "Job", "CronJob", "Pooler", "ClickHouseInstallation", *OPERATOR_PROBES}
    return found


def templates(value: Any) -> Iterator[dict[str, Any]]:
    """Whatever holds a list of containers, wherever an operator has it."""
    if isinstance(value, dict):
        if isinstance(value.get("containers"), list):
            yield value
        for inner in value.values():
            yield from templates(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from templates(inner)


def test_every_pod_template_keeps_pod_security_restricted(pods: list[Pod]) -> None:
    for pod in pods:
        context = pod.spec.get("securityContext", {})
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod.spec), pod.item
        assert not any("hostPath" in volume for volume in pod.spec.get("volumes", ())), pod.item
        for container, _ in pod.containers:
            own = container.get("securityContext", {})
            assert {**context, **own}.get("runAsNonRoot") is True, pod.item
            assert {**context, **own}.get("seccompProfile") == {"type": "RuntimeDefault"}, pod.item
            assert own.get("allowPrivilegeEscalation") is False, pod.item
            assert own.get("capabilities") == {"drop": ["ALL"]}, pod.item
            assert not own.get("privileged"), pod.item


def test_every_container_has_requests_and_limits_of_both(pods: list[Pod]) -> None:
    for pod in pods:
        for container, _ in pod.containers:
            for side in ("requests", "limits"):
                assert set(container["resources"][side]) >= {"cpu", "memory"}, (pod.item, container["name"])


def test_every_container_that_serves_is_probed(pods: list[Pod]) -> None:
    for pod in pods:
        if pod.item.kind in (*RUNS_TO_ITS_END, *OPERATOR_PROBES):
            continue
        for container, serves in pod.containers:
            if serves:
                assert {"livenessProbe", "readinessProbe"} <= set(container), (pod.item, container["name"])


def test_the_root_of_every_container_is_read_only_but_for_those_that_say_why(pods: list[Pod]) -> None:
    writable = {
        (pod.item.kind, container["name"])
        for pod in pods
        for container, _ in pod.containers
        if container["securityContext"].get("readOnlyRootFilesystem") is not True
    }
    assert writable == WRITABLE_ROOT


def test_every_image_is_pinned_by_tag_and_digest(pods: list[Pod]) -> None:
    for pod in pods:
        for container, _ in pod.containers:
            # Elastic's operator takes the image beside the template.
            image = container.get("image") or pod.item.body["spec"].get("image", "")
            assert PINNED.fullmatch(image), (pod.item, container["name"], image)
