"""Hosts as Istio reads them: which Service or ServiceEntry a name in a route leads to.

A name without a dot is a Service of the namespace of the object that says it; every other name is taken as it stands
(pilot, `ResolveShortnameToFQDN`): `api.shop` is no Service `api` in `shop`, but an outside host of that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from generator.check.fields import items, listed, number
from generator.check.index import Index
from generator.check.objects import Rendered
from generator.diagnostics import did_you_mean, listing

DOMAIN: Final = ".svc.cluster.local"


class Found(Struct, frozen=True):
    """What a host leads to. `by` is None for a chart's Service; `ports` is None where the output does not list them."""

    by: Rendered | None
    ports: frozenset[int] | None


class NotFound(Struct, frozen=True):
    """A host that leads nowhere: what would have been right, and what to do about it."""

    expected: str
    hint: str


class Hosts:
    """The hosts of one cluster."""

    __slots__ = ("_index", "_outside")

    def __init__(self, index: Index) -> None:
        self._index = index
        self._outside: dict[str, Rendered] = {}
        for entry in index.of("networking.istio.io", "ServiceEntry"):
            for host in listed(entry.data, "spec", "hosts"):
                self._outside.setdefault(host, entry)

    def resolve(self, host: str, namespace: str) -> Found | NotFound:
        """Where a host leads that an object of this namespace names."""
        name, home = (host, namespace) if "." not in host else self._of_cluster(host)
        if name:
            service = self._index.get("", "Service", home, name)
            if service is not None:
                return Found(service, _service_ports(service))
            if self._index.from_chart(home, name):
                return Found(None, None)
        for candidate in _patterns(host):
            if (entry := self._outside.get(candidate)) is not None:
                return Found(entry, frozenset(_ports(entry, "number")))
        return self._missing(host, name, home)

    def _of_cluster(self, host: str) -> tuple[str, str]:
        parts = host.removesuffix(DOMAIN).split(".")
        return (parts[0], parts[1]) if host.endswith(DOMAIN) and len(parts) == 2 else ("", "")

    def _missing(self, host: str, name: str, home: str) -> NotFound:
        if name:
            known = self._index.names("", "Service", home)
            guess = did_you_mean(name, known)
            return NotFound(listing(known) or f"a Service in {home}", guess or f"render the Service {name} in {home}")
        parts = host.removesuffix(".svc").split(".")
        if len(parts) == 2 and self._index.get("", "Service", parts[1], parts[0]) is not None:
            full = f"{parts[0]}.{parts[1]}{DOMAIN}"
            return NotFound(full, f"write {full}; Istio takes a name with a dot as it stands")
        guess = did_you_mean(host, self._outside)
        return NotFound(
            listing(self._outside) or "a Service, or the host of a ServiceEntry",
            guess or "render a ServiceEntry for the host, or name a Service of the cluster",
        )


def covers(pattern: str, host: str) -> bool:
    """Whether a host pattern (`*`, `*.example.com`, `www.example.com`) takes in a host or a narrower pattern."""
    if pattern in {"*", host}:
        return True
    return pattern.startswith("*.") and host.endswith(pattern[1:])


def _patterns(host: str) -> Iterator[str]:
    """The host itself, then the wildcards that cover it, narrowest first."""
    yield host
    parts = host.split(".")
    for length in range(1, len(parts)):
        yield f"*.{'.'.join(parts[length:])}"


def _service_ports(service: Rendered) -> frozenset[int] | None:
    """None for a Service that an operator makes: `service` is then the object that it is made from."""
    return frozenset(_ports(service, "port")) if service.kind == "Service" else None


def _ports(rendered: Rendered, name: str) -> Iterator[int]:
    for _, port in items(rendered.data, "spec", "ports"):
        if (value := number(port, name)) is not None:
            yield value
