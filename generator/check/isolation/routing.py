"""Whether requests for one tenant can be led to another, by routes, gateways, names and certificates.

A leak is:

- a host name that two tenants claim, in VirtualServices or DNS records (ISO030): a wildcard claims all that it covers;
- a route, mirror, delegate, endpoint or external name that leads to another tenant's service, or to shared services
  that the tenant is not served from; a route that takes another tenant's host on its way; a route of the platform to a
  tenant's service for hosts that are not that tenant's (ISO031);
- a VirtualService for the sidecars, or a ServiceEntry, that other tenants' proxies are given (ISO032): it decides where
  their requests for its hosts go. Without exportTo it is given to all;
- a filter or plugin of a tenant in a namespace that is not its own (ISO033): it works on everybody's requests;
- a gateway's server or a certificate of a tenant for another's host, or a server with another's certificate (ISO034).

By design, and no leak: the shared gateway, on which every tenant's routes meet; the platform's own routes by wildcard,
for Istio takes the most exact host; routes of a tenant to the shared services that it is served from; and a
VirtualService that other namespaces are given for a gateway alone, or for the tenant's own services. DestinationRules
are looked up in the caller's and the service's namespace only, so one of a third tenant is never used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from generator.check.fields import items, listed, mapping, string
from generator.check.hosts import DOMAIN
from generator.check.index import Index
from generator.check.isolation.claimed import Claim, Claims
from generator.check.isolation.leaks import Leak
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

CLAIMED_TWICE: Final = Code(
    "ISO030",
    "two tenants claim the same host name",
    "Requests for the one tenant, with the tokens in them, are answered by the other.",
)
LED_ASTRAY: Final = Code(
    "ISO031",
    "a route leads to another tenant's service",
    "Requests meant for one tenant reach another, with all that they carry.",
)
GIVEN_TO_OTHERS: Final = Code(
    "ISO032",
    "a tenant decides where other tenants' requests go",
    "The proxies of the other tenants follow it: their requests for its hosts go where this tenant says.",
)
FILTER: Final = Code(
    "ISO033",
    "a tenant's filter works on other tenants' requests",
    "It sees and changes every request that passes the proxies it applies to.",
)
GATEWAY: Final = Code(
    "ISO034",
    "a tenant's gateway or certificate is for another tenant's host",
    "Whoever holds the certificate can answer in the other tenant's name; who holds the server ends its connections.",
)

_NETWORKING: Final = "networking.istio.io"
_FILTERS: Final = ((_NETWORKING, "EnvoyFilter"), ("extensions.istio.io", "WasmPlugin"))


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every object that leads requests."""
    if len(tenants.names) < 2:
        return
    claims = Claims(index, tenants)
    for service in index.of(_NETWORKING, "VirtualService"):
        owner = tenants.owner(service)
        for leak in (*_destinations(tenants, claims, service, owner), *_given(tenants, service, owner)):
            yield leak.diagnostic()
    for entry in index.of(_NETWORKING, "ServiceEntry"):
        for leak in (*_endpoints(tenants, entry), *_given(tenants, entry, tenants.owner(entry))):
            yield leak.diagnostic()
    for leak in (*_hosts(index, tenants, claims), *_outward(index, tenants), *_filters(index, tenants)):
        yield leak.diagnostic()
    for leak in _gateways(index, tenants, claims):
        yield leak.diagnostic()


def _hosts(index: Index, tenants: Tenants, claims: Claims) -> Iterator[Leak]:
    """Claims of hosts that are another tenant's. Of two claims of one host, the one without a DNS record is reported,
    else the later."""
    recorded: dict[str, set[str]] = {}
    records: list[Claim] = []
    for record in index.of("externaldns.k8s.io", "DNSEndpoint"):
        tenant = tenants.owner(record)
        for at, endpoint in items(record.data, "spec", "endpoints"):
            name = string(endpoint, "dnsName")
            if tenant and name:
                records.append(Claim(name, tenant, record, (*at, "dnsName")))
                recorded.setdefault(name, set()).add(tenant)
    rank = {id(claim): number for number, claim in enumerate(claims.all)}
    for claim in claims.all:
        for other in claims.of_others(claim.host, claim.tenant):
            if _yields(claim, other, recorded, rank):
                yield _claimed(claim, other)
                break
    for claim in records:
        if not any(mine.tenant == claim.tenant for mine in claims.exact(claim.host)):
            yield from (_claimed(claim, other) for other in islice(claims.of_others(claim.host, claim.tenant), 1))


def _yields(claim: Claim, other: Claim, recorded: dict[str, set[str]], rank: dict[int, int]) -> bool:
    """Whether the first of two claims is the one to be reported."""
    if claim.host.startswith("*") != other.host.startswith("*"):
        return claim.host.startswith("*")
    mine, theirs = (each.tenant in recorded.get(each.host, ()) for each in (claim, other))
    return theirs if mine != theirs else rank[id(claim)] > rank[id(other)]


