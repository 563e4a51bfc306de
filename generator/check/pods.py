"""The pods that rendered objects will start: what selectors select and references are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from generator.check.fields import items, listed, mapping, number, string, strings
from generator.check.objects import Rendered
from generator.source import Pointer

_TEMPLATES: Final[dict[tuple[str, str], Pointer]] = {
    ("", "Pod"): (),
    ("apps", "Deployment"): ("spec", "template"),
    ("apps", "StatefulSet"): ("spec", "template"),
    ("apps", "DaemonSet"): ("spec", "template"),
    ("apps", "ReplicaSet"): ("spec", "template"),
    ("argoproj.io", "Rollout"): ("spec", "template"),
    ("batch", "Job"): ("spec", "template"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
}


class Pods(Struct, frozen=True):
    """The pods of one workload.

    `at` is the pointer of the pod template in the owner; `spec` is its pod spec, empty where an operator makes the
    pods and only their labels are known (`known` is False).
    """

    owner: Rendered
    at: Pointer
    labels: Mapping[str, str]
    spec: Mapping[str, Any]
    known: bool

    def containers(self) -> Iterator[tuple[Pointer, Any]]:
        """Every container, init containers last, each with its pointer in the owner."""
        for part in ("containers", "initContainers"):
            for pointer, container in items(self.spec, part):
                yield (*self.at, "spec", *pointer), container

    def ports(self) -> dict[int, str]:
        """Container ports: number → name ("" for none). Sidecars (init containers that stay) count."""
        found: dict[int, str] = {}
        for pointer, container in self.containers():
            if "initContainers" in pointer and string(container, "restartPolicy") != "Always":
                continue
            for _, port in items(container, "ports"):
                if (value := number(port, "containerPort")) is not None:
                    found[value] = string(port, "name")
        return found


def starts_pods(rendered: Rendered) -> bool:
    """Whether an object is of a kind that `pods_of` gives anything for."""
    return (rendered.group, rendered.kind) in _TEMPLATES or rendered.group == "postgresql.cnpg.io"


def pods_of(rendered: Rendered) -> Iterator[Pods]:
    """The pods that one object starts; most objects start none."""
    at = _TEMPLATES.get((rendered.group, rendered.kind))
    if at is not None:
        template = mapping(rendered.data, *at)
        if template:
            labels = strings(template, "metadata", "labels")
            yield Pods(rendered, at, labels, mapping(template, "spec"), known=True)
        return
    if rendered.group == "postgresql.cnpg.io":
        yield from _database_pods(rendered)


def _database_pods(rendered: Rendered) -> Iterator[Pods]:
    """CloudNativePG labels instances with their cluster and role, and poolers with their name."""
    if rendered.kind == "Cluster":
        for role in ("primary", "replica"):
            labels = {"cnpg.io/cluster": rendered.name, "cnpg.io/instanceRole": role, "role": role,
                      "cnpg.io/podRole": "instance"}  # fmt: skip
            inherited = strings(rendered.data, "spec", "inheritedMetadata", "labels")
            yield Pods(rendered, (), inherited | labels, {}, known=False)
    if rendered.kind == "Pooler":
        given = strings(rendered.data, "spec", "template", "metadata", "labels")
        labels = given | {"cnpg.io/poolerName": rendered.name, "cnpg.io/podRole": "pooler"}
        yield Pods(rendered, ("spec", "template"), labels, {}, known=False)


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector (matchLabels and matchExpressions) selects these labels. An empty one selects all."""
    return selecting(selector)(labels)


def selecting(selector: Mapping[str, Any]) -> Callable[[Mapping[str, str]], bool]:
    """`selects` of one selector, for many labels."""
    wanted = strings(selector, "matchLabels").items()
    expressions = [expression for _, expression in items(selector, "matchExpressions")]
    if not expressions:
        return lambda labels: wanted <= labels.items()
    return lambda labels: wanted <= labels.items() and all(_holds(each, labels) for each in expressions)


def _holds(expression: Any, labels: Mapping[str, str]) -> bool:
    key, values = string(expression, "key"), listed(expression, "values")
    match string(expression, "operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case _:
            return False
