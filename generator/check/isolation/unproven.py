"""Ways to tenants' services that no dimension follows; what is not known must not pass for proven.

The proof knows the network's policies, sidecars and Istio's own routes. It does not follow

- an Ingress, or a Gateway or route of the Gateway API, that is a tenant's or shared services', or that leads there;
- policies and tokens that are enforced by a waypoint (`targetRefs`), and namespaces whose pods have no sidecar because
  they are in ambient mode or behind a waypoint.

Each is a warning: the tenants may well be kept apart, and nobody has shown it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from generator.check.fields import items, mapping, string, strings
from generator.check.findings import finding
from generator.check.index import Index
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic, Severity
from generator.source import Pointer

UNPROVEN: Final = Code(
    "ISO090",
    "a way to tenants' services that the proof does not follow",
    "What it lets through is not known, so that the tenants are kept apart is not shown.",
)

_ROOT: Final = "istio-system"
_API: Final = "gateway.networking.k8s.io"
_ROUTES: Final = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
_AMBIENT: Final = "istio.io/dataplane-mode"
_WAYPOINT: Final = "istio.io/use-waypoint"


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every such object of the cluster."""
    for rendered in (*index.of("networking.k8s.io", "Ingress"), *index.of(_API, "Gateway", "ListenerSet", *_ROUTES)):
        side = tenants.owner(rendered) or tenants.side(rendered.namespace)
        leads = "" if side else _led_to(rendered, tenants)
        if side or leads:
            way = f"of {tenants.called(side)}" if side else f"to {tenants.called(leads)}"
            yield _unproven(
                rendered,
                ("kind",),
                f"what {rendered.label} lets in is not followed: it is a way {way} beside Istio's own gateways",
                "route with a VirtualService through the shared gateway",
            )
    for kind in ("AuthorizationPolicy", "RequestAuthentication"):
        for rendered in index.of("security.istio.io", kind):
            part = _waypoints(rendered)
            if part and (rendered.namespace == _ROOT or tenants.side(rendered.namespace)):
                yield _unproven(
                    rendered,
                    ("spec", part),
                    f"what {rendered.label} enforces is not followed: it is for waypoints, and sidecars do not know it",
                    "select the pods (`selector`) instead of naming targets",
                )
    for rendered in (*index.of("", "Namespace"), *index.of("", "Service")):
        namespace = rendered.name if rendered.kind == "Namespace" else rendered.namespace
        yield from _past_sidecars(rendered, tenants, namespace)


def _led_to(rendered: Rendered, tenants: Tenants) -> str:
    """An example of a side that a route of the platform leads to, "" for none."""
    for _, rule in items(rendered.data, "spec", "rules"):
        for _, backend in _backends(rule):
            if side := tenants.side(string(backend, "namespace")):
                return side
    return ""


def _backends(rule: Any) -> Iterator[tuple[Pointer, Any]]:
    yield from items(rule, "backendRefs")
    for at, entry in items(rule, "filters"):
        mirrored = mapping(entry, "requestMirror", "backendRef")
        if mirrored:
            yield at, mirrored


def _waypoints(rendered: Rendered) -> str:
    """The field of a policy that names what enforces it, "" where sidecars do."""
    if any(items(rendered.data, "spec", "targetRefs")):
        return "targetRefs"
    return "targetRef" if mapping(rendered.data, "spec", "targetRef") else ""


def _past_sidecars(rendered: Rendered, tenants: Tenants, namespace: str) -> Iterator[Diagnostic]:
    labels = strings(rendered.data, "metadata", "labels")
    for label, none in ((_AMBIENT, labels.get(_AMBIENT) != "ambient"), (_WAYPOINT, labels.get(_WAYPOINT) == "none")):
        if label in labels and not none and tenants.side(namespace):
            yield _unproven(
                rendered,
                ("metadata", "labels", label),
                f"who may call the pods behind {rendered.label} is not followed: requests go past their sidecars",
                "take the label out, so that sidecars enforce the policies",
            )


def _unproven(rendered: Rendered, at: Pointer, message: str, hint: str) -> Diagnostic:
    return finding(UNPROVEN, rendered, at, message, hint=hint, severity=Severity.WARNING)
