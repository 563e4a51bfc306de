"""Whom an AuthorizationPolicy's rule admits, by the namespace that the caller's mesh identity is of.

An identity is `<trust domain>/ns/<namespace>/sa/<account>`. A pattern is exact, a prefix (`abc*`), a suffix (`*abc`) or
`*`. In a rule `from`, `to` and `when` must all hold; the entries of `from` are alternatives, the fields of one source
must all hold, and the values of one field are alternatives. A rule without `from` admits everybody.

Two readings are needed: who may be admitted (of what allows), and who is refused for certain (of what denies). Fields
that say nothing of the identity (addresses, requests, tokens) leave the first as it is and make the second empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, Final

from generator.check.fields import items, listed, mapping, string
from generator.check.objects import Rendered
from generator.source import Pointer

_WHOLE: Final = re.compile(r"[^/]*/ns/([^/]*)/sa/([^/]*)")
_IDENTITY_FIELDS: Final = ("principals", "namespaces", "serviceAccounts")
_NEGATIVES: Final = {"notPrincipals": "principals", "notNamespaces": "namespaces",
                     "notServiceAccounts": "serviceAccounts"}  # fmt: skip
_KEYS: Final = {"source.principal": "principals", "source.namespace": "namespaces",
                "source.serviceAccount": "serviceAccounts"}  # fmt: skip


class Identities:
    """The namespaces that callers may come from."""

    __slots__ = ("_found", "everyone")

    def __init__(self, namespaces: Iterable[str]) -> None:
        self.everyone = frozenset(namespaces)
        self._found: dict[tuple[str, str, str, bool], frozenset[str]] = {}

    def admitted(self, policy: Rendered, rule: Any) -> frozenset[str]:
        """Namespaces of which some identity may satisfy the rule."""
        sources = [mapping(entry, "source") for _, entry in items(rule, "from")]
        admitted = self.everyone if not sources else frozenset[str]().union(
            *(self._of_source(policy.namespace, source, surely=False) for source in sources)
        )  # fmt: skip
        when = self._of_conditions(policy.namespace, rule, surely=False)
        return admitted if when is self.everyone else admitted & when

    def admitting(self, policy: Rendered, rule: Any, callers: frozenset[str]) -> Pointer:
        """Where in the rule the first of its sources admits some of the callers: a value where one does it alone, else
        the source; the rule itself where it has no sources."""
        for at, entry in items(rule, "from"):
            source = mapping(entry, "source")
            if not self._of_source(policy.namespace, source, surely=False) & callers:
                continue
            for name in _IDENTITY_FIELDS:
                for value_at, pattern in items(source, name):
                    if isinstance(pattern, str) and self._of(policy.namespace, name, pattern, surely=False) & callers:
                        return (*at, "source", *value_at)
            return at
        return ()

    def refused(self, policy: Rendered) -> frozenset[str]:
        """Namespaces of which a policy that denies refuses every identity, whatever it asks for."""
        found: set[str] = set()
        for _, rule in items(policy.data, "spec", "rules"):
            if any(items(rule, "to")) or any(string(each, "key") not in _KEYS for _, each in items(rule, "when")):
                continue
            sources = [mapping(entry, "source") for _, entry in items(rule, "from")] or [{}]
            conditions = self._of_conditions(policy.namespace, rule, surely=True)
            for source in sources:
                if set(source) <= {*_IDENTITY_FIELDS, *_NEGATIVES}:
                    found |= self._of_source(policy.namespace, source, surely=True) & conditions
        return frozenset(found)

    def _of_source(self, home: str, source: Any, *, surely: bool) -> frozenset[str]:
        positive = [self._any(home, field, listed(source, field), surely) for field in _IDENTITY_FIELDS
                    if listed(source, field)]  # fmt: skip
        negative = [self._any(home, field, listed(source, name), not surely) for name, field in _NEGATIVES.items()
                    if name in source]  # fmt: skip
        found = reduce(frozenset[str].intersection, positive) if positive else self.everyone
        return found.difference(*negative) if negative else found

    def _of_conditions(self, home: str, rule: Any, *, surely: bool) -> frozenset[str]:
        found = self.everyone
        for _, condition in items(rule, "when"):
            field = _KEYS.get(string(condition, "key"))
            if field is None:
                continue
            if values := listed(condition, "values"):
                found &= self._any(home, field, values, surely)
            if no := listed(condition, "notValues"):
                found -= self._any(home, field, no, not surely)
        return found

    def _any(self, home: str, field: str, patterns: Iterable[str], surely: bool) -> frozenset[str]:
        return frozenset[str]().union(*(self._of(home, field, pattern, surely=surely) for pattern in patterns))

    def _of(self, home: str, field: str, pattern: str, *, surely: bool) -> frozenset[str]:
        """The namespaces of which one pattern matches some identity (or, surely, every one)."""
        key = (home if field == "serviceAccounts" else "", field, pattern, surely)
        if (found := self._found.get(key)) is None:
            match field:
                case "namespaces":
                    found = frozenset(name for name in self._named(pattern) if matches(pattern, name))
                case "serviceAccounts":
                    namespace, slash, _ = pattern.rpartition("/")
                    found = frozenset() if surely else self.everyone & {namespace if slash else home}
                case _:
                    found = self._of_principal(pattern, surely)
            self._found[key] = found
        return found

    def _named(self, pattern: str) -> Iterable[str]:
        return self.everyone if "*" in pattern else self.everyone & {pattern}

    def _of_principal(self, pattern: str, surely: bool) -> frozenset[str]:
        if pattern == "*":
            return self.everyone
        if "*" not in pattern:
            whole = _WHOLE.fullmatch(pattern)
            return self.everyone & {whole[1]} if whole is not None and not surely else frozenset()
        return frozenset(name for name in self.everyone if _touches(pattern, name, surely))


def matches(pattern: str, value: str) -> bool:
    """Whether a value matches a pattern of an AuthorizationPolicy: exact, prefix, suffix, or `*` for any value."""
    if pattern == "*":
        return bool(value)
    if pattern.startswith("*"):
        return value.endswith(pattern[1:])
    if pattern.endswith("*"):
        return value.startswith(pattern[:-1])
    return pattern == value


def meets(pattern: str, other: str) -> bool:
    """Whether some value matches both patterns."""
    if "*" not in other:
        return matches(pattern, other)
    if "*" not in pattern:
        return matches(other, pattern)
    if pattern.endswith("*") and other.endswith("*") and "*" not in pattern[:-1] and "*" not in other[:-1]:
        return pattern[:-1].startswith(other[:-1]) or other[:-1].startswith(pattern[:-1])
    if pattern.startswith("*") and other.startswith("*"):
        return pattern[1:].endswith(other[1:]) or other[1:].endswith(pattern[1:])
    return True


def _touches(pattern: str, namespace: str, surely: bool) -> bool:
    """Whether a prefix or suffix matches some identity of a namespace, or every one. Trust domains are not known."""
    identities = f"/ns/{namespace}/sa/"
    if pattern.endswith("*"):
        _, slash, rest = pattern[:-1].partition("/ns/")
        start = f"/ns/{rest}" if slash else ""
        return identities.startswith(start) or (not surely and start.startswith(identities))
    end = pattern[1:]
    if surely:
        return False
    return end.endswith(f"{identities}{end.rpartition('/')[2]}") or identities.endswith(end.rpartition("/")[0] + "/")


def rules_of(policy: Rendered) -> Sequence[tuple[Pointer, Any]]:
    """The rules of a policy, each with its pointer."""
    return items(policy.data, "spec", "rules")


def action(policy: Rendered) -> str:
    """What a policy does: ALLOW unless it says otherwise."""
    return string(policy.data, "spec", "action") or "ALLOW"
