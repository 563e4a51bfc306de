"""Whether every Service reaches pods that are rendered, at a port that they open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from generator.check.fields import field, items, strings
from generator.check.findings import finding, shown
from generator.check.index import Index
from generator.check.objects import Rendered
from generator.check.pods import Pods
from generator.diagnostics import Code, Diagnostic, Related, did_you_mean, listing
from generator.source import Pointer

NO_PODS: Final = Code(
    "CHK030",
    "a Service selects no pods",
    "Requests to it fail with 503 while everything looks healthy.",
)
NO_PORT: Final = Code(
    "CHK031",
    "a Service's target port is no container port",
    "Connections to it are refused while everything looks healthy.",
)


def check(index: Index) -> Iterator[Diagnostic]:
    """Every Service with a selector; those without one are filled by hand or by name."""
    for service in index.of("", "Service"):
        selector = strings(service.data, "spec", "selector")
        if not selector:
            continue
        pods = index.selected(service.namespace, {"matchLabels": selector})
        if pods:
            yield from _ports(service, pods)
        elif not index.chart_pods(service.namespace, selector.values()):
            yield finding(
                NO_PODS,
                service,
                ("spec", "selector"),
                f"no rendered pod in {service.namespace} has these labels",
                found=", ".join(f"{key}={value}" for key, value in sorted(selector.items())),
                hint="make the selector and the labels of the pod template equal",
                related=_nearest(index, service.namespace, selector),
                key=True,
            )


def _nearest(index: Index, namespace: str, selector: dict[str, str]) -> tuple[Related, ...]:
    """The pod template of the namespace that has most of the wanted labels."""
    candidates = [pods for key, value in selector.items() for pods in index.pods.get((namespace, key, value), ())]
    if not candidates:
        return ()
    best = max(candidates, key=candidates.count)
    return (Related("the nearest labels", best.owner.locate((*best.at, "metadata", "labels"), key=True)),)


def _ports(service: Rendered, pods: tuple[Pods, ...]) -> Iterator[Diagnostic]:
    if not all(group.known for group in pods):
        return
    for pointer, port in items(service.data, "spec", "ports"):
        target = field(port, "targetPort")
        at: Pointer = (*pointer, "targetPort")
        if target is None:
            target, at = field(port, "port"), (*pointer, "port")
        for group in pods:
            if not _opens(group, target):
                yield _closed(service, at, target, group)


def _opens(pods: Pods, target: Any) -> bool:
    ports = pods.ports()
    if isinstance(target, str):
        return target in ports.values()
    return isinstance(target, int) and target in ports  # else it is what no schema lets through


def _closed(service: Rendered, at: Pointer, target: Any, pods: Pods) -> Diagnostic:
    ports = pods.ports()
    known = listing(f"{name} ({number})" if name else str(number) for number, name in ports.items())
    guess = did_you_mean(target, filter(None, ports.values())) if isinstance(target, str) else ""
    return finding(
        NO_PORT,
        service,
        at,
        f"no container of {pods.owner.label} opens this port",
        found=shown(target),
        expected=known or "a container port",
        hint=guess or "give the Service and the container the same port",
        related=(Related("the pods it selects", pods.owner.locate((*pods.at, "spec", "containers"), key=True)),),
    )
