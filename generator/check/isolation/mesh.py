"""Whether the mesh lets an identity of one tenant call the services of another.

A leak is:

- a rule of an ALLOW policy that some identity of another tenant's namespace satisfies, of whatever token it also asks
  (ISO020): services are for the gateway and for the tenant's own pods;
- pods that no ALLOW policy applies to, for then everybody may call them (ISO021). A policy without rules applies, and
  allows nothing: that is how the mesh denies by default;

`tokens` says what keeps apart the users that come through the gateway, `mutual` whether identities are proven at all.
DENY policies are taken off where they refuse a namespace for certain. CUSTOM policies ask a provider outside of the
output, so nothing is built on them; AUDIT changes nothing. A policy with targetRefs is for waypoints and gateways, not
for the sidecars here. A Sidecar object limits what is configured, not what is reached: it is no boundary.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generator.check.fields import field, items, mapping
from generator.check.index import Index
from generator.check.isolation.flows import Group, groups_of
from generator.check.isolation.identities import Identities, action, rules_of
from generator.check.isolation.leaks import Leak, several
from generator.check.isolation.mutual import injected
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.check.pods import selects
from generator.diagnostics import Code, Diagnostic

ROOT: Final = "istio-system"
"""The mesh's root namespace: policies there apply to every namespace."""

ADMITTED: Final = Code(
    "ISO020",
    "the mesh lets one tenant's pods call another tenant's services",
    "The service takes the caller for one of its own, so the other tenant's code works with this tenant's data.",
)
UNGUARDED: Final = Code(
    "ISO021",
    "no AuthorizationPolicy guards a tenant's pods",
    "Without a policy that allows something, or nothing, every identity of the mesh may call them.",
)


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every AuthorizationPolicy that applies where tenants' services run, and the pods that none applies to."""
    policies = [
        policy
        for policy in index.of("security.istio.io", "AuthorizationPolicy")
        if policy.namespace == ROOT or tenants.side(policy.namespace)
    ]
    identities = Identities(tenants.labels)
    denials = [policy for policy in policies if action(policy) == "DENY" and _for_sidecars(policy)]
    refused = {id(policy): identities.refused(policy) for policy in denials}
    by_home: dict[str, list[Rendered]] = {}
    for policy in denials:
        by_home.setdefault(policy.namespace, []).append(policy)
    for policy in policies:
        if action(policy) == "ALLOW" and _for_sidecars(policy):
            known = [*by_home.get(ROOT, ()), *(by_home.get(policy.namespace, ()) if policy.namespace != ROOT else ())]
            off = frozenset[str]().union(*(refused[id(each)] for each in known if _as_wide(each, policy)))
            yield from _admitted(tenants, identities, policy, off)
    yield from _unguarded(index, tenants, [each for each in policies if action(each) == "ALLOW"])


def _admitted(
    tenants: Tenants, identities: Identities, policy: Rendered, refused: frozenset[str]
) -> Iterator[Diagnostic]:
    side = tenants.side(policy.namespace)
    for at, rule in rules_of(policy):
        callers = identities.admitted(policy, rule) - refused
        foreign = sorted(name for name in callers if tenants.side(name) not in {"", side})
        sides = sorted({tenants.side(name) for name in foreign})
        if not sides or (not side and len(sides) == 1):
            continue
        whole = not any(items(rule, "from"))
        yield Leak(
            code=ADMITTED,
            origin=several(f"pods of {tenants.called(tenants.side(foreign[0]))}", len(sides), "tenant"),
            verb="may call",
            target=f"{_selected(policy)} of {tenants.called(side)}" if side else "services of every other tenant",
            through="a rule without `from` admits every identity" if whole else "the sources of a rule admit them",
            rendered=policy,
            at=(*at, *identities.admitting(policy, rule, frozenset(foreign))),
            closed="name the principals of the gateway and of the tenant's own accounts in `from` of the same rule",
        ).diagnostic()


def _unguarded(index: Index, tenants: Tenants, policies: list[Rendered]) -> Iterator[Diagnostic]:
    """Pods with a sidecar that no policy of theirs applies to: one finding, for there is one cause to all of them."""
    if len(tenants.names) < 2:
        return
    by_home: dict[str, list[Rendered]] = {}
    for policy in policies:
        if _for_sidecars(policy):
            by_home.setdefault(policy.namespace, []).append(policy)
    if any(not _selector(policy) for policy in by_home.get(ROOT, ())):
        return
    found: list[Group] = []
    for namespace in sorted(tenants.labels):
        if tenants.side(namespace):
            relevant = [*by_home.get(ROOT, ()), *by_home.get(namespace, ())]
            found.extend(
                group
                for group in groups_of(index, namespace)
                if group.pods
                and injected(tenants.labels[namespace], group.pods[0])
                and not any(selects(_selector(policy), group.labels) for policy in relevant)
            )
    if not found:
        return
    pods = found[0].pods[0]
    sides = sorted({tenants.side(group.namespace) for group in found})
    mine = tenants.side(found[0].namespace)
    other = next(name for name in tenants.names if name != mine)
    text = several(f"{pods.owner.name} of {tenants.called(mine)}", len(found), "workload")
    yield Leak(
        code=UNGUARDED,
        origin=f"pods of tenant {other}, and of all others,",
        verb="may call",
        target=several(text, len(sides), "tenant"),
        through="no AuthorizationPolicy applies to them, so the mesh allows everything",
        rendered=pods.owner,
        at=(*pods.at, "metadata", "labels"),
        key=True,
        closed=f"render an AuthorizationPolicy without rules in {ROOT}, which denies by default",
    ).diagnostic()


def _for_sidecars(policy: Rendered) -> bool:
    return not any(items(policy.data, "spec", "targetRefs")) and not mapping(policy.data, "spec", "targetRef")


def _selector(policy: Rendered) -> dict[str, object]:
    return mapping(policy.data, "spec", "selector")


def _as_wide(denial: Rendered, policy: Rendered) -> bool:
    """Whether a policy that denies applies to all that another one applies to."""
    selector = _selector(denial)
    return not selector or selector == _selector(policy)


def _selected(policy: Rendered) -> str:
    labels = mapping(field(policy.data, "spec", "selector", "matchLabels"))
    return " ".join(str(value) for value in labels.values()) or "every service"
