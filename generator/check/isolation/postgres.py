"""What is on each CloudNativePG Cluster: its roles and databases, with the tenant that each is for.

Roles come from DatabaseRole objects, from `managed.roles` of the Cluster, and from the owner that `initdb` makes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from generator.check.fields import field, items, listed, string
from generator.check.index import Index
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.source import Pointer

GROUP: Final = "postgresql.cnpg.io"
ATTRIBUTES: Final = ("superuser", "createrole", "createdb", "replication", "bypassrls")


class Role(Struct, frozen=True):
    """A role as one object declares it, at `at` of that object; `owner` is its tenant, "" for the platform's."""

    name: str
    owner: str
    rendered: Rendered
    at: Pointer
    groups: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    login: bool = False
    password: str = ""


class Database(Struct, frozen=True):
    """A database as one object declares it."""

    name: str
    owner: str
    role: str
    rendered: Rendered
    at: Pointer
    role_at: Pointer


class Served(Struct, frozen=True):
    """One Cluster with all that is declared on it. `owner` is the tenant whose Cluster it is, "" for a pooled one.
    Names may be declared more than once; `roles` and `databases` hold each declaration."""

    cluster: Rendered
    owner: str
    roles: Mapping[str, tuple[Role, ...]]
    databases: tuple[Database, ...]

    def within(self, role: str) -> frozenset[str]:
        """All groups that a role is in, by whatever way."""
        found: set[str] = set()
        rest = [role]
        while rest:
            for each in self.roles.get(rest.pop(), ()):
                rest += [group for group in each.groups if group not in found]
                found.update(each.groups)
        return frozenset(found)

    def logins(self) -> dict[str, tuple[str, frozenset[str]]]:
        """Every role of a tenant that may log in: role → (tenant, its groups)."""
        known: dict[tuple[str, ...], frozenset[str]] = {}
        found = {}
        for name, declared in self.roles.items():
            for role in declared:
                if role.owner and role.login:
                    if role.groups not in known:
                        known[role.groups] = self.within(name)
                    found[name] = (role.owner, known[role.groups])
        return found


def served(index: Index, tenants: Tenants) -> Iterator[Served]:
    """Every Cluster."""
    roles: dict[tuple[str, str], list[Role]] = {}
    databases: dict[tuple[str, str], list[Database]] = {}
    for rendered in index.of(GROUP, "DatabaseRole"):
        place = (rendered.namespace, string(rendered.data, "spec", "cluster", "name"))
        roles.setdefault(place, []).append(_role(rendered, ("spec",), tenants.owner(rendered)))
    for rendered in index.of(GROUP, "Database"):
        place = (rendered.namespace, string(rendered.data, "spec", "cluster", "name"))
        name, role = string(rendered.data, "spec", "name"), string(rendered.data, "spec", "owner")
        databases.setdefault(place, []).append(
            Database(name, tenants.owner(rendered), role, rendered, ("spec", "name"), ("spec", "owner"))
        )
    for cluster in index.of(GROUP, "Cluster"):
        place, owner = (cluster.namespace, cluster.name), tenants.owner(cluster)
        declared = roles.get(place, []) + [
            _role(cluster, at, owner) for at, _ in items(cluster.data, "spec", "managed", "roles")
        ]
        made = databases.get(place, [])
        initdb: Pointer = ("spec", "bootstrap", "initdb")
        if string(cluster.data, *initdb, "database"):
            name = string(cluster.data, *initdb, "database")
            role = string(cluster.data, *initdb, "owner") or name
            declared = [*declared, Role(role, owner, cluster, (*initdb, "owner"), login=True)]
            made = [*made, Database(name, owner, role, cluster, (*initdb, "database"), (*initdb, "owner"))]
        yield Served(cluster, owner, _by_name(declared), tuple(made))


def _role(rendered: Rendered, at: Pointer, owner: str) -> Role:
    given: Any = field(rendered.data, *at)
    return Role(
        name=string(given, "name"),
        owner=owner,
        rendered=rendered,
        at=at,
        groups=listed(given, "inRoles"),
        attributes=tuple(name for name in ATTRIBUTES if field(given, name) is True),
        login=field(given, "login") is True,
        password=string(given, "passwordSecret", "name"),
    )


def _by_name(roles: list[Role]) -> dict[str, tuple[Role, ...]]:
    found: dict[str, list[Role]] = {}
    for role in roles:
        found.setdefault(role.name, []).append(role)
    return {name: tuple(declared) for name, declared in found.items()}
