"""Whether what a pod names is there when it starts: account, priority, ConfigMaps and Secrets with their keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from generator.check.fields import field, items, mapping, string
from generator.check.findings import finding
from generator.check.index import Index
from generator.check.made import keys_of
from generator.check.pods import Pods
from generator.diagnostics import Code, Diagnostic, Related, did_you_mean, listing
from generator.source import Pointer

NO_ACCOUNT: Final = Code(
    "CHK040",
    "a pod's service account is not rendered",
    "The workload can create no pods.",
)
NO_PRIORITY: Final = Code(
    "CHK041",
    "a pod's priority class is not rendered",
    "The API server refuses every pod of the workload.",
)
NO_SOURCE: Final = Code(
    "CHK042",
    "a pod reads a ConfigMap or Secret that nothing makes",
    "Its containers wait in CreateContainerConfigError, or its volumes in FailedMount.",
)
NO_KEY: Final = Code(
    "CHK043",
    "a pod reads a key that its ConfigMap or Secret will not have",
    "Its containers wait in CreateContainerConfigError.",
)

_BUILT_IN_CLASSES: Final = frozenset({"system-cluster-critical", "system-node-critical"})


class _Reference(Struct, frozen=True):
    """One mention of a ConfigMap or Secret: where its name stands, and the keys wanted of it with their places."""

    kind: str
    name: str
    at: Pointer
    keys: tuple[tuple[str, Pointer], ...]


def check(index: Index) -> Iterator[Diagnostic]:
    """Every pod template that is rendered."""
    for pods in index.workloads:
        if pods.known:
            yield from _account(index, pods)
            yield from _priority(index, pods)
            for reference in _references(pods):
                yield from _source(index, pods, reference)


def _account(index: Index, pods: Pods) -> Iterator[Diagnostic]:
    name, namespace = string(pods.spec, "serviceAccountName"), pods.owner.namespace
    if not name or name == "default" or index.get("", "ServiceAccount", namespace, name):
        return
    if not index.from_chart(namespace, name):
        known = index.names("", "ServiceAccount", namespace)
        yield finding(
            NO_ACCOUNT,
            pods.owner,
            (*pods.at, "spec", "serviceAccountName"),
            f"no ServiceAccount {name} is rendered in {namespace}",
            found=name,
            expected=listing(known) or "a ServiceAccount in the same namespace",
            hint=did_you_mean(name, known) or "render the ServiceAccount beside the workload",
        )


def _priority(index: Index, pods: Pods) -> Iterator[Diagnostic]:
    name = string(pods.spec, "priorityClassName")
    if name and name not in _BUILT_IN_CLASSES and index.get("scheduling.k8s.io", "PriorityClass", "", name) is None:
        known = index.names("scheduling.k8s.io", "PriorityClass", "")
        yield finding(
            NO_PRIORITY,
            pods.owner,
            (*pods.at, "spec", "priorityClassName"),
            f"no PriorityClass {name} is rendered in {index.cluster}",
            found=name,
            expected=listing(known) or "a PriorityClass of the cluster",
            hint=did_you_mean(name, known) or "render the PriorityClass among the cluster's objects",
        )


def _source(index: Index, pods: Pods, reference: _Reference) -> Iterator[Diagnostic]:
    namespace = pods.owner.namespace
    source = index.get("", reference.kind, namespace, reference.name)
    if source is None:
        known = index.names("", reference.kind, namespace)
        yield finding(
            NO_SOURCE,
            pods.owner,
            reference.at,
            f"nothing makes a {reference.kind} {reference.name} in {namespace}",
            found=reference.name,
            expected=listing(known) or f"a {reference.kind}, or an ExternalSecret or Certificate that makes it",
            hint=did_you_mean(reference.name, known) or f"render what makes the {reference.kind}, or mark it optional",
        )
        return
    keys = keys_of(source) if source.kind != "Namespace" else None
    for key, at in reference.keys if keys is not None else ():
        if keys is not None and key not in keys:
            yield finding(
                NO_KEY,
                pods.owner,
                at,
                f"the {reference.kind} {reference.name} will have no key {key}",
                found=key,
                expected=listing(keys) or "no key at all",
                hint=did_you_mean(key, keys) or f"add the key to {source.label}",
                related=(Related(f"what makes the {reference.kind}", source.locate(("metadata", "name"))),),
            )


def _references(pods: Pods) -> Iterator[_Reference]:
    for at, container in pods.containers():
        for pointer, variable in items(container, "env"):
            if not mapping(variable, "valueFrom"):
                continue
            for entry, kind in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
                chosen = mapping(variable, "valueFrom", entry)
                place: Pointer = (*at, *pointer, "valueFrom", entry)
                wanted = ((string(chosen, "key"), (*place, "key")),)
                yield from _reference(kind, chosen, "name", place, wanted)
        for pointer, origin in items(container, "envFrom"):
            for entry, kind in (("secretRef", "Secret"), ("configMapRef", "ConfigMap")):
                yield from _reference(kind, mapping(origin, entry), "name", (*at, *pointer, entry))
    spec: Pointer = (*pods.at, "spec")
    for pointer, volume in items(pods.spec, "volumes"):
        yield from _volume((*spec, *pointer), volume, "secretName")
        for inner, projected in items(volume, "projected", "sources"):
            yield from _volume((*spec, *pointer, *inner), projected, "name")
    for pointer, secret in items(pods.spec, "imagePullSecrets"):
        yield from _reference("Secret", secret, "name", (*spec, *pointer))


def _volume(at: Pointer, volume: Any, secret_field: str) -> Iterator[_Reference]:
    for entry, kind, name in (("secret", "Secret", secret_field), ("configMap", "ConfigMap", "name")):
        source = mapping(volume, entry)
        wanted = tuple((string(item, "key"), (*at, entry, *inner, "key")) for inner, item in items(source, "items"))
        yield from _reference(kind, source, name, (*at, entry), wanted)


def _reference(
    kind: str, data: Any, name: str, at: Pointer, keys: tuple[tuple[str, Pointer], ...] = ()
) -> Iterator[_Reference]:
    if (found := string(data, name)) and field(data, "optional") is not True:
        yield _Reference(kind, found, (*at, name), tuple(pair for pair in keys if pair[0]))
