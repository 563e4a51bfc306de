"""What SQL on a pooled Cluster gives to tenants' roles: in ConfigMaps of the platform (keys that end in `.sql`) and in
what `initdb` runs.

A leak is a grant to PUBLIC; one on what has no row security, or whose policies do not go by the user that asks; one of
rights that row security does not hold back (ALL, TRUNCATE, REFERENCES, TRIGGER). Not proven, and reported: a statement
that is not read (statements.py), SQL from a Secret, a policy with an OR in it.

Accepted: USAGE of a schema or sequence and CONNECT to a database, which show no rows; what is given to a role that is
declared as the platform's and that no tenant's role is in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from generator.check.fields import items, string, strings
from generator.check.index import Index
from generator.check.isolation.leaks import Leak
from generator.check.isolation.postgres import GROUP, served
from generator.check.isolation.statements import Grant, Script, read_script
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

GRANT: Final = Code(
    "ISO075",
    "SQL gives tenants' roles more than their own rows",
    "Each tenant of the Cluster reads or changes rows of the others.",
)
UNREAD: Final = Code(
    "ISO076",
    "it cannot be proven what SQL gives to tenants' roles",
    "A statement that nobody understood may open every database of the Cluster.",
)

_SHOWS_NO_ROWS: Final = {
    "SCHEMA": {"USAGE"},
    "SEQUENCE": {"USAGE", "SELECT"},
    "DATABASE": {"CONNECT", "TEMPORARY", "TEMP"},
}
_UNHELD: Final = re.compile(r"\b(?:ALL|TRUNCATE|REFERENCES|TRIGGER)\b")
_BY_USER: Final = re.compile(r"\b(?:current_user|session_user|current_role)\b", re.IGNORECASE)
_LISTS: Final = ("postInitSQL", "postInitApplicationSQL", "postInitTemplateSQL")


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every text of SQL that the platform has run on a Cluster."""
    own = _platform_roles(index, tenants)
    for rendered, at, text in _texts(index, tenants):
        for leak in _script(rendered, at, read_script(text), own):
            yield leak.diagnostic()
    for cluster, at in _referred(index, tenants, "secretRefs"):
        closed = "keep SQL in a ConfigMap, where it can be read, and nothing secret in it"
        yield Leak(
            UNREAD,
            "a tenant's role",
            "every database",
            "the SQL stands in a Secret",
            cluster,
            at,
            closed,
            "may reach",
            key=True,
        ).diagnostic()


def _texts(index: Index, tenants: Tenants) -> Iterator[tuple[Rendered, Pointer, str]]:
    referred = set()
    for cluster, at in _referred(index, tenants, "configMapRefs"):
        referred.add((cluster.namespace, *(string(cluster.data, *at, part) for part in ("name", "key"))))
    for rendered in index.of("", "ConfigMap"):
        if not tenants.owner(rendered):
            for key, text in strings(rendered.data, "data").items():
                if key.endswith(".sql") or (rendered.namespace, rendered.name, key) in referred:
                    yield rendered, ("data", key), text
    for cluster in index.of(GROUP, "Cluster"):
        if not tenants.owner(cluster):
            for part in _LISTS:
                for at, text in items(cluster.data, "spec", "bootstrap", "initdb", part):
                    if isinstance(text, str):
                        yield cluster, at, text


def _referred(index: Index, tenants: Tenants, kind: str) -> Iterator[tuple[Rendered, Pointer]]:
    for cluster in index.of(GROUP, "Cluster"):
        if not tenants.owner(cluster):
            for part in _LISTS:
                for at, _ in items(cluster.data, "spec", "bootstrap", "initdb", f"{part}Refs", kind):
                    yield cluster, at


def _platform_roles(index: Index, tenants: Tenants) -> frozenset[str]:
    """Roles that no tenant's role is, or is in."""
    roles: set[str] = set()
    tenants_too: set[str] = set()
    for cluster in served(index, tenants):
        if not cluster.owner:
            roles.update(cluster.roles)
            for name, (_, groups) in cluster.logins().items():
                tenants_too |= groups | {name}
    return frozenset(roles - tenants_too)


def _script(rendered: Rendered, at: Pointer, script: Script, own: frozenset[str]) -> Iterator[Leak]:
    for statement in script.unread:
        closed = "write it in a way that can be read, or give it up"
        yield Leak(
            UNREAD,
            "a tenant's role",
            "every database",
            f"{_cut(statement)} is not read",
            rendered,
            at,
            closed,
            "may reach",
            key=True,
        )
    conditions: dict[str, list[str]] = {}
    for table, policy in script.policies:
        if not re.search(r"\bAS\s+RESTRICTIVE\b", policy, re.IGNORECASE):
            conditions.setdefault(table, []).append(policy)
    for grant in script.grants:
        if why := _why(grant, script, conditions, own):
            closed = "grant single rights on a table under row security, with a policy that compares with current_user"
            through = f"{_cut(f'GRANT {grant.privileges} ON {grant.target}')}: {why}"
            yield Leak(
                GRANT,
                f"the roles in {', '.join(grant.grantees)}",
                "rows of every tenant",
                through,
                rendered,
                at,
                closed,
                "may use",
                key=True,
            )


def _why(grant: Grant, script: Script, conditions: Mapping[str, list[str]], own: frozenset[str]) -> str:
    """Why a grant is too much, "" where it is not."""
    if "PUBLIC" in {name.upper() for name in grant.grantees}:
        return "PUBLIC is every role"
    if all(name.strip('"') in own for name in grant.grantees):
        return ""
    kind = grant.target.split()[0].upper()
    if set(re.split(r"\s*,\s*", grant.privileges)) <= _SHOWS_NO_ROWS.get(kind, set()):
        return ""
    tables = [table.strip() for table in grant.target.split(",")]
    for table in tables:
        if table not in script.secured or table in script.unsecured:
            return f"{table} has no row security"
        policies = conditions.get(table, [])
        if not all(_BY_USER.search(policy) for policy in policies):
            return "a policy of it does not go by the user"
        if any(re.search(r"\bOR\b", policy, re.IGNORECASE) for policy in policies):
            return "a policy of it has an OR, which may let in others"
    return "row security does not hold all of it back" if _UNHELD.search(grant.privileges) else ""


def _cut(statement: str) -> str:
    return statement if len(statement) <= 80 else f"{statement[:77]}..."
