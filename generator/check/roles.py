"""Whether every binding gives a role that is rendered, to service accounts that are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generator.check.fields import items, string
from generator.check.findings import finding
from generator.check.index import Index
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic, did_you_mean, listing

NO_ROLE: Final = Code(
    "CHK047",
    "a binding's role is not rendered",
    "The binding gives nothing now, and whatever somebody later creates under that name.",
)
NO_SUBJECT: Final = Code(
    "CHK048",
    "a binding's service account is not rendered",
    "Rights wait for whoever first creates an account of that name.",
)

_GROUP: Final = "rbac.authorization.k8s.io"
_BUILT_IN_ROLES: Final = frozenset({"cluster-admin", "admin", "edit", "view"})


def check(index: Index) -> Iterator[Diagnostic]:
    """Every RoleBinding and ClusterRoleBinding."""
    for binding in index.of(_GROUP, "RoleBinding", "ClusterRoleBinding"):
        yield from _role(index, binding)
        for at, subject in items(binding.data, "subjects"):
            if string(subject, "kind") != "ServiceAccount":
                continue
            name, namespace = string(subject, "name"), string(subject, "namespace") or binding.namespace
            if index.get("", "ServiceAccount", namespace, name) or index.from_chart(namespace, name):
                continue
            known = index.names("", "ServiceAccount", namespace)
            yield finding(
                NO_SUBJECT,
                binding,
                (*at, "name"),
                f"no ServiceAccount {name} is rendered in {namespace}",
                found=name,
                expected=listing(known) or "a ServiceAccount",
                hint=did_you_mean(name, known) or "render the ServiceAccount, or take the subject out",
            )


def _role(index: Index, binding: Rendered) -> Iterator[Diagnostic]:
    kind, name = string(binding.data, "roleRef", "kind"), string(binding.data, "roleRef", "name")
    built_in = kind == "ClusterRole" and (name in _BUILT_IN_ROLES or name.startswith("system:"))
    namespace = binding.namespace if kind == "Role" else ""
    if built_in or index.get(_GROUP, kind, namespace, name):
        return
    known = index.names(_GROUP, kind, namespace)
    where = namespace or index.cluster
    yield finding(
        NO_ROLE,
        binding,
        ("roleRef", "name"),
        f"no {kind or 'role'} {name} is rendered in {where}",
        found=f"{kind} {name}",
        expected=listing(known) or f"one rendered in {where}",
        hint=did_you_mean(name, known) or "render the role beside the binding",
    )
