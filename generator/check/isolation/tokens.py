"""What keeps the users of one tenant from the services of another, behind the gateway that all of them come through.

A rule that lets the gateway in and asks for a token must say whose: the tenant's own issuer, and the tenant's name in
the claim `tenant_id`. The claim is only worth what the issuer is; an issuer counts where a RequestAuthentication of the
namespace (or of the mesh's root) names it, and a token of an issuer that none names satisfies no rule. A leak is:

- a rule that a token of another tenant satisfies: by the value of the claim, for want of the claim, or because the
  token of another tenant's issuer will do (ISO022);
- a rule without a token for what the same service asks a token of elsewhere in the cell (ISO023). Services that ask
  nobody are public by design: sign-in and front pages;
- a rule for another tenant's host, and in shared services one for any host (ISO024);
- one set of keys for the issuers of two tenants, or two sets for one issuer (ISO028).

An issuer that several tenants name with the same keys is accepted: then the claim keeps them apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from msgspec import Struct

from generator.check.fields import items, listed, mapping, string
from generator.check.index import Index
from generator.check.isolation.claimed import Claims
from generator.check.isolation.identities import Identities, action, matches, meets, rules_of
from generator.check.isolation.leaks import Leak, several
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

FOREIGN_TOKEN: Final = Code(
    "ISO022",
    "a service takes the token of another tenant",
    "The other tenant's users sign in to their own account and work with this tenant's data.",
)
NO_TOKEN: Final = Code(
    "ISO023",
    "a service asks no token that it asks of others",
    "Whoever knows the host name works with the tenant's data.",
)
FOREIGN_HOST: Final = Code(
    "ISO024",
    "a tenant's rule lets requests for another tenant's host in",
    "A shared service that goes by the host gives one tenant's users what is the other's.",
)
SHARED_KEYS: Final = Code(
    "ISO028",
    "two tenants' tokens are signed by keys that are not kept apart",
    "Whoever signs tokens for the one tenant can sign tokens that pass for the other's.",
)

_ROOT: Final = "istio-system"
_CLAIM: Final = "request.auth.claims[tenant_id]"
_ISSUER: Final = "request.auth.claims[iss]"


class _Entry(Struct, frozen=True):
    """A rule that lets callers in from outside of the namespace: whose it is, and what it asks of their token."""

    policy: Rendered
    at: Pointer
    rule: Any
    tenant: str
    principals: tuple[str, ...]
    conditions: tuple[tuple[Pointer, Any], ...]

    @property
    def asks(self) -> bool:
        """Whether no request without a token satisfies the rule."""
        return bool(self.principals) or any(listed(each, "values") for _, each in self.conditions)

    def passes(self, issuer: str) -> bool:
        """Whether the token of an issuer may satisfy what the rule says of issuers."""
        if self.principals and not any(_principal(pattern, issuer) for pattern in self.principals):
            return False
        return all(
            any(matches(pattern, issuer) for pattern in listed(each, "values"))
            for _, each in self.conditions
            if string(each, "key") == _ISSUER and listed(each, "values")
        )

    @property
    def issuers(self) -> tuple[str, ...] | None:
        """The issuers that the rule names in full; None where it goes by patterns or names none."""
        for _, each in self.conditions:
            values = listed(each, "values")
            if string(each, "key") == _ISSUER and values and not any("*" in value for value in values):
                return values
        return None

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that the rule is for, `*` where it names none."""
        operations = [mapping(entry, "operation") for _, entry in items(self.rule, "to")] or [{}]
        return tuple(path for each in operations for path in listed(each, "paths") or ("*",))


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every rule that lets the gateway in to tenants' services, and every RequestAuthentication."""
    if len(tenants.names) < 2:
        return
    entries = list(_entries(index, tenants))
    issuers = _Issuers(index, tenants)
    claims = Claims(index, tenants)
    for entry in entries:
        for leak in (*_of_claim(tenants, entry), *_of_issuer(issuers, entry), *_of_hosts(tenants, claims, entry)):
            yield leak.diagnostic()
    for leak in (*_unasked(tenants, entries), *issuers.mixed()):
        yield leak.diagnostic()


