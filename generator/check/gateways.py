"""Whether every Gateway finds its certificate: Istio reads it in the namespace of the gateway's pods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generator.check.fields import items, string, strings
from generator.check.findings import finding
from generator.check.index import Index
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic, did_you_mean, listing
from generator.source import Pointer

NO_CREDENTIAL: Final = Code(
    "CHK055",
    "a Gateway's certificate is not rendered",
    "The listener stays closed: clients cannot connect.",
)


def check(index: Index) -> Iterator[Diagnostic]:
    """Every server of every Istio Gateway that names a credential."""
    for gateway in index.of("networking.istio.io", "Gateway"):
        homes = _homes(index, gateway)
        known = frozenset().union(*(index.names("", "Secret", home) for home in homes))
        for at, name in _credentials(gateway):
            if name not in known:
                yield finding(
                    NO_CREDENTIAL,
                    gateway,
                    at,
                    f"no Certificate makes the Secret {name} in {', '.join(homes)}",
                    found=name,
                    expected=listing(known) or "the secretName of a Certificate",
                    hint=did_you_mean(name, known)
                    or "render the Certificate in the namespace where the gateway's pods run",
                )


def _credentials(gateway: Rendered) -> Iterator[tuple[Pointer, str]]:
    for at, server in items(gateway.data, "spec", "servers"):
        if name := string(server, "tls", "credentialName"):
            yield (*at, "tls", "credentialName"), name
        for pointer, more in items(server, "tls", "credentialNames"):
            if isinstance(more, str):
                yield (*at, *pointer), more


def _homes(index: Index, gateway: Rendered) -> list[str]:
    """The namespaces of the gateway's pods: by a chart's release, by rendered pods, else the Gateway's own."""
    selector = strings(gateway.data, "spec", "selector")
    own = gateway.namespace
    if index.chart_pods(own, selector.values()) or index.selected(own, {"matchLabels": selector}):
        return [own]
    charts = sorted(home for home in index.charts if index.chart_pods(home, selector.values()))
    pods = {pods.owner.namespace for pods in index.workloads if selector.items() <= dict(pods.labels).items()}
    return charts or sorted(pods if selector else ()) or [own]
