"""Cloud identities: what a service account is to the provider, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from generator.check.fields import mapping, string, strings
from generator.check.index import Index
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.source import Pointer

IDENTITIES: Final = (
    "eks.amazonaws.com/role-arn",
    "azure.workload.identity/client-id",
    "iam.gke.io/gcp-service-account",
)
"""The annotations by which AWS, Azure and Google know a service account."""


class Holder(Struct, frozen=True):
    """An object that acts by a cloud identity: where it says so, and the tenant that it belongs to ("" is the
    platform). Providers take identities for the same in capitals, so all are in small letters here."""

    identity: str
    rendered: Rendered
    at: Pointer
    owner: str


def holders(index: Index, tenants: Tenants) -> Iterator[Holder]:
    """Every service account with an identity, those that a database cluster's operator makes among them, and every
    secret store that takes a role."""
    for account in index.of("", "ServiceAccount"):
        yield from _annotated(tenants, account, ("metadata", "annotations"))
    for cluster in index.of("postgresql.cnpg.io", "Cluster"):
        yield from _annotated(tenants, cluster, ("spec", "serviceAccountTemplate", "metadata", "annotations"))
    for store in index.of("external-secrets.io", "SecretStore", "ClusterSecretStore"):
        if role := string(store.data, "spec", "provider", "aws", "role"):
            yield Holder(role.lower(), store, ("spec", "provider", "aws", "role"), tenants.owner(store))


def identity_of(account: Rendered) -> str:
    """The cloud identity of a service account, "" where it has none."""
    annotations = strings(account.data, "metadata", "annotations")
    return next((annotations[key] for key in IDENTITIES if annotations.get(key)), "")


def principals(index: Index, tenants: Tenants) -> dict[str, str]:
    """Every identity that is one tenant's: identity → tenant."""
    found: dict[str, set[str]] = {}
    for holder in holders(index, tenants):
        found.setdefault(holder.identity, set()).add(holder.owner)
    return {identity: next(iter(owners)) for identity, owners in found.items() if len(owners) == 1 and "" not in owners}


def _annotated(tenants: Tenants, rendered: Rendered, at: Pointer) -> Iterator[Holder]:
    given: dict[str, Any] = mapping(rendered.data, *at)
    for key in IDENTITIES:
        if value := string(given, key):
            yield Holder(value.lower(), rendered, (*at, key), tenants.owner(rendered))