def _claimed(claim: Claim, other: Claim) -> Leak:
    return Leak(
        code=CLAIMED_TWICE,
        origin=f"requests for {other.host} of tenant {other.tenant}",
        verb="can go to",
        target=f"tenant {claim.tenant}",
        through=f"{claim.rendered.label} of tenant {claim.tenant} claims {claim.host}",
        rendered=claim.rendered,
        at=claim.at,
        closed=f"take the host out, or give tenant {claim.tenant} a name of its own",
        related=((f"tenant {other.tenant} claims it here", other.rendered, other.at),),
    )


def _destinations(tenants: Tenants, claims: Claims, service: Rendered, owner: str) -> Iterator[Leak]:
    for at, home, name in _led_to(service):
        whose = tenants.owners.get(home, "")
        if owner:
            foreign = not tenants.serves(home, owner) and bool(tenants.side(home))
        else:
            hosts = listed(service.data, "spec", "hosts")
            foreign = bool(whose) and not all(_only(claims, host, whose) for host in hosts)
        if foreign:
            yield Leak(
                code=LED_ASTRAY,
                origin=f"requests for tenant {owner}" if owner else "requests for every host of the platform's route",
                target=f"{name} of {tenants.called(tenants.side(home))}",
                through=f"{service.label} leads there",
                rendered=service,
                at=at,
                closed="lead to a service of the tenant's own, or of the shared ones that it is served from",
            )
    if owner:
        for at, host in _rewritten(service):
            other = claims.foreign(host, owner)
            if other is not None:
                yield Leak(
                    code=LED_ASTRAY,
                    origin=f"requests for tenant {owner}",
                    verb="pass for",
                    target=f"requests for {other.host} of tenant {other.tenant}",
                    through=f"{service.label} sets their host",
                    rendered=service,
                    at=at,
                    closed="leave the host as it is",
                    related=((f"tenant {other.tenant} claims it here", other.rendered, other.at),),
                )


def _only(claims: Claims, host: str, tenant: str) -> bool:
    """Whether a host is a tenant's and nobody else's."""
    found = claims.exact(host)
    return bool(found) and all(claim.tenant == tenant for claim in found)


def _led_to(service: Rendered) -> Iterator[tuple[Pointer, str, str]]:
    """What a VirtualService leads to in the cluster: pointer, namespace, name."""
    for protocol in ("http", "tls", "tcp"):
        for at, route in items(service.data, "spec", protocol):
            targets = [
                ((*at, *pointer, "destination", "host"), string(target, "destination", "host"))
                for part in ("route", "mirrors")
                for pointer, target in items(route, part)
            ]
            targets.append(((*at, "mirror", "host"), string(route, "mirror", "host")))
            for pointer, host in targets:
                home, name = _of_cluster(host, service.namespace)
                if home:
                    yield pointer, home, name
            if name := string(route, "delegate", "name"):
                yield (*at, "delegate"), string(route, "delegate", "namespace") or service.namespace, name


def _rewritten(service: Rendered) -> Iterator[tuple[Pointer, str]]:
    """The hosts that routes put in the place of the one that was asked for."""
    for at, route in items(service.data, "spec", "http"):
        if host := string(route, "rewrite", "authority"):
            yield (*at, "rewrite", "authority"), host
        for operation in ("set", "add"):
            for name, value in mapping(route, "headers", "request", operation).items():
                if str(name).lower() in {"host", ":authority"} and isinstance(value, str):
                    yield (*at, "headers", "request", operation, name), value


def _of_cluster(host: str, namespace: str) -> tuple[str, str]:
    """Namespace and name of a host that is a Service of the cluster, "" for the namespace of all others."""
    if host and "." not in host:
        return namespace, host
    parts = host.removesuffix(DOMAIN).split(".")
    return (parts[1], parts[0]) if host.endswith(DOMAIN) and len(parts) == 2 else ("", "")


def _endpoints(tenants: Tenants, entry: Rendered) -> Iterator[Leak]:
    """A ServiceEntry of a tenant for another's service, or with it behind."""
    owner = tenants.owner(entry)
    named: list[tuple[Pointer, Any]] = list(items(entry.data, "spec", "hosts"))
    named += [((*at, "address"), string(each, "address")) for at, each in items(entry.data, "spec", "endpoints")]
    for at, host in named:
        home, name = _of_cluster(host, "") if isinstance(host, str) else ("", "")
        if owner and home and tenants.side(home) and not tenants.serves(home, owner):
            yield Leak(
                code=LED_ASTRAY,
                origin=f"pods of tenant {owner}",
                target=f"{name} of {tenants.called(tenants.side(home))}",
                through=f"{entry.label} names it",
                rendered=entry,
                at=at,
                closed="take the host out",
            )


def _outward(index: Index, tenants: Tenants) -> Iterator[Leak]:
    """Services that are another name for a service of another namespace."""
    for service in index.of("", "Service"):
        host, owner = string(service.data, "spec", "externalName"), tenants.owners.get(service.namespace, "")
        home, name = _of_cluster(host, "")
        if owner and home and tenants.side(home) and not tenants.serves(home, owner):
            yield Leak(
                code=LED_ASTRAY,
                origin=f"pods of tenant {owner}",
                target=f"{name} of {tenants.called(tenants.side(home))}",
                through=f"{service.label} is another name for it",
                rendered=service,
                at=("spec", "externalName"),
                closed="take the Service out",
            )


