"""Stores that tenants share beside PostgreSQL, and how pods find a store: Redis, ClickHouse, Elasticsearch, and the
names of databases, users, hosts and tenants in the environment of pods.

Redis, ClickHouse and Elasticsearch of a platform hold what is of several tenants; the platform's own services, which
all of them trust, keep it apart by keys, and have the one user there is. A leak is
- a store or user that asks nobody for a password, but for users that only come from the store's own machine;
- a user's password in a Secret of a tenant;
- a variable of a tenant's pods, or an entry of a ConfigMap of theirs, that names the database, the database role, the
  host or the name (`TENANT`) of another.

Not decided: what services write into such a store, for it is not rendered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from generator.check.fields import field, items, mapping, string
from generator.check.index import Index
from generator.check.isolation.leaks import Leak
from generator.check.isolation.postgres import served
from generator.check.isolation.settings import settings
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

OPEN: Final = Code(
    "ISO077",
    "a shared store takes whoever comes",
    "Every pod that the network lets through reads what is of all tenants.",
)
CONNECTION: Final = Code(
    "ISO078",
    "a tenant's pods are pointed at what is another tenant's",
    "They read or write the other tenant's data where they hold a password for it, and their own is lost to them.",
)

_POINTED: Final = "are pointed at"
_LOCAL: Final = frozenset({"127.0.0.1", "::1", "127.0.0.1/8", "::1/128"})
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_HOST: Final = re.compile(r"(?<![A-Za-z0-9_.-])([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\.[a-z0-9.-]+)?)?(?![A-Za-z0-9_-])")


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every shared store, and every variable of tenants' pods."""
    for parts in (_clickhouse, _redis, _elasticsearch, _variables):
        for leak in parts(index, tenants):
            yield leak.diagnostic()


def _clickhouse(index: Index, tenants: Tenants) -> Iterator[Leak]:
    for store in index.of("clickhouse.altinity.com", "ClickHouseInstallation"):
        if tenants.owner(store):
            continue
        settings = mapping(store.data, "spec", "configuration", "users")
        for key, value in settings.items():
            user, _, part = key.partition("/")
            at: Pointer = ("spec", "configuration", "users", key)
            networks = value if isinstance(value, list) else [value]
            if part == "networks/ip" and not _LOCAL.issuperset(networks) and not _has_password(settings, user):
                closed = f"give {user} a password from a Secret, or let it come from 127.0.0.1 alone"
                yield Leak(
                    OPEN, "every tenant", store.label, f"its user {user} has no password", store, at, closed, key=True
                )
            if part.startswith("k8s_secret_") and isinstance(value, str) and "/" in value:
                namespace = value.split("/")[0]
                if namespace in tenants.owners:
                    yield Leak(
                        OPEN,
                        f"tenant {tenants.owners[namespace]}",
                        f"{store.label} as {user}",
                        "it holds the password",
                        store,
                        at,
                        "keep the password in the platform's namespace",
                    )


def _has_password(settings: dict[str, object], user: str) -> bool:
    return any(key.startswith(f"{user}/") and "password" in key and value for key, value in settings.items())


def _redis(index: Index, tenants: Tenants) -> Iterator[Leak]:
    for store in index.of("redis.redis.opstreelabs.in", "Redis", "RedisCluster", "RedisReplication"):
        if not tenants.owner(store) and not string(store.data, "spec", "kubernetesConfig", "redisSecret", "name"):
            closed = "name the Secret with its password in kubernetesConfig.redisSecret"
            yield Leak(
                OPEN,
                "every tenant",
                store.label,
                "it has no password",
                store,
                ("spec", "kubernetesConfig"),
                closed,
                key=True,
            )


def _elasticsearch(index: Index, tenants: Tenants) -> Iterator[Leak]:
    for store in index.of("elasticsearch.k8s.elastic.co", "Elasticsearch"):
        for at, nodes in items(store.data, "spec", "nodeSets"):
            config = mapping(nodes, "config")
            for key, value in config.items():
                off = key == "xpack.security.enabled" and value in {False, "false"}
                if not tenants.owner(store) and (off or key.startswith("xpack.security.authc.anonymous")):
                    closed = "take the setting out: Elasticsearch asks for a password by itself"
                    yield Leak(
                        OPEN,
                        "every tenant",
                        store.label,
                        f"{key} lets in who has no password",
                        store,
                        (*at, "config", key),
                        closed,
                    )
            if isinstance(field(config, "xpack"), dict) and not tenants.owner(store):
                nested = mapping(config, "xpack", "security")
                if nested.get("enabled") is False or field(nested, "authc", "anonymous") is not None:
                    yield Leak(
                        OPEN,
                        "every tenant",
                        store.label,
                        "xpack.security lets in who has no password",
                        store,
                        (*at, "config", "xpack"),
                        "take the setting out",
                        key=True,
                    )


def _variables(index: Index, tenants: Tenants) -> Iterator[Leak]:
    named: dict[str, tuple[str, str, Rendered]] = {}
    for cluster in served(index, tenants):
        for database in cluster.databases:
            if database.owner:
                named.setdefault(database.name, (database.owner, "database", database.rendered))
        for declared in cluster.roles.values():
            for role in declared:
                if role.owner:
                    named.setdefault(role.name, (role.owner, "database role", role.rendered))
    for setting in settings(index, tenants):
        found = _names(tenants, named, setting.owner, setting.name, setting.value)
        if found:
            what, other, related = found
            own, rendered = setting.owner, setting.rendered
            through = f"{setting.name} of {rendered.label} says so"
            target = f"{what} of tenant {other}"
            closed = f"write what is tenant {own}'s"
            yield Leak(
                CONNECTION, f"pods of tenant {own}", target, through, rendered, setting.at, closed, _POINTED, related
            )


def _names(
    tenants: Tenants, named: dict[str, tuple[str, str, Rendered]], own: str, variable: str, value: str
) -> tuple[str, str, tuple[tuple[str, Rendered, Pointer], ...]] | None:
    """What of another tenant a variable names: in words, whose it is, and the objects that say so."""
    words, hosts = _spoken(value)
    for word in words:
        if word in named and named[word][0] != own:
            other, kind, rendered = named[word]
            return f"the {kind} {word}", other, ((f"declared for tenant {other} here", rendered, ("metadata", "name")),)
    for host, namespace in hosts:
        other = tenants.owners.get(namespace, own)
        if other != own:
            return f"the host {host}", other, ()
    if "TENANT" in variable.upper() and value != own and value in tenants.homes:
        return "the name", value, ()
    return None


@lru_cache(maxsize=4096)
def _spoken(value: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The words of a value, and its hosts with the namespaces that they may be in. Most values are many tenants'."""
    return tuple(_WORD.findall(value)), tuple((host[0], host[2]) for host in _HOST.finditer(value))
