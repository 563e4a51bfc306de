"""Who may do what by RBAC, and whether a tenant gets further than its own namespace by it.

A subject is a tenant's when it is a service account of the tenant's namespace (or the group of all such accounts), or a
user or group that a RoleBinding of the tenant's namespace names: people of the tenant are known by nothing else.

A leak is
- a tenant's subject in a binding of another tenant's namespace, of a platform's, or of the whole cluster, and an
  account of shared services in one of a tenant that is not served from there, or of the whole cluster;
- one user or group that bindings of two tenants name;
- everybody at once (`system:authenticated`, `system:serviceaccounts` and their like) in any binding;
- a right of a tenant's subject in its own namespace to change what keeps the tenant there: its roles, its network and
  mesh policies, its quota, its accounts and their tokens, what draws secrets or routes; and `bind`, `escalate`,
  `impersonate`. Rules are those of the role and of every ClusterRole that it aggregates;
- a role that a tenant is bound to and that is not rendered: its rules cannot be proven to be harmless.

Accepted: rights of a platform's own accounts, wherever they are (operators work in every namespace); what a tenant
reads in its own namespace, Secrets among it, and the pods that it runs there, for all of it is its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from generator.check.fields import items, listed, mapping, string, strings
from generator.check.index import Index
from generator.check.isolation.leaks import Leak
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.check.pods import selects
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

REACH: Final = Code(
    "ISO041",
    "a binding gives a tenant rights outside its own namespace",
    "The tenant's people or pods read or change what is another tenant's, or the platform's.",
)
FENCE: Final = Code(
    "ISO042",
    "a tenant may change what keeps it in its namespace",
    "The tenant opens its own policies or gives itself rights, and then reaches others.",
)
UNKNOWN_ROLE: Final = Code(
    "ISO043",
    "nothing rendered says what a tenant's role may do",
    "The role may give the tenant anything, so the tenant cannot be proven to stay in its namespace.",
)

_GROUP: Final = "rbac.authorization.k8s.io"
_EVERYBODY: Final = frozenset(
    {"system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:anonymous"}
)
_PUBLIC_ROLES: Final = frozenset({"system:basic-user", "system:discovery", "system:public-info-viewer"})
"""Bound to everybody by every cluster: they tell about the API and about the caller alone."""
_WIDE_ROLES: Final = frozenset({"cluster-admin", "admin", "edit"})
"""Built-in roles with rights over network policies at least. `view` reads, and no Secrets."""
_WRITING: Final = frozenset({"*", "create", "update", "patch", "delete", "deletecollection"})
_GIVING: Final = frozenset({"bind", "escalate", "impersonate"})
_FENCES: Final[dict[str, frozenset[str]]] = {
    "": frozenset(
        {"namespaces", "serviceaccounts", "serviceaccounts/token", "resourcequotas", "limitranges", "endpoints"}
    ),
    _GROUP: frozenset({"roles", "rolebindings", "clusterroles", "clusterrolebindings"}),
    "networking.k8s.io": frozenset({"networkpolicies"}),
    "discovery.k8s.io": frozenset({"endpointslices"}),
    "security.istio.io": frozenset({"authorizationpolicies", "peerauthentications", "requestauthentications"}),
    "networking.istio.io": frozenset(
        {"sidecars", "gateways", "virtualservices", "destinationrules", "serviceentries", "envoyfilters"}
    ),
    "external-secrets.io": frozenset({"secretstores", "externalsecrets", "pushsecrets", "clustersecretstores"}),
    "argoproj.io": frozenset({"applications", "applicationsets", "appprojects"}),
    "postgresql.cnpg.io": frozenset({"clusters", "databases", "databaseroles", "poolers"}),
}

_VERB: Final = "may work in"

_Subject: TypeAlias = tuple[str, str]
"""Kind (User or Group) and name."""
_People: TypeAlias = Mapping[_Subject, Mapping[str, tuple[Rendered, Pointer]]]


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every binding of the cluster in one pass, after one that finds whose each user and group is."""
    people = _people(index, tenants)
    roles = index.of(_GROUP, "ClusterRole")
    for binding in index.of(_GROUP, "RoleBinding", "ClusterRoleBinding"):
        own = tenants.owners.get(binding.namespace, "") if binding.kind == "RoleBinding" else ""
        for at, subject in items(binding.data, "subjects"):
            if (found := _reach(tenants, people, binding, own, at, subject)) is not None:
                yield found.diagnostic()
        if own:
            for found in _rights(index, roles, binding, own):
                yield found.diagnostic()