def _given(tenants: Tenants, rendered: Rendered, owner: str) -> Iterator[Leak]:
    if not owner:
        return
    if rendered.kind == "VirtualService":
        gateways = listed(rendered.data, "spec", "gateways")
        own = [_of_cluster(host, rendered.namespace)[0] for host in listed(rendered.data, "spec", "hosts")]
        if (gateways and "mesh" not in gateways) or all(home in tenants.homes[owner] for home in own):
            return
    exported = list(items(rendered.data, "spec", "exportTo"))
    receivers = [(at, _receivers(tenants, rendered, owner, to)) for at, to in exported]
    if not exported:
        receivers = [(("spec",), _receivers(tenants, rendered, owner, "*"))]
    for at, whom in receivers:
        if whom:
            yield Leak(
                code=GIVEN_TO_OTHERS,
                origin=f"pods of tenant {whom}",
                verb="are told by",
                target=f"tenant {owner} where requests for {', '.join(listed(rendered.data, 'spec', 'hosts'))} go",
                through=f"{rendered.label} is given to their proxies"
                + ("" if exported else ", for it has no exportTo"),
                rendered=rendered,
                at=at,
                key=not exported,
                closed='write exportTo: ["."], and the gateway\'s namespace where it must know',
            )
            return


def _receivers(tenants: Tenants, rendered: Rendered, owner: str, to: Any) -> str:
    """An example of another tenant whose proxies are given an object by one entry of exportTo, "" for none."""
    if to == "*":
        return next(name for name in tenants.names if name != owner)
    side = tenants.side(rendered.namespace if to == "." else to) if isinstance(to, str) else ""
    if side in {"", owner}:
        return ""
    return next((name for name in tenants.serving.get(side[1:-1], (side,)) if name != owner), "")


def _filters(index: Index, tenants: Tenants) -> Iterator[Leak]:
    """EnvoyFilters and WasmPlugins that a label or a folder says are a tenant's, outside of its namespaces."""
    for group, kind in _FILTERS:
        for rendered in index.of(group, kind):
            parts = rendered.path.split("/")
            owner = tenants.labelled(rendered) or (parts[2] if parts[1:2] == ["tenants"] else "")
            if owner and tenants.owners.get(rendered.namespace) != owner:
                yield Leak(
                    code=FILTER,
                    origin=f"tenant {owner}",
                    verb="can change",
                    target="the requests of every other tenant",
                    through=f"{rendered.label} is in a namespace that is not its own",
                    rendered=rendered,
                    at=("metadata", "namespace"),
                    closed="move it to the tenant's own namespace, or leave it out",
                )


def _gateways(index: Index, tenants: Tenants, claims: Claims) -> Iterator[Leak]:
    """Servers and certificates of a tenant for hosts of another."""
    certificates: dict[tuple[str, str], Rendered] = {}
    for certificate in index.of("cert-manager.io", "Certificate"):
        certificates[certificate.namespace, string(certificate.data, "spec", "secretName")] = certificate
        yield from _answers(
            claims, certificate, tenants.owner(certificate), items(certificate.data, "spec", "dnsNames")
        )
    for gateway in index.of(_NETWORKING, "Gateway"):
        owner = tenants.owner(gateway)
        for at, server in items(gateway.data, "spec", "servers"):
            hosts = [
                ((*at, *host_at), host.rpartition("/")[2])
                for host_at, host in items(server, "hosts")
                if isinstance(host, str)
            ]
            yield from _answers(claims, gateway, owner, hosts)
            used = certificates.get((gateway.namespace, string(server, "tls", "credentialName")))
            whose = tenants.owner(used) if used is not None else ""
            if used is not None and owner and whose not in {"", owner}:
                yield Leak(
                    code=GATEWAY,
                    origin=f"the gateway of tenant {owner}",
                    verb="answers with",
                    target=f"the certificate of tenant {whose}",
                    through=f"{gateway.label} names its Secret",
                    rendered=gateway,
                    at=(*at, "tls", "credentialName"),
                    closed="name a certificate of the tenant's own",
                    related=((f"the certificate of tenant {whose}", used, ("spec", "secretName")),),
                )


def _answers(claims: Claims, rendered: Rendered, owner: str, hosts: Iterable[tuple[Pointer, Any]]) -> Iterator[Leak]:
    for at, host in hosts:
        other = claims.foreign(host, owner) if owner and isinstance(host, str) else None
        if other is not None:
            yield Leak(
                code=GATEWAY,
                origin=f"tenant {owner}",
                verb="can answer",
                target=f"requests for {other.host} of tenant {other.tenant}",
                through=f"{rendered.label} is for {host}",
                rendered=rendered,
                at=at,
                closed="name the tenant's own hosts alone",
                related=((f"tenant {other.tenant} claims it here", other.rendered, other.at),),
            )
