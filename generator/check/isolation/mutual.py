"""Whether the identities that the mesh goes by are proven: mutual TLS, at both ends, and a sidecar to ask for it.

A leak is:

- pods of a tenant, or of shared services, that take plain text (ISO025). The closest PeerAuthentication counts, by
  selector, then namespace, then mesh; UNSET passes on what is above; none at all is PERMISSIVE;
- pods behind a Service without a sidecar, or with ports that it leaves alone (ISO026): no rule of the mesh applies;
- a DestinationRule that takes mutual TLS off on the way to a tenant's service (ISO027).

Pods that serve nothing, such as Jobs, and databases, which have TLS and roles of their own, do without a sidecar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from generator.check.fields import items, mapping, string, strings
from generator.check.hosts import DOMAIN
from generator.check.index import Index
from generator.check.isolation.flows import Group, groups_of
from generator.check.isolation.leaks import Leak, several
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.check.pods import Pods, selects
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

PLAIN: Final = Code(
    "ISO025",
    "pods of a tenant take plain text",
    "A caller without a certificate has no identity, and rules that refuse identities do not refuse it.",
)
NO_SIDECAR: Final = Code(
    "ISO026",
    "a tenant's service is outside the mesh",
    "No AuthorizationPolicy and no mutual TLS apply to it: whoever reaches it by the network may call it.",
)
NOT_MUTUAL: Final = Code(
    "ISO027",
    "a DestinationRule takes mutual TLS off",
    "Callers show no identity, so the service can only be reached once its rules stop asking for one.",
)

_ROOT: Final = "istio-system"
_INJECT: Final = "sidecar.istio.io/inject"
_EXCLUDED: Final = "traffic.sidecar.istio.io/excludeInboundPorts"
_INCLUDED: Final = "traffic.sidecar.istio.io/includeInboundPorts"


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every namespace where tenants' services run."""
    if len(tenants.names) < 2:
        return
    yield from _plain(index, tenants)
    yield from _outside(index, tenants)
    yield from _off(index, tenants)


def injected(namespace: Mapping[str, str], pods: Pods) -> bool:
    """Whether the mesh gives these pods a sidecar, by their own label or annotation, else by their namespace's."""
    if not pods.known:
        return False
    own = pods.labels.get(_INJECT) or _annotations(pods).get(_INJECT)
    if own is not None:
        return own == "true"
    return namespace.get("istio-injection") == "enabled" or bool(namespace.get("istio.io/rev"))


