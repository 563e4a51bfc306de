"""Whether VirtualServices and DestinationRules lead to something, and through gateways that take their hosts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from generator.check.fields import items, listed, mapping, number, string
from generator.check.findings import finding
from generator.check.hosts import Found, Hosts, NotFound, covers
from generator.check.index import Index
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic, Related, did_you_mean, listing
from generator.source import Pointer

NO_HOST: Final = Code(
    "CHK051",
    "a route leads to a host that is not rendered",
    "Requests on that route get 503.",
)
NO_PORT: Final = Code(
    "CHK052",
    "a route leads to a port that its host does not have",
    "Requests on that route get 503.",
)
NO_GATEWAY: Final = Code(
    "CHK053",
    "a VirtualService's gateway is not rendered",
    "Istio passes the route over in silence: requests get 404.",
)
NOT_COVERED: Final = Code(
    "CHK054",
    "no gateway takes a VirtualService's host",
    "Istio passes the host over in silence: requests get 404.",
)
RULE_HOST: Final = Code(
    "CHK056",
    "a DestinationRule's host is not rendered",
    "Its TLS, outlier detection and limits apply to nothing.",
)

_NETWORKING: Final = "networking.istio.io"
_MESH: Final = "mesh"


def check(index: Index) -> Iterator[Diagnostic]:
    """Every VirtualService and DestinationRule."""
    hosts = Hosts(index)
    for service in index.of(_NETWORKING, "VirtualService"):
        for at, destination in _destinations(service):
            yield from _destination(hosts, service, at, destination)
        yield from _gateways(index, service)
    for rule in index.of(_NETWORKING, "DestinationRule"):
        host = string(rule.data, "spec", "host")
        found = hosts.resolve(host, rule.namespace)
        if host and not host.startswith("*") and isinstance(found, NotFound):
            yield _lost(RULE_HOST, rule, ("spec", "host"), host, found)


def _destinations(service: Rendered) -> Iterator[tuple[Pointer, Any]]:
    for protocol in ("http", "tls", "tcp"):
        for at, route in items(service.data, "spec", protocol):
            for part in ("route", "mirrors"):
                for pointer, target in items(route, part):
                    yield (*at, *pointer, "destination"), mapping(target, "destination")
            if mirror := mapping(route, "mirror"):
                yield (*at, "mirror"), mirror


def _destination(hosts: Hosts, service: Rendered, at: Pointer, destination: Any) -> Iterator[Diagnostic]:
    host, port = string(destination, "host"), number(destination, "port", "number")
    found = hosts.resolve(host, service.namespace)
    if isinstance(found, NotFound):
        yield _lost(NO_HOST, service, (*at, "host"), host, found)
    elif found.ports is not None and not _has(found.ports, port):
        yield _no_port(service, at, host, port, found)


def _has(ports: frozenset[int], port: int | None) -> bool:
    """Istio needs no port where there is but one."""
    return len(ports) == 1 if port is None else port in ports


def _no_port(service: Rendered, at: Pointer, host: str, port: int | None, found: Found) -> Diagnostic:
    related = (Related("its ports", found.by.locate(("spec", "ports"), key=True)),) if found.by is not None else ()
    return finding(
        NO_PORT,
        service,
        (*at, "port", "number") if port is not None else (*at, "host"),
        f"{host} has no port {port}" if port is not None else f"{host} has several ports, and the route names none",
        found=str(port or ""),
        expected=listing(str(known) for known in found.ports or ()),
        hint="name a port of the Service, not of its container",
        related=related,
    )


def _lost(code: Code, rendered: Rendered, at: Pointer, host: str, why: NotFound) -> Diagnostic:
    return finding(
        code,
        rendered,
        at,
        f"nothing rendered answers to {host or 'no host'}",
        found=host,
        expected=why.expected,
        hint=why.hint,
    )


def _gateways(index: Index, service: Rendered) -> Iterator[Diagnostic]:
    """Gateways by name (`<namespace>/<name>`, or one of the same namespace), and who of them takes each host."""
    gateways: list[Rendered] = []
    whole = True
    for at, name in items(service.data, "spec", "gateways"):
        if not isinstance(name, str) or name == _MESH:
            whole = False
            continue
        home, _, short = name.rpartition("/")
        gateway = index.get(_NETWORKING, "Gateway", home or service.namespace, short)
        if gateway is not None:
            gateways.append(gateway)
            continue
        whole = False
        known = {f"{found.namespace}/{found.name}" for found in index.of(_NETWORKING, "Gateway")}
        yield finding(
            NO_GATEWAY,
            service,
            at,
            f"no Gateway {name} is rendered in {index.cluster}",
            found=name,
            expected=listing(known) or "a Gateway",
            hint=did_you_mean(name, known) or "render the Gateway, or name it as <namespace>/<name>",
        )
    if gateways and whole:
        yield from _covered(service, gateways)


def _covered(service: Rendered, gateways: list[Rendered]) -> Iterator[Diagnostic]:
    offered = [pattern for gateway in gateways for pattern in _offered(gateway, service.namespace)]
    for at, host in items(service.data, "spec", "hosts"):
        if isinstance(host, str) and not any(covers(pattern, host) for pattern in offered):
            servers = gateways[0].locate(("spec", "servers"), key=True)
            yield finding(
                NOT_COVERED,
                service,
                at,
                f"none of its gateways takes {host}",
                found=host,
                expected=listing(set(offered)) or "a server with this host",
                hint="add a server for the host to the Gateway, or take the host out of the route",
                related=(Related("the gateway's servers", servers),),
            )


def _offered(gateway: Rendered, namespace: str) -> Iterator[str]:
    """The host patterns that a gateway takes from routes of a namespace (`<namespace>/<host>`; `.` is its own)."""
    for _, server in items(gateway.data, "spec", "servers"):
        for entry in listed(server, "hosts"):
            home, slash, host = entry.rpartition("/")
            if not slash or home in {"*", namespace} or (home == "." and gateway.namespace == namespace):
                yield host
