"""What SQL that is rendered gives to whom: grants, row security, attributes of roles.

This is no SQL parser. Statements are cut apart by PostgreSQL's rules for quotes and comments, those of a known harmless
kind are passed over, and what decides on rights is read. Whatever else there is, is reported as not read, so that a
statement is never taken for harmless because nobody understood it. Bodies of DO blocks are read like other text, and so
are the statements in quotes that EXECUTE runs there, with `format` filled in by what its arguments say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

_PIECE: Final = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<dollar>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)|(?P<quoted>[eE]?'(?:[^']|'')*')"
    r'|(?P<name>"(?:[^"]|"")*")|(?P<end>;)|(?P<other>.)',
    re.DOTALL,
)
_HARMLESS: Final = re.compile(
    r"(?:BEGIN|COMMIT|START TRANSACTION|END|REVOKE|COMMENT|ANALYZE|VACUUM|CREATE EXTENSION|CREATE SCHEMA|"
    r"CREATE (?:UNIQUE )?INDEX|CREATE TABLE|CREATE TYPE|CREATE SEQUENCE|DROP (?:TABLE|INDEX|POLICY|TYPE)|"
    r"SELECT (?:pg_catalog\.)?set_config|"
    r"SET (?:LOCAL )?(?:search_path|lock_timeout|statement_timeout|client_min_messages))\b",
    re.IGNORECASE,
)
_GRANT: Final = re.compile(
    r"GRANT\s+(.+?)\s+ON\s+(.+?)\s+TO\s+(.+?)(?:\s+WITH\s+GRANT\s+OPTION)?(?:\s+GRANTED\s+BY\s+.+)?",
    re.IGNORECASE | re.DOTALL,
)
_SECURITY: Final = re.compile(
    r"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(\S+)\s+(ENABLE|DISABLE)\s+ROW\s+LEVEL\s+SECURITY", re.IGNORECASE
)
_FORCE: Final = re.compile(
    r"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?\S+\s+(?:NO\s+)?FORCE\s+ROW\s+LEVEL\s+SECURITY", re.IGNORECASE
)
_COLUMN: Final = re.compile(
    r"ALTER\s+TABLE\s+\S.*\s(?:ADD|DROP|ALTER)\s+(?:COLUMN|CONSTRAINT)\b", re.IGNORECASE | re.DOTALL
)
_POLICY: Final = re.compile(r"CREATE\s+POLICY\s+\S+\s+ON\s+(\S+)(.*)", re.IGNORECASE | re.DOTALL)
_EXECUTE: Final = re.compile(r"EXECUTE\s+(format\s*\(\s*)?('(?:[^']|'')*')\s*", re.IGNORECASE)
_DECLARED: Final = re.compile(r"(\w+)\s+([\w ]+?)\s*:=\s*(.+)", re.DOTALL)
_LOOP: Final = re.compile(r"\bFOR\s+(\w+)\s+IN\b", re.IGNORECASE)
_OPENING: Final = re.compile(
    r"\s*(?:DECLARE|BEGIN|ELSE|LOOP|(?:IF|ELSIF)\b.*?\bTHEN|(?:FOR|WHILE)\b.*?\bLOOP)\b\s*", re.IGNORECASE | re.DOTALL
)
_NOTHING: Final = re.compile(r"(?:END(?:\s+(?:IF|LOOP))?|NULL|RAISE\b.*|)", re.IGNORECASE | re.DOTALL)
_NUMBERS: Final = frozenset({"integer", "int", "bigint", "smallint"})
_SLOT: Final = re.compile(r"%(?:\d+\$)?([sIL])")


class Grant(Struct, frozen=True):
    """Privileges on one object to some grantees, as written."""

    privileges: str
    target: str
    grantees: tuple[str, ...]


class Script(Struct, frozen=True):
    """What a text of SQL says: grants, tables with row security on and off, policies by table (each with all the text
    that its condition is made of), and statements that were not read."""

    grants: tuple[Grant, ...]
    secured: frozenset[str]
    unsecured: frozenset[str]
    policies: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]


def read_script(text: str) -> Script:
    """Reads a text of SQL, whatever it is."""
    grants: list[Grant] = []
    secured: set[str] = set()
    unsecured: set[str] = set()
    policies: list[tuple[str, str]] = []
    unread: list[str] = []
    for statement in _statements(text):
        if found := _GRANT.fullmatch(statement):
            who = tuple(part.strip().removeprefix("GROUP ").strip() for part in found[3].split(","))
            grants.append(Grant(" ".join(found[1].upper().split()), _bare(found[2]), who))
        elif found := _SECURITY.fullmatch(statement):
            (secured if found[2].upper() == "ENABLE" else unsecured).add(_bare(found[1]))
        elif found := _POLICY.fullmatch(statement):
            policies.append((_bare(found[1]), found[2]))
        elif not (_HARMLESS.match(statement) or _FORCE.fullmatch(statement) or _COLUMN.match(statement)):
            unread.append(" ".join(statement.split()))
    return Script(tuple(grants), frozenset(secured), frozenset(unsecured), tuple(policies), tuple(unread))


def _bare(name: str) -> str:
    """A table's name without quotes, the word TABLE and the schema `public`."""
    words = name.replace('"', "").split()
    if len(words) > 1 and words[0].upper() == "TABLE":
        words = words[1:]
    return " ".join(words).removeprefix("public.")


