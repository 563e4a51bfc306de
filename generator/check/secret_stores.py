"""Whether every ExternalSecret has its store, and every store the account that it reads the provider with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from generator.check.fields import items, mapping, string
from generator.check.findings import finding
from generator.check.index import Index
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic, did_you_mean, listing
from generator.source import Pointer

NO_STORE: Final = Code(
    "CHK044",
    "an ExternalSecret's store is not rendered",
    "The Secret is never made, and the pods that need it do not start.",
)
NO_ACCOUNT: Final = Code(
    "CHK045",
    "a secret store's service account is not rendered",
    "External Secrets cannot log in to the provider, and no Secret of the store is made.",
)
NOT_ADMITTED: Final = Code(
    "CHK046",
    "a ClusterSecretStore does not admit the namespace",
    "External Secrets refuses the ExternalSecret, and the Secret is never made.",
)

_GROUP: Final = "external-secrets.io"


def check(index: Index) -> Iterator[Diagnostic]:
    """Every ExternalSecret, SecretStore and ClusterSecretStore."""
    for secret in index.of(_GROUP, "ExternalSecret"):
        for at, reference in _store_references(secret):
            yield from _store(index, secret, at, reference)
    for store in index.of(_GROUP, "SecretStore", "ClusterSecretStore"):
        for at, reference in _account_references(store):
            yield from _account(index, store, at, reference)


def _store_references(secret: Rendered) -> Iterator[tuple[Pointer, Any]]:
    if reference := mapping(secret.data, "spec", "secretStoreRef"):
        yield ("spec", "secretStoreRef"), reference
    for part in ("data", "dataFrom"):
        for pointer, entry in items(secret.data, "spec", part):
            if reference := mapping(entry, "sourceRef", "storeRef"):
                yield (*pointer, "sourceRef", "storeRef"), reference


def _store(index: Index, secret: Rendered, at: Pointer, reference: Any) -> Iterator[Diagnostic]:
    name, kind = string(reference, "name"), string(reference, "kind") or "SecretStore"
    namespace = secret.namespace if kind == "SecretStore" else ""
    store = index.get(_GROUP, kind, namespace, name)
    if store is None:
        known = index.names(_GROUP, kind, namespace)
        where = namespace or index.cluster
        yield finding(
            NO_STORE,
            secret,
            (*at, "name"),
            f"no {kind} {name} is rendered in {where}",
            found=f"{kind} {name}",
            expected=listing(known) or f"one rendered in {where}",
            hint=did_you_mean(name, known) or "render the store, or name the one there is",
        )
    elif kind == "ClusterSecretStore" and not _admits(store, secret.namespace):
        yield finding(
            NOT_ADMITTED,
            secret,
            (*at, "name"),
            f"the ClusterSecretStore {name} does not admit {secret.namespace}",
            found=secret.namespace,
            expected=listing(_admitted(store)),
            hint="use the namespace's own SecretStore, or name the namespace in the store's conditions",
        )


def _admitted(store: Rendered) -> list[str]:
    conditions = items(store.data, "spec", "conditions")
    return [name for _, condition in conditions for _, name in items(condition, "namespaces") if isinstance(name, str)]


def _admits(store: Rendered, namespace: str) -> bool:
    """By name only; a condition by selector or pattern is left to the operator."""
    conditions = [condition for _, condition in items(store.data, "spec", "conditions")]
    by_name = all(isinstance(condition, dict) and set(condition) == {"namespaces"} for condition in conditions)
    return not conditions or not by_name or namespace in _admitted(store)


def _account_references(store: Rendered) -> Iterator[tuple[Pointer, Any]]:
    """Every `serviceAccountRef` below `spec.provider`: each provider keeps it elsewhere."""
    rest: list[tuple[Pointer, Any]] = [(("spec", "provider"), mapping(store.data, "spec", "provider"))]
    while rest:
        at, data = rest.pop()
        for key, value in data.items():
            if isinstance(value, dict):
                if key == "serviceAccountRef":
                    yield (*at, key), value
                else:
                    rest.append(((*at, key), value))


def _account(index: Index, store: Rendered, at: Pointer, reference: Any) -> Iterator[Diagnostic]:
    name = string(reference, "name")
    namespace = string(reference, "namespace") or store.namespace
    if index.get("", "ServiceAccount", namespace, name) or index.from_chart(namespace, name):
        return
    known = index.names("", "ServiceAccount", namespace)
    yield finding(
        NO_ACCOUNT,
        store,
        (*at, "name"),
        f"no ServiceAccount {name} is rendered in {namespace or 'any namespace'}",
        found=name,
        expected=listing(known) or "a ServiceAccount with the provider's identity",
        hint=did_you_mean(name, known) or "render the ServiceAccount; a ClusterSecretStore must name its namespace too",
    )
