"""Whether the identities that AuthorizationPolicies let in belong to service accounts that exist.

A mesh identity is `<trust domain>/ns/<namespace>/sa/<service account>`. A policy that names an account nobody has lets
nobody in, and one day whoever is given that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from generator.check.fields import items
from generator.check.findings import finding
from generator.check.index import Index
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic, did_you_mean, listing
from generator.source import Pointer

NO_ACCOUNT: Final = Code(
    "CHK050",
    "an AuthorizationPolicy names a service account that is not rendered",
    "The policy keeps everyone out, or lets in whoever is given that name later.",
)

_PRINCIPAL: Final = re.compile(r"[^/]+/ns/([^/]+)/sa/([^/]+)")


def check(index: Index) -> Iterator[Diagnostic]:
    """Principals of every source of every AuthorizationPolicy; patterns with `*` name nobody in particular."""
    for policy in index.of("security.istio.io", "AuthorizationPolicy"):
        for at, principal in _principals(policy):
            if "*" in principal:
                continue
            whole = _PRINCIPAL.fullmatch(principal)
            if whole is None:
                yield finding(
                    NO_ACCOUNT,
                    policy,
                    at,
                    "this is no mesh identity",
                    found=principal,
                    expected="<trust domain>/ns/<namespace>/sa/<service account>",
                    hint="write the identity in full, without spiffe://",
                )
                continue
            namespace, name = whole.groups()
            if not (index.get("", "ServiceAccount", namespace, name) or index.from_chart(namespace, name)):
                yield _missing(index, policy, at, principal, namespace, name)


def _principals(policy: Rendered) -> Iterator[tuple[Pointer, str]]:
    for at, rule in items(policy.data, "spec", "rules"):
        for source_at, origin in items(rule, "from"):
            for part in ("principals", "notPrincipals"):
                for pointer, principal in items(origin, "source", part):
                    if isinstance(principal, str):
                        yield (*at, *source_at, *pointer), principal


def _missing(index: Index, policy: Rendered, at: Pointer, principal: str, namespace: str, name: str) -> Diagnostic:
    known = index.names("", "ServiceAccount", namespace) | {
        found for chart in index.charts.get(namespace, ()) for found in chart.names
    }
    return finding(
        NO_ACCOUNT,
        policy,
        at,
        f"no ServiceAccount {name} is rendered in {namespace}, nor installed there by a chart",
        found=principal,
        expected=listing(known) or f"a ServiceAccount in {namespace}",
        hint=did_you_mean(name, known) or "name the account that the callers' pods run with",
    )
