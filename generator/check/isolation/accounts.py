"""By whose cloud identity each tenant reads secrets and files.

A leak is
- one cloud identity that objects of two tenants, or of a tenant and the platform, act by;
- a store of a tenant that reads with an account of another namespace, with the operator's own identity (no
  authentication given, or the node's), or from another namespace of a cluster;
- a ClusterSecretStore that admits a namespace of a tenant, by name, label or pattern, or every namespace.

Not proven, and reported as such: a tenant's store whose account has no identity, or that reads with credentials from a
Secret, for nothing rendered says whose they are; a pattern that cannot be read.

Accepted: the platform's stores read with the cell's identity, which may read every key to set up the shared stores.
What an identity may do is the provider's to say, and no object of the cluster tells it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from generator.check.fields import field, items, mapping, string
from generator.check.index import Index
from generator.check.isolation.cloud import Holder, holders, identity_of
from generator.check.isolation.leaks import Leak
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.check.pods import selects
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

IDENTITY: Final = Code(
    "ISO061",
    "two tenants act by one cloud identity",
    "To the provider they are one: each reads the other's secrets, backups and files.",
)
STORE: Final = Code(
    "ISO062",
    "a secret store reads for a tenant with an identity that is not the tenant's",
    "The tenant's objects draw whatever that identity may read.",
)
UNPROVEN: Final = Code(
    "ISO065",
    "nothing rendered says what a tenant's secret store may read",
    "The store may read every tenant's secrets, so the tenant cannot be proven to stay with its own.",
)

_GROUP: Final = "external-secrets.io"
_CLOUDS: Final = frozenset({"aws", "azurekv", "gcpsm"})
_VERB: Final = "reads secrets with"
_OWN: Final = "read with the tenant's own service account, which has the tenant's cloud identity"


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every identity and every secret store of the cluster."""
    for parts in (_identities, _stores):
        for leak in parts(index, tenants):
            yield leak.diagnostic()


def _identities(index: Index, tenants: Tenants) -> Iterator[Leak]:
    by_identity: dict[str, dict[str, list[Holder]]] = {}
    for holder in holders(index, tenants):
        by_identity.setdefault(holder.identity, {}).setdefault(holder.owner, []).append(holder)
    for identity, by_owner in by_identity.items():
        if len(by_owner) < 2:
            continue
        # Whoever holds it most often is taken for the one that it was made for.
        first = max(by_owner, key=lambda owner: (len(by_owner[owner]), owner == ""))
        of = f"tenant {first}" if first else "the platform"
        for owner, found in by_owner.items():
            for holder in found if owner != first else ():
                yield Leak(
                    code=IDENTITY,
                    origin=holder.rendered.label + (f" of tenant {owner}" if owner else " of the platform"),
                    verb="acts as",
                    target=of,
                    through=f"both are {identity} to the provider",
                    rendered=holder.rendered,
                    at=holder.at,
                    closed="give each tenant an identity of its own",
                    related=((f"{of} acts by it here", by_owner[first][0].rendered, by_owner[first][0].at),),
                )


def _stores(index: Index, tenants: Tenants) -> Iterator[Leak]:
    for store in index.of(_GROUP, "SecretStore"):
        if own := tenants.owner(store):
            yield from _store(index, tenants, store, own)
    for store in index.of(_GROUP, "ClusterSecretStore"):
        yield from _admitted(tenants, store)


def _store(index: Index, tenants: Tenants, store: Rendered, own: str) -> Iterator[Leak]:
    """Whether a tenant's store reads by the tenant's identity."""
    provider = next(iter(mapping(store.data, "spec", "provider")), "")
    at: Pointer = ("spec", "provider", provider) if provider else ("spec",)
    given = mapping(store.data, *at)
    origin, unknown = f"tenant {own}", "an identity that is not rendered"
    remote = string(given, "remoteNamespace") if provider == "kubernetes" else ""
    if remote and tenants.owners.get(remote) != own:
        through = "the store reads that namespace"
        yield Leak(STORE, origin, f"the Secrets of {remote}", through, store, (*at, "remoteNamespace"), _OWN, "reads")
    if (account := _account(given)) is not None:
        yield from _by_account(index, tenants, store, own, (*at, *account[0]), account[1])
    elif _credentials(given):
        through = "its credentials stand in a Secret, and nothing rendered says whose they are"
        yield Leak(UNPROVEN, origin, unknown, through, store, at, _OWN, _VERB, key=True)
    else:
        through = "the store names no account, so the operator's own is taken"
        yield Leak(STORE, origin, "the operator's own identity", through, store, at, _OWN, _VERB, key=True)