def _entries(index: Index, tenants: Tenants) -> Iterator[_Entry]:
    identities = Identities(tenants.labels)
    for policy in index.of("security.istio.io", "AuthorizationPolicy"):
        side = tenants.side(policy.namespace)
        if not side or action(policy) != "ALLOW":
            continue
        for at, rule in rules_of(policy):
            if all(tenants.side(name) == side for name in identities.admitted(policy, rule)):
                continue
            sources = [listed(entry, "source", "requestPrincipals") for _, entry in items(rule, "from")]
            yield _Entry(
                policy=policy,
                at=at,
                rule=rule,
                tenant=tenants.owner(policy),
                principals=tuple(each for found in sources for each in found) if all(sources) else (),
                conditions=tuple(
                    ((*at, *when), each)
                    for when, each in items(rule, "when")
                    if string(each, "key").startswith("request.auth.")
                ),
            )


def _of_claim(tenants: Tenants, entry: _Entry) -> Iterator[Leak]:
    """The other tenants whose name in the claim satisfies the rule."""
    if not entry.asks:
        return
    asked = [(at, each) for at, each in entry.conditions if string(each, "key") == _CLAIM]
    admitted: Collection[str] = tenants.homes.keys()
    for _, each in asked:
        if values := listed(each, "values"):
            exact = not any("*" in pattern for pattern in values)
            admitted = (
                {name for name in values if name in admitted}
                if exact
                else {name for name in admitted if any(matches(pattern, name) for pattern in values)}
            )
        if refused := listed(each, "notValues"):
            admitted = {name for name in admitted if not any(matches(no, name) for no in refused)}
    foreign = sorted(name for name in admitted if name != entry.tenant)
    if not foreign or (not entry.tenant and len(admitted) == 1):
        return
    yield Leak(
        code=FOREIGN_TOKEN,
        origin=several(f"users of tenant {foreign[0]}", len(foreign), "tenant"),
        target=_service(tenants, entry),
        through="the claim tenant_id may have their name" if asked else "the rule does not ask for the claim tenant_id",
        rendered=entry.policy,
        at=(*asked[0][0], "values") if asked else entry.at,
        key=bool(asked),
        closed=f"ask in `when` of the same rule for {_CLAIM} with the value {entry.tenant or '<tenant>'} alone",
    )


def _of_issuer(issuers: _Issuers, entry: _Entry) -> Iterator[Leak]:
    """The other tenants whose own issuer can sign what satisfies the rule."""
    if not entry.asks or not entry.tenant:
        return
    for issuer, tenant, rendered, at in issuers.foreign(entry):
        if entry.passes(issuer):
            yield Leak(
                code=FOREIGN_TOKEN,
                origin=f"users of tenant {tenant}",
                target=_service(issuers.tenants, entry),
                through=f"the rule takes tokens of their issuer {issuer}, which may say anything in tenant_id",
                rendered=entry.policy,
                at=entry.at,
                closed="name the tenant's issuer in requestPrincipals, and in `when` with request.auth.claims[iss]",
                related=((f"the issuer of tenant {tenant}", rendered, at),),
            )
            return


def _of_hosts(tenants: Tenants, claims: Claims, entry: _Entry) -> Iterator[Leak]:
    shared = entry.policy.namespace in tenants.serving
    for at, operation in items(entry.rule, "to") if any(items(entry.rule, "to")) else [((), {})]:
        hosts = list(items(operation, "operation", "hosts"))
        if not hosts and shared:
            yield Leak(
                code=FOREIGN_HOST,
                origin="requests for any host",
                target=_service(tenants, entry),
                through="a rule of a shared service names no hosts",
                rendered=entry.policy,
                at=(*entry.at, *at),
                closed="name the tenant's hosts in `to`",
            )
        for host_at, host in hosts:
            other = claims.foreign(host, entry.tenant) if entry.tenant and isinstance(host, str) else None
            if other is not None:
                yield Leak(
                    code=FOREIGN_HOST,
                    origin=f"requests for {other.host} of tenant {other.tenant}",
                    target=_service(tenants, entry),
                    through="the rule names that host",
                    rendered=entry.policy,
                    at=(*entry.at, *at, *host_at),
                    closed="name the tenant's own hosts alone",
                    related=((f"the host is tenant {other.tenant}'s", other.rendered, other.at),),
                )
                break