def _statements(text: str) -> Iterator[str]:
    for statement, bodies in _cut(text):
        if re.match(r"DO\b", statement, re.IGNORECASE):
            for body in bodies:
                yield from _block(body)
        elif statement:
            yield statement


def _cut(text: str) -> Iterator[tuple[str, list[str]]]:
    """Statements without comments, each with the bodies in dollar quotes that it holds."""
    parts: list[str] = []
    bodies: list[str] = []
    for piece in _PIECE.finditer(text):
        if piece["comment"]:
            parts.append(" ")
        elif piece["end"]:
            yield "".join(parts).strip(), bodies
            parts, bodies = [], []
        else:
            if piece["dollar"]:
                bodies.append(piece["dollar"].split("$", 2)[2].rsplit("$", 2)[0])
            parts.append(piece[0])
    yield "".join(parts).strip(), bodies


def _block(body: str) -> Iterator[str]:
    """The statements of a DO block: those that stand there, and those that EXECUTE runs.

    What an EXECUTE runs that is put together from anything but a format of known parts is given as it stands, so that
    it counts as not read.
    """
    known: dict[str, str] = dict.fromkeys(_LOOP.findall(body), "0")
    for statement, _ in _cut(body):
        inner = statement
        while opening := _OPENING.match(inner):
            inner = inner[opening.end() :]
        if declared := _DECLARED.fullmatch(inner):
            name, kind, value = declared.groups()
            if kind.lower() in _NUMBERS or value.lower().startswith("format("):
                known[name] = value
        elif found := _EXECUTE.match(inner):
            text, rest = found[2][1:-1].replace("''", "'"), inner[found.end() :]
            yield (_filled(text, rest, known) if found[1] else "" if rest else text) or inner
        elif not _NOTHING.fullmatch(inner):
            yield inner


def _filled(text: str, rest: str, known: dict[str, str]) -> str:
    """A format with its arguments, each replaced by what it is known to say; "" where one is not known.

    An identifier (`%I`) or literal (`%L`) cannot become anything else, so whatever is put there is taken.
    """
    if not re.fullmatch(r"(?:,.*)?\)", rest, re.DOTALL):
        return ""
    left = iter([part.strip() for part in rest[:-1].split(",")][1:])
    unknown = False

    def fill(slot: re.Match[str]) -> str:
        nonlocal unknown
        given = next(left, "")
        if slot[1] == "s":
            unknown = unknown or given not in known
            return known.get(given, "")
        return "_".join(re.findall(r"\w+", given)) or "name"

    filled = _SLOT.sub(fill, text)
    return "" if unknown else filled
