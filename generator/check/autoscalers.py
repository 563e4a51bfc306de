"""Whether every autoscaler has a target of its own, and leaves the replicas to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from msgspec import Struct

from generator.check.fields import items, mapping, string
from generator.check.findings import finding
from generator.check.index import Index
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic, Related, did_you_mean, listing
from generator.source import Pointer

NO_TARGET: Final = Code(
    "CHK032",
    "an autoscaler's target is not rendered",
    "The workload stays at its first size, and the autoscaler only reports errors.",
)
TWO_AUTOSCALERS: Final = Code(
    "CHK033",
    "two autoscalers have one target",
    "They work against each other: a KEDA ScaledObject makes a HorizontalPodAutoscaler of its own, and a "
    "VerticalPodAutoscaler that acts restarts pods while the other counts them.",
)
REPLICAS: Final = Code(
    "CHK034",
    "a workload with an autoscaler says how many replicas it has",
    "Every sync sets the number back, against the autoscaler.",
)
NEVER_WAKES: Final = Code(
    "CHK037",
    "a ScaledObject may stop a workload that nothing can start again",
    "cpu and memory are known of running pods only: KEDA refuses zero replicas without another trigger.",
)

_Target: TypeAlias = tuple[str, str, str, str]


class _Autoscaler(Struct, frozen=True):
    """An autoscaler and what it acts on. `counts`: it sets replicas; `resizes`: it sets requests."""

    rendered: Rendered
    at: Pointer
    target: _Target
    counts: bool
    resizes: bool


def check(index: Index) -> Iterator[Diagnostic]:
    """Every HorizontalPodAutoscaler, VerticalPodAutoscaler and ScaledObject."""
    taken: dict[_Target, list[_Autoscaler]] = {}
    for autoscaler in _autoscalers(index):
        group, kind, namespace, name = autoscaler.target
        workload = index.get(group, kind, namespace, name)
        if workload is None:
            yield _no_target(index, autoscaler)
            continue
        taken.setdefault(autoscaler.target, []).append(autoscaler)
        spec = workload.data.get("spec")
        if autoscaler.counts and isinstance(spec, dict) and "replicas" in spec:
            yield finding(
                REPLICAS,
                workload,
                ("spec", "replicas"),
                f"{autoscaler.rendered.label} sets the replicas of this {kind}",
                hint="leave `replicas` out of the template",
                related=(Related("the autoscaler", autoscaler.rendered.locate(autoscaler.at, key=True)),),
                key=True,
            )
    for scaled in index.of("keda.sh", "ScaledObject"):
        yield from _sleepers(scaled)
    for autoscalers in taken.values():
        yield from _rivals(autoscalers)


def _rivals(autoscalers: list[_Autoscaler]) -> Iterator[Diagnostic]:
    for position, later in enumerate(autoscalers):
        for earlier in autoscalers[:position]:
            counting = earlier.counts and later.counts
            acting = (earlier.counts or earlier.resizes) and (later.counts or later.resizes)
            if earlier.rendered.label == later.rendered.label:
                continue  # one object rendered twice, which generator.check.duplicates tells
            same = earlier.rendered.kind == later.rendered.kind
            if counting or acting or same:
                yield finding(
                    TWO_AUTOSCALERS,
                    later.rendered,
                    later.at,
                    f"{earlier.rendered.label} has the same target",
                    found=f"{later.target[1]} {later.target[3]}",
                    expected='one autoscaler; beside it a VerticalPodAutoscaler with updateMode "Off"',
                    hint="render one of the two",
                    related=(Related("the other one", earlier.rendered.locate(earlier.at, key=True)),),
                    key=True,
                )
                break


def _sleepers(scaled: Rendered) -> Iterator[Diagnostic]:
    """A ScaledObject whose minimum is 0, said or by default, and whose triggers all look at running pods."""
    types = [string(trigger, "type") for _, trigger in items(scaled.data, "spec", "triggers")]
    spec = mapping(scaled.data, "spec")
    if not types or spec.get("minReplicaCount", 0) != 0 or not {*types} <= {"cpu", "memory"}:
        return
    said = "minReplicaCount" in spec
    yield finding(
        NEVER_WAKES,
        scaled,
        ("spec", "minReplicaCount") if said else ("spec", "triggers"),
        "the only triggers are " + " and ".join(sorted({*types})),
        found="minReplicaCount: 0" if said else "no minReplicaCount, which means 0",
        expected="minReplicaCount of 1 or more, or a trigger that needs no pods: cron, prometheus",
        hint="say minReplicaCount: 1",
        key=not said,
    )


def _no_target(index: Index, autoscaler: _Autoscaler) -> Diagnostic:
    group, kind, namespace, name = autoscaler.target
    known = index.names(group, kind, namespace)
    return finding(
        NO_TARGET,
        autoscaler.rendered,
        (*autoscaler.at, "name"),
        f"no {kind or 'workload'} {name} is rendered in {namespace}",
        found=f"{kind} {name} ({group or 'core'})",
        expected=listing(known) or f"one rendered in {namespace}",
        hint=did_you_mean(name, known) or "name the workload by its apiVersion, kind and name as its template does",
    )


def _autoscalers(index: Index) -> Iterator[_Autoscaler]:
    for rendered in index.of("autoscaling", "HorizontalPodAutoscaler"):
        at: Pointer = ("spec", "scaleTargetRef")
        yield _Autoscaler(rendered, at, _target(rendered, at), counts=True, resizes=False)
    for rendered in index.of("keda.sh", "ScaledObject"):
        at = ("spec", "scaleTargetRef")
        yield _Autoscaler(rendered, at, _target(rendered, at, "apps/v1", "Deployment"), counts=True, resizes=False)
    for rendered in index.of("autoscaling.k8s.io", "VerticalPodAutoscaler"):
        at = ("spec", "targetRef")
        acts = string(rendered.data, "spec", "updatePolicy", "updateMode") != "Off"
        yield _Autoscaler(rendered, at, _target(rendered, at), counts=False, resizes=acts)


def _target(rendered: Rendered, at: Pointer, version: str = "v1", kind: str = "") -> _Target:
    """The target's identity; KEDA takes a Deployment where nothing is said."""
    group = (string(rendered.data, *at, "apiVersion") or version).rpartition("/")[0]
    found = string(rendered.data, *at, "kind") or kind
    return group, found, rendered.namespace, string(rendered.data, *at, "name")