def _people(index: Index, tenants: Tenants) -> _People:
    """The tenants of every user and group, each with the first binding that says so."""
    found: dict[_Subject, dict[str, tuple[Rendered, Pointer]]] = {}
    for binding in index.of(_GROUP, "RoleBinding"):
        if tenant := tenants.owners.get(binding.namespace):
            for at, subject in items(binding.data, "subjects"):
                if string(subject, "kind") in {"User", "Group"}:
                    key = (string(subject, "kind"), string(subject, "name"))
                    found.setdefault(key, {}).setdefault(tenant, (binding, (*at, "name")))
    return found


def _reach(tenants: Tenants, people: _People, binding: Rendered, own: str, at: Pointer, subject: Any) -> Leak | None:
    """The leak that one subject of a binding is: somebody of a tenant, in what is not that tenant's."""
    kind, name = string(subject, "kind"), string(subject, "name")
    role = string(binding.data, "roleRef", "name")
    whose = tenants.called(own) if own else "the platform"
    target = f"namespace {binding.namespace} of {whose}" if binding.kind == "RoleBinding" else "every namespace"
    through = f"{binding.label} gives them the role {role}"
    if kind in {"User", "Group"} and name in _EVERYBODY:
        if role in _PUBLIC_ROLES:
            return None
        origin, related, closed = "every tenant", (), "name the one group or service account that needs the role"
        return Leak(REACH, origin, target, through, binding, (*at, "name"), closed, _VERB, related)
    account = _account(kind, name, string(subject, "namespace") or binding.namespace)
    if account:
        of = tenants.side(account)
        if not _foreign(tenants, account, binding, own):
            return None
        closed = f"take the subject out, or give the role by a RoleBinding in {account}"
        pointer = "namespace" if string(subject, "namespace") else "name"
        return Leak(
            REACH, f"{kind} {name} of {tenants.called(of)}", target, through, binding, (*at, pointer), closed, _VERB
        )
    holders = people.get((kind, name), {})
    first = next(iter(holders), "")
    if not holders or first == own:
        return None
    shared = (f"{name} is of {tenants.called(first)} by this", *holders[first])
    closed = "give each tenant a group of its own, and the platform's staff one that no tenant's binding names"
    return Leak(
        REACH,
        f"{kind} {name} of {tenants.called(first)}",
        target,
        through,
        binding,
        (*at, "name"),
        closed,
        _VERB,
        (shared,),
    )


def _foreign(tenants: Tenants, account: str, binding: Rendered, own: str) -> bool:
    """Whether rights by this binding are none that accounts of a namespace may have."""
    side = tenants.side(account)
    if not side or (binding.kind == "RoleBinding" and binding.namespace == account):
        return False
    if side.startswith("[") and binding.kind == "RoleBinding":
        return bool(own) and not tenants.serves(account, own)
    return side != own


def _account(kind: str, name: str, namespace: str) -> str:
    """The namespace of the service account (or of all its accounts) that a subject names; "" for people."""
    if kind == "ServiceAccount":
        return namespace
    parts = name.split(":")
    if kind == "User" and parts[:2] == ["system", "serviceaccount"] and len(parts) == 4:
        return parts[2]
    if kind == "Group" and parts[:2] == ["system", "serviceaccounts"] and len(parts) == 3:
        return parts[2]
    return ""


