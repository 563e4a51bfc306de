"""Which tenant each public host name is, by the VirtualServices of the tenants.

A host may be a name or a wildcard (`*.example.com`). Names are looked up; wildcards, which tenants seldom have, are
compared one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from generator.check.fields import items
from generator.check.index import Index
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.source import Pointer


class Claim(NamedTuple):
    """One host of one tenant, with the object and line that claims it."""

    host: str
    tenant: str
    rendered: Rendered
    at: Pointer


class Claims:
    """The host names of all tenants of a cluster."""

    __slots__ = ("_covered", "_exact", "_wild", "all")

    def __init__(self, index: Index, tenants: Tenants) -> None:
        self.all = tuple(
            Claim(host, tenant, service, at)
            for service in index.of("networking.istio.io", "VirtualService")
            if (tenant := tenants.owner(service))
            for at, host in items(service.data, "spec", "hosts")
            if isinstance(host, str)
        )
        self._exact: dict[str, list[Claim]] = {}
        self._wild = [claim for claim in self.all if claim.host.startswith("*")]
        for claim in self.all:
            self._exact.setdefault(claim.host, []).append(claim)
        self._covered: dict[str, tuple[Claim, ...]] = {}

    def of_others(self, pattern: str, tenant: str) -> Iterator[Claim]:
        """The claims of other tenants that a host or wildcard meets."""
        return (claim for claim in self._meeting(pattern) if claim.tenant != tenant)

    def foreign(self, pattern: str, tenant: str) -> Claim | None:
        """A claim of another tenant that a host or wildcard meets; None where the tenant claims the same itself, for
        then the two claims are the fault, and not what is built on them."""
        if any(claim.tenant == tenant for claim in self.exact(pattern)):
            return None
        return next(self.of_others(pattern, tenant), None)

    def exact(self, host: str) -> tuple[Claim, ...]:
        """The claims of a host as it is written."""
        return tuple(self._exact.get(host, ()))

    def _meeting(self, pattern: str) -> tuple[Claim, ...]:
        if (found := self._covered.get(pattern)) is None:
            if pattern.startswith("*"):
                found = tuple(claim for claim in self.all if overlap(pattern, claim.host))
            else:
                wild = [claim for claim in self._wild if overlap(claim.host, pattern)]
                found = (*self._exact.get(pattern, ()), *wild)
            self._covered[pattern] = found
        return found


def overlap(one: str, other: str) -> bool:
    """Whether some host is in both patterns."""
    if one == "*" or other == "*" or one == other:
        return True
    if one.startswith("*") and other.startswith("*"):
        return one[1:].endswith(other[1:]) or other[1:].endswith(one[1:])
    if one.startswith("*"):
        return other.endswith(one[1:])
    return other.startswith("*") and one.endswith(other[1:])