def _unasked(tenants: Tenants, entries: list[_Entry]) -> Iterator[Leak]:
    """Rules without a token for paths of a service that asks one elsewhere, by the platform and the service."""
    asking: dict[tuple[str, str], dict[tuple[str, ...], _Entry]] = {}
    for entry in entries:
        if entry.asks:
            asking.setdefault(_kind(tenants, entry), {}).setdefault(entry.paths, entry)
    for entry in entries:
        if entry.asks:
            continue
        for paths, other in asking.get(_kind(tenants, entry), {}).items():
            if any(meets(one, two) for one in entry.paths for two in paths):
                yield Leak(
                    code=NO_TOKEN,
                    origin="users of every other tenant",
                    target=_service(tenants, entry),
                    through="the rule asks for no token",
                    rendered=entry.policy,
                    at=entry.at,
                    closed="ask for the tenant's issuer in requestPrincipals and for its name in tenant_id",
                    related=(("here the same service asks for one", other.policy, other.at),),
                )
                break


class _Issuers:
    """Who signs tokens for whom: every rule of every RequestAuthentication."""

    __slots__ = ("_homes", "_rules", "tenants")

    def __init__(self, index: Index, tenants: Tenants) -> None:
        self.tenants = tenants
        self._rules: list[tuple[str, str, str, Rendered, Pointer]] = []
        self._homes: dict[str, dict[str, list[tuple[str, Rendered, Pointer]]]] = {}
        for rendered in index.of("security.istio.io", "RequestAuthentication"):
            tenant = tenants.owner(rendered)
            for at, rule in items(rendered.data, "spec", "jwtRules"):
                issuer, keys = string(rule, "issuer"), string(rule, "jwksUri") or string(rule, "jwks")
                self._rules.append((issuer, keys, tenant, rendered, at))
                here = self._homes.setdefault(rendered.namespace, {})
                here.setdefault(issuer, []).append((tenant, rendered, at))

    def foreign(self, entry: _Entry) -> Iterator[tuple[str, str, Rendered, Pointer]]:
        """The issuers of other tenants that count where a rule is, and that it may name, apart from those that are its
        own tenant's as well."""
        for home in (entry.policy.namespace, _ROOT):
            known = self._homes.get(home, {})
            for issuer in known if entry.issuers is None else entry.issuers:
                found = known.get(issuer, [])
                if all(tenant != entry.tenant for tenant, _, _ in found):
                    yield from ((issuer, *each) for each in found if each[0])

    def mixed(self) -> Iterator[Leak]:
        """Keys of two tenants' issuers, and issuers of two tenants with different keys."""
        by_keys: dict[str, tuple[str, str, Rendered, Pointer]] = {}
        by_issuer: dict[str, tuple[str, str, Rendered, Pointer]] = {}
        for issuer, keys, tenant, rendered, at in self._rules:
            if not tenant or not keys:
                continue
            for seen, key, value, what in (
                (by_keys, keys, issuer, "the keys of another issuer"),
                (by_issuer, issuer, keys, "the same issuer with other keys"),
            ):
                earlier, other, first, first_at = seen.setdefault(key, (value, tenant, rendered, at))
                if earlier != value and other != tenant:
                    yield Leak(
                        code=SHARED_KEYS,
                        origin=f"whoever signs tokens for tenant {other}",
                        verb="can sign tokens for",
                        target=f"tenant {tenant}",
                        through=f"tenant {tenant} names {what}",
                        rendered=rendered,
                        at=(*at, "jwksUri") if what.startswith("the keys") else (*at, "issuer"),
                        closed="give every issuer its own keys",
                        related=((f"tenant {other} names them here", first, first_at),),
                    )


def _principal(pattern: str, issuer: str) -> bool:
    """Whether some `<issuer>/<subject>` matches a pattern."""
    return meets(pattern, f"{issuer}/*")


def _kind(tenants: Tenants, entry: _Entry) -> tuple[str, str]:
    labels = mapping(entry.policy.data, "spec", "selector", "matchLabels")
    return tenants.platforms.get(entry.policy.namespace, ""), repr(sorted(labels.items(), key=repr))


def _service(tenants: Tenants, entry: _Entry) -> str:
    labels = mapping(entry.policy.data, "spec", "selector", "matchLabels")
    name = " ".join(str(value) for value in labels.values()) or "every service"
    if entry.tenant:
        return f"{name} of tenant {entry.tenant}"
    return f"{name} of {tenants.called(tenants.side(entry.policy.namespace))}"