def _plain(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """One finding for each PeerAuthentication that lets plain text in, or for the lack of any."""
    homes: dict[str, list[Rendered]] = {}
    for policy in index.of("security.istio.io", "PeerAuthentication"):
        homes.setdefault(policy.namespace, []).append(policy)
    mesh = [policy for policy in homes.get(_ROOT, ()) if not _selector(policy)]
    inherited = _decided(mesh, None)
    causes: dict[tuple[int, Pointer], tuple[Rendered, Pointer, str, list[str]]] = {}
    for namespace in sorted(tenants.labels):
        if not tenants.side(namespace):
            continue
        own = homes.get(namespace, [])
        decided = _decided([policy for policy in own if not _selector(policy)], inherited)
        for rendered, at, mode in _weak(tenants, namespace, decided, own, index):
            causes.setdefault((id(rendered), at), (rendered, at, mode, []))[3].append(namespace)
    for rendered, at, mode, namespaces in causes.values():
        text = tenants.called(tenants.side(namespaces[0]))
        yield Leak(
            code=PLAIN,
            origin="callers without an identity",
            target=several(f"pods of {text}", len(namespaces), "namespace"),
            through=f"mutual TLS is {mode}",
            rendered=rendered,
            at=at,
            expected="STRICT",
            closed="set the mode to STRICT, or render a PeerAuthentication with it",
        ).diagnostic()


def _weak(
    tenants: Tenants, namespace: str, decided: tuple[Rendered, str] | None, own: list[Rendered], index: Index
) -> Iterator[tuple[Rendered, Pointer, str]]:
    """Where the pods of a namespace are told to take plain text."""
    declared = tenants.declared.get(namespace)
    if decided is None and declared is not None:
        yield declared, ("metadata", "name"), "PERMISSIVE where nothing is said"
    elif decided is not None and decided[1] != "STRICT":
        yield decided[0], ("spec", "mtls", "mode"), decided[1]
    for policy in own:
        if not (selector := _selector(policy)):
            continue
        if not any(selects(selector, group.labels) for group in groups_of(index, namespace)):
            continue
        if (mode := _mode(policy)) not in {"", "UNSET", "STRICT"}:
            yield policy, ("spec", "mtls", "mode"), mode
        for port, entry in mapping(policy.data, "spec", "portLevelMtls").items():
            if (mode := string(entry, "mode")) not in {"", "UNSET", "STRICT"}:
                yield policy, ("spec", "portLevelMtls", port, "mode"), f"{mode} on port {port}"


def _decided(policies: list[Rendered], above: tuple[Rendered, str] | None) -> tuple[Rendered, str] | None:
    """What the policies of one level say, the weakest of them; where they leave it open, what is above."""
    said = [(policy, _mode(policy)) for policy in policies if _mode(policy) not in {"", "UNSET"}]
    weak = [each for each in said if each[1] != "STRICT"]
    return weak[0] if weak else said[0] if said else above


def _outside(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    for namespace in sorted(tenants.labels):
        side = tenants.side(namespace)
        if not side:
            continue
        selectors = [
            selector
            for service in index.named.get(("", "Service", namespace), {}).values()
            for each in service
            if (selector := strings(each.data, "spec", "selector"))
        ]
        serving = [
            group
            for group in groups_of(index, namespace)
            if group.pods and group.pods[0].known and any(_part(selector, group) for selector in selectors)
        ]
        for pods, at, why in _unproxied(tenants, namespace, serving):
            yield Leak(
                code=NO_SIDECAR,
                origin="pods of every other tenant",
                verb="may call",
                target=f"{pods.owner.name} of {tenants.called(side)}",
                through=why,
                rendered=tenants.declared[namespace] if at == ("metadata", "labels") else pods.owner,
                at=at,
                key=at == ("metadata", "labels"),
                closed="let the sidecar take all inbound traffic",
            ).diagnostic()


def _unproxied(tenants: Tenants, namespace: str, serving: list[Group]) -> Iterator[tuple[Pods, Pointer, str]]:
    labels = tenants.labels[namespace]
    for number, group in enumerate(serving):
        pods = group.pods[0]
        metadata = (*pods.at, "metadata")
        if not injected(labels, pods):
            if _INJECT in pods.labels:
                yield pods, (*metadata, "labels", _INJECT), "a label takes the sidecar away"
            elif _INJECT in _annotations(pods):
                yield pods, (*metadata, "annotations", _INJECT), "an annotation takes the sidecar away"
            elif number == 0 and namespace in tenants.declared:
                yield pods, ("metadata", "labels"), "no label of the namespace asks for sidecars"
            continue
        annotations = _annotations(pods)
        if annotations.get(_EXCLUDED):
            yield pods, (*metadata, "annotations", _EXCLUDED), "the sidecar leaves out some ports"
        if annotations.get(_INCLUDED, "*") != "*":
            yield pods, (*metadata, "annotations", _INCLUDED), "the sidecar takes only some ports"


def _off(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    for rule in index.of("networking.istio.io", "DestinationRule"):
        host = string(rule.data, "spec", "host")
        namespace = host.removesuffix(DOMAIN).partition(".")[2] if host.endswith(DOMAIN) else rule.namespace
        if "." in host and not host.endswith(DOMAIN):
            continue
        side = tenants.side(namespace)
        for at, mode in _modes(rule):
            if side and mode in {"DISABLE", "SIMPLE", "MUTUAL"}:
                yield Leak(
                    code=NOT_MUTUAL,
                    origin="callers that show no identity",
                    verb="are sent to",
                    target=f"{host} of {tenants.called(side)}",
                    through=f"the rule's TLS is {mode}",
                    rendered=rule,
                    at=at,
                    expected="ISTIO_MUTUAL",
                    closed="take the TLS settings out: the mesh uses mutual TLS by itself",
                ).diagnostic()


def _modes(rule: Rendered) -> Iterator[tuple[Pointer, str]]:
    """The TLS modes of a rule: for the host, for single ports, and for subsets."""
    policies: list[tuple[Pointer, object]] = [(("spec", "trafficPolicy"), mapping(rule.data, "spec", "trafficPolicy"))]
    for at, subset in items(rule.data, "spec", "subsets"):
        policies.append(((*at, "trafficPolicy"), mapping(subset, "trafficPolicy")))
    for at, policy in policies:
        if mode := string(policy, "tls", "mode"):
            yield (*at, "tls", "mode"), mode
        for port_at, entry in items(policy, "portLevelSettings"):
            if mode := string(entry, "tls", "mode"):
                yield (*at, *port_at, "tls", "mode"), mode


def _annotations(pods: Pods) -> dict[str, str]:
    return strings(pods.owner.data, *pods.at, "metadata", "annotations")


def _part(selector: Mapping[str, str], group: Group) -> bool:
    return selector.items() <= group.labels.items()


def _selector(policy: Rendered) -> dict[str, object]:
    return mapping(policy.data, "spec", "selector")


def _mode(policy: Rendered) -> str:
    return string(policy.data, "spec", "mtls", "mode")