def _rights(index: Index, roles: tuple[Rendered, ...], binding: Rendered, own: str) -> Iterator[Leak]:
    """What a binding in a tenant's namespace gives to subjects of the tenant."""
    if not _gives_to(binding):
        return
    kind, name = string(binding.data, "roleRef", "kind"), string(binding.data, "roleRef", "name")
    at: Pointer = ("roleRef", "name")
    origin, target = f"tenant {own}", f"the fences of namespace {binding.namespace}"
    if kind == "ClusterRole" and name in _WIDE_ROLES:
        through = f"the built-in ClusterRole {name} may change network policies"
        closed = "bind a Role of the namespace that lists what the tenant needs"
        yield Leak(FENCE, origin, target, through, binding, at, closed, "can change")
        return
    role = index.get(_GROUP, kind, binding.namespace if kind == "Role" else "", name)
    if role is None and not (kind == "ClusterRole" and name == "view"):
        through = f"{kind or 'the role'} {name} is not rendered, so its rules are unknown"
        closed = "render the role, or bind one that is rendered"
        yield Leak(UNKNOWN_ROLE, origin, target, through, binding, at, closed, "may change")
    found = [role] if role is not None else []
    if kind == "ClusterRole":
        found += _aggregated(role, name, roles)
    for each in found:
        for place, rule in items(each.data, "rules"):
            if pointer := _opens(rule):
                yield Leak(
                    code=FENCE,
                    origin=origin,
                    verb="can change",
                    target=target,
                    through=f"{binding.label} gives it {each.label}",
                    rendered=each,
                    at=(*place, *pointer),
                    closed="leave this to the platform: take it out of what the tenant is bound to",
                    related=((f"tenant {own} is bound to it here", binding, at),),
                )


def _gives_to(binding: Rendered) -> bool:
    """Whether a subject is the tenant's: people, or accounts of the binding's own namespace."""
    for _, subject in items(binding.data, "subjects"):
        account = _account(string(subject, "kind"), string(subject, "name"), string(subject, "namespace"))
        if account in {"", binding.namespace}:
            return True
    return False


def _aggregated(role: Rendered | None, name: str, roles: tuple[Rendered, ...]) -> list[Rendered]:
    """The ClusterRoles whose rules the API server adds to this one, theirs too. `view` takes those labelled for it."""
    selectors = [{"matchLabels": {f"{_GROUP}/aggregate-to-view": "true"}}] if name == "view" else []
    selectors += _selectors(role) if role is not None else []
    found: dict[str, Rendered] = {}
    while selectors:
        selector = selectors.pop()
        for other in roles:
            if other.name not in found and selects(selector, strings(other.data, "metadata", "labels")):
                found[other.name] = other
                selectors += _selectors(other)
    return [each for each in found.values() if each is not role]


def _selectors(role: Rendered) -> list[dict[str, Any]]:
    return [mapping(entry) for _, entry in items(role.data, "aggregationRule", "clusterRoleSelectors")]


def _opens(rule: Any) -> Pointer:
    """The pointer in a rule to what opens a fence; () where the rule opens none."""
    verbs = listed(rule, "verbs")
    for position, verb in enumerate(verbs):
        if verb in _GIVING:
            return "verbs", position
    if not _WRITING.intersection(verbs):
        return ()
    groups = listed(rule, "apiGroups")
    fences = {
        resource for group, resources in _FENCES.items() if group in groups or "*" in groups for resource in resources
    }
    for position, resource in enumerate(listed(rule, "resources")):
        if fences and (resource in fences or resource == "*" or _any_sub(resource, fences)):
            return "resources", position
    return ()


def _any_sub(resource: str, fences: set[str]) -> bool:
    """`*/token` is the subresource of every resource."""
    return resource.startswith("*/") and any(fence.endswith(resource[1:]) for fence in fences)