def _by_account(
    index: Index, tenants: Tenants, store: Rendered, own: str, at: Pointer, reference: Any
) -> Iterator[Leak]:
    name, namespace = string(reference, "name"), string(reference, "namespace") or store.namespace
    if tenants.owners.get(namespace) != own:
        through = "the store names an account of another namespace"
        target = f"the account {name} of {namespace}"
        yield Leak(STORE, f"tenant {own}", target, through, store, (*at, "namespace"), _OWN, _VERB)
        return
    found = index.get("", "ServiceAccount", namespace, name)
    if "provider" not in at or at[2] not in _CLOUDS or found is None or found.kind != "ServiceAccount":
        return
    if not identity_of(found):
        through = f"{found.label} has no cloud identity"
        related = (("an annotation would give it one", found, ("metadata",)),)
        target = "an identity that is not rendered"
        yield Leak(UNPROVEN, f"tenant {own}", target, through, store, (*at, "name"), _OWN, _VERB, related)


def _account(data: Any) -> tuple[Pointer, Any] | None:
    """The `serviceAccountRef` of a provider, wherever that provider keeps it."""
    rest: list[tuple[Pointer, Any]] = [((), data)]
    while rest:
        at, given = rest.pop()
        for key, value in given.items():
            if isinstance(value, dict):
                if key == "serviceAccountRef":
                    return (*at, key), value
                rest.append(((*at, key), value))
    return None


def _credentials(data: Any) -> bool:
    return any(
        key.endswith("SecretRef") or key == "secretRef" or (isinstance(value, dict) and _credentials(value))
        for key, value in data.items()
    )


def _admitted(tenants: Tenants, store: Rendered) -> Iterator[Leak]:
    """The tenants that a ClusterSecretStore admits. Any one condition that holds is enough."""
    closed = "name the platform's namespaces in its conditions, and no tenant's"
    verb, target = "reads secrets with", f"{store.label}, whose identity is the cell's"
    if not field(store.data, "spec", "conditions"):
        yield Leak(STORE, "every tenant", target, "it has no conditions", store, ("spec",), closed, verb, key=True)
    for at, condition in items(store.data, "spec", "conditions"):
        for pointer, name in items(condition, "namespaces"):
            if name in tenants.owners:
                yield Leak(
                    STORE,
                    f"tenant {tenants.owners[name]}",
                    target,
                    "its conditions name the namespace",
                    store,
                    (*at, *pointer),
                    closed,
                    verb,
                )
        selector = field(condition, "namespaceSelector")
        if isinstance(selector, dict):
            first = next((name for name in tenants.owners if selects(selector, tenants.labels[name])), "")
            if first:
                yield Leak(
                    STORE,
                    f"tenant {tenants.owners[first]}",
                    target,
                    f"its selector takes {first}",
                    store,
                    (*at, "namespaceSelector"),
                    closed,
                    verb,
                    key=True,
                )
        for pointer, pattern in items(condition, "namespaceRegexes"):
            yield from _admitted_by_pattern(tenants, store, (*at, *pointer), pattern, target, closed)


def _admitted_by_pattern(
    tenants: Tenants, store: Rendered, at: Pointer, pattern: Any, target: str, closed: str
) -> Iterator[Leak]:
    try:
        expression = re.compile(pattern)
    except (re.error, TypeError):
        yield Leak(
            UNPROVEN, "a tenant", target, "its pattern cannot be read", store, at, closed, "may read secrets with"
        )
        return
    first = next((name for name in tenants.owners if expression.search(name)), "")
    if first:
        yield Leak(
            STORE,
            f"tenant {tenants.owners[first]}",
            target,
            f"its pattern takes {first}",
            store,
            at,
            closed,
            "reads secrets with",
        )
