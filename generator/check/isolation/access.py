"""Whom PostgreSQL lets into which database: the rows of pg_hba.conf that a Cluster adds, by PostgreSQL's own rules.

The first row that fits a connection decides. Before the Cluster's own rows stand the operator's, for its own users
alone; after them one that lets everybody with a password into every database, so what no row refuses is let in.

For each row that lets in, one role of each class is tried: roles that are in the same groups and that no row names are
of one class, and so are databases that no row names. The cost follows the rows and classes, never roles by databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

_TOKEN: Final = re.compile(r'"([^"]*)"|([^\s",]+)|(,)')
_TYPES: Final[dict[str, frozenset[str]]] = {
    "host": frozenset({"tls", "plain"}),
    "hostssl": frozenset({"tls"}),
    "hostnossl": frozenset({"plain"}),
    "hostgssenc": frozenset({"gss"}),
    "hostnogssenc": frozenset({"tls", "plain"}),
    "local": frozenset(),
}


class Word(Struct, frozen=True):
    """A word of a row. In quotes it is a name and nothing else: a keyword there has no special meaning (PostgreSQL, The
    pg_hba.conf File)."""

    text: str
    quoted: bool = False

    def means(self, *keywords: str) -> bool:
        """Whether it is one of these keywords."""
        return not self.quoted and self.text in keywords

    def names(self, role: str, groups: frozenset[str]) -> bool:
        """Whether it is a role's name or, with a plus sign, a group of it; every role is a member of itself."""
        if not self.quoted and self.text[:1] == "+":
            return self.text[1:] in groups | {role}
        return self.text == role


class Row(Struct, frozen=True):
    """One row. `position` is its place in the Cluster's list, -1 for the operator's last one; `kinds` are the ways of
    connecting that it speaks of."""

    position: int
    kinds: frozenset[str]
    databases: tuple[Word, ...]
    users: tuple[Word, ...]
    everywhere: bool
    method: str

    def fits(self, kind: str, role: str, groups: frozenset[str], database: str) -> bool:
        """Whether the row decides on this connection, from whatever address."""
        return kind in self.kinds and self.takes(role, groups) and self.leads(role, groups, database)

    def takes(self, role: str, groups: frozenset[str]) -> bool:
        """Whether the row speaks of a role."""
        return any(user.means("all") or user.names(role, groups) for user in self.users)

    def leads(self, role: str, groups: frozenset[str], database: str) -> bool:
        """Whether the row speaks of a database, for this role."""
        for name in self.databases:
            if name.means("all") or name.text == database or (name.means("sameuser") and role == database):
                return True
            if name.means("samerole", "samegroup") and database in groups | {role}:
                return True
        return False


LAST: Final = Row(
    -1, frozenset({"tls", "plain"}), (Word("all"),), (Word("all"),), everywhere=True, method="scram-sha-256"
)
"""The operator's own row after the Cluster's."""


def rows(lines: Mapping[int, str]) -> tuple[tuple[Row, ...], tuple[int, ...]]:
    """The rows in order, and the positions of those that cannot be read: other files, patterns, unknown words."""
    found, unread = [], []
    for position, line in sorted(lines.items()):
        row = _row(position, line)
        if row is not None:
            found.append(row)
        elif line.split("#", 1)[0].strip():
            unread.append(position)
    return tuple(found), tuple(unread)


def _row(position: int, line: str) -> Row | None:
    fields = _fields(line.split("#", 1)[0])
    if len(fields) < 4 or fields[0][0].text not in _TYPES:
        return None
    kind, databases, users, *rest = fields
    if any(name.text[:1] in {"@", "/"} or name.text[:2] == "+/" for name in (*databases, *users)):
        return None
    if kind[0].text == "local":
        return Row(position, frozenset(), databases, users, everywhere=True, method=rest[0][0].text)
    if len(rest) < 2:
        return None
    masked = re.fullmatch(r"[0-9a-fA-F.:]+", rest[1][0].text) is not None and len(rest) > 2
    method = rest[2 if masked else 1][0].text
    everywhere = all(address.means("all") for address in rest[0])
    return Row(position, _TYPES[kind[0].text], databases, users, everywhere=everywhere, method=method)


def _fields(line: str) -> list[tuple[Word, ...]]:
    """The words of a row; words joined by commas are one field."""
    found: list[list[Word]] = []
    joined = False
    for token in _TOKEN.finditer(line):
        quoted, plain, comma = token.groups()
        if comma:
            joined = True
            continue
        word = Word(plain) if quoted is None else Word(quoted, quoted=True)
        if joined and found:
            found[-1].append(word)
        else:
            found.append([word])
        joined = False
    return [tuple(words) for words in found]


class Entry(Struct, frozen=True):
    """A way in: the row that lets `role` into `database`, which is another's. `free` says that no password is asked."""

    row: Row
    role: str
    database: str
    free: bool


def entries(
    given: tuple[Row, ...], roles: Mapping[str, tuple[str, frozenset[str]]], databases: Mapping[str, str]
) -> Iterator[Entry]:
    """The ways of tenants' roles into databases of other tenants, at most one for each row and class of roles.

    `roles` is role → (tenant, all groups that it is in); `databases` is database → tenant.
    """
    named = {name.text for row in given for name in (*row.users, *row.databases)}
    classes: dict[frozenset[str], list[str]] = {}
    for role, (_, groups) in sorted(roles.items(), key=lambda item: (item[0] in named, item[0])):
        classes.setdefault(groups, []).append(role)
    others = _others(databases, named)
    everything = (*given, LAST)
    for place, row in enumerate(everything):
        if row.method == "reject":
            continue
        for role in _tried(row, roles, classes):
            tenant, groups = roles[role]
            for database in _reached(row, tenant, others, databases):
                if any(_open(everything[:place], row, kind, role, groups, database) for kind in row.kinds):
                    yield Entry(row, role, database, free=row.method == "trust")
                    break


def _others(databases: Mapping[str, str], named: set[str]) -> tuple[str, ...]:
    """Databases of two tenants, if there are: one of them is another's, whoever comes. Best those that no row names."""
    found: dict[str, str] = {}
    for database, tenant in sorted(databases.items(), key=lambda item: (item[0] in named, item[0])):
        if tenant and tenant not in found and len(found) < 2:
            found[tenant] = database
    return tuple(found.values())


def _tried(
    row: Row, roles: Mapping[str, tuple[str, frozenset[str]]], classes: Mapping[frozenset[str], list[str]]
) -> Iterator[str]:
    """One role of each class that a row speaks of, and those that it names."""
    for groups, members in classes.items():
        if row.takes(members[0], groups):
            yield members[0]
    for user in (each.text for each in row.users):
        if user in roles and user not in {members[0] for members in classes.values()}:
            yield user


def _reached(row: Row, tenant: str, others: tuple[str, ...], databases: Mapping[str, str]) -> Iterator[str]:
    """Databases of others that a row may lead to."""
    for name in row.databases:
        candidates = others if name.means("all", "samerole", "samegroup") else (name.text,)
        for database in candidates:
            if databases.get(database, tenant) not in {tenant, ""}:
                yield database


def _open(before: tuple[Row, ...], row: Row, kind: str, role: str, groups: frozenset[str], database: str) -> bool:
    """Whether a connection comes as far as this row and is let in by it. A row for some addresses stops nobody else."""
    if not row.fits(kind, role, groups, database):
        return False
    return not any(each.everywhere and each.fits(kind, role, groups, database) for each in before)
