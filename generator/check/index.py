"""One cluster's output, read once and looked up by every check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from msgspec import Struct

from generator.check.charts import Chart, charts_of, makes_namespace
from generator.check.fields import string, strings
from generator.check.made import MAKERS, made_from
from generator.check.objects import Reading, Rendered
from generator.check.pods import Pods, pods_of, selects, starts_pods

_Place: TypeAlias = tuple[str, str, str]
"""Group, kind, namespace."""

BUILT_IN_NAMESPACES = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})


class Index(Struct, frozen=True):
    """Everything of one cluster. Sequences are in the order of the paths, and inside a file in its own.

    `kubernetes` is the cluster's version ("1.34"), "" where the caller gave none. `made` holds what operators will
    make, with the object they make it from. `namespaces` are those that exist once everything is synced.
    """

    cluster: str
    kubernetes: str
    readings: tuple[Reading, ...]
    objects: tuple[Rendered, ...]
    named: Mapping[_Place, Mapping[str, tuple[Rendered, ...]]]
    made: Mapping[_Place, Mapping[str, Rendered]]
    kinds: Mapping[tuple[str, str], tuple[Rendered, ...]]
    workloads: tuple[Pods, ...]
    pods: Mapping[tuple[str, str, str] | str, tuple[Pods, ...]]
    charts: Mapping[str, tuple[Chart, ...]]
    namespaces: frozenset[str]

    def of(self, group: str, *kinds: str) -> tuple[Rendered, ...]:
        """All objects of these kinds of a group."""
        return tuple(rendered for kind in kinds for rendered in self.kinds.get((group, kind), ()))

    def get(self, group: str, kind: str, namespace: str, name: str) -> Rendered | None:
        """The rendered object, or the one that an operator makes it from; None where there is neither."""
        place = (group, kind, namespace)
        rendered = self.named.get(place, {}).get(name)
        return rendered[0] if rendered else self.made.get(place, {}).get(name)

    def names(self, group: str, kind: str, namespace: str) -> frozenset[str]:
        """What there is of a kind in a namespace, for `expected:` lines."""
        place = (group, kind, namespace)
        return frozenset(self.named.get(place, {})) | frozenset(self.made.get(place, {}))

    def from_chart(self, namespace: str, name: str) -> bool:
        """Whether a chart installed in the namespace names its account, Service and pods like this."""
        return any(name in chart.names for chart in self.charts.get(namespace, ()))

    def chart_pods(self, namespace: str, selector: Iterable[str]) -> bool:
        """Whether a chart installed in the namespace is likely to label its pods with one of these values.

        Istio's gateway chart labels its pods `app: <release>` and `istio: <release without "istio-">`.
        """
        names = {name for chart in self.charts.get(namespace, ()) for name in chart.names}
        return any(value in names or f"istio-{value}" in names for value in selector)

    def selected(self, namespace: str, selector: Mapping[str, Any]) -> tuple[Pods, ...]:
        """The pods of a namespace that a LabelSelector selects."""
        candidates = self.pods.get(namespace, ())
        for key, value in strings(selector, "matchLabels").items():
            fewer = self.pods.get((namespace, key, value), ())
            candidates = fewer if len(fewer) < len(candidates) else candidates
        return tuple(pods for pods in candidates if selects(selector, pods.labels))


def index_cluster(cluster: str, kubernetes: str, readings: Iterable[Reading]) -> Index:
    """Builds the index of one cluster in one pass over its objects."""
    read = tuple(readings)
    objects = tuple(rendered for reading in read for rendered in reading.objects)
    named: dict[_Place, dict[str, list[Rendered]]] = {}
    made: dict[_Place, dict[str, Rendered]] = {}
    kinds: dict[tuple[str, str], list[Rendered]] = {}
    for rendered in objects:
        place = (rendered.group, rendered.kind, rendered.namespace)
        named.setdefault(place, {}).setdefault(rendered.name, []).append(rendered)
        kinds.setdefault((rendered.group, rendered.kind), []).append(rendered)
        if (rendered.group, rendered.kind) in MAKERS:
            for group, kind, namespace, name in made_from(rendered):
                made.setdefault((group, kind, namespace), {}).setdefault(name, rendered)
    applications = kinds.get(("argoproj.io", "Application"), ())
    charts: dict[str, list[Chart]] = {}
    for application in applications:
        for chart in charts_of(application):
            charts.setdefault(chart.namespace, []).append(chart)
    workloads = tuple(pods for rendered in objects if starts_pods(rendered) for pods in pods_of(rendered))
    return Index(
        cluster=cluster,
        kubernetes=kubernetes,
        readings=read,
        objects=objects,
        named={place: {name: tuple(found) for name, found in names.items()} for place, names in named.items()},
        made=made,
        kinds={kind: tuple(found) for kind, found in kinds.items()},
        workloads=workloads,
        pods=_by_label(workloads),
        charts={namespace: tuple(found) for namespace, found in charts.items()},
        namespaces=_namespaces(cluster, read, kinds.get(("", "Namespace"), ()), applications),
    )


def _by_label(workloads: Iterable[Pods]) -> dict[tuple[str, str, str] | str, tuple[Pods, ...]]:
    found: dict[tuple[str, str, str] | str, list[Pods]] = {}
    for pods in workloads:
        namespace = pods.owner.namespace
        found.setdefault(namespace, []).append(pods)
        for key, value in pods.labels.items():
            found.setdefault((namespace, key, value), []).append(pods)
    return {key: tuple(group) for key, group in found.items()}


def _namespaces(
    cluster: str, readings: Iterable[Reading], namespaces: Iterable[Rendered], applications: Iterable[Rendered]
) -> frozenset[str]:
    """Rendered ones, the cluster's own, those that Argo CD makes, and the one that bootstrap.yaml is applied to."""
    found = BUILT_IN_NAMESPACES | {rendered.name for rendered in namespaces}
    bootstrap = f"{cluster}/bootstrap.yaml"
    applied = (rendered for reading in readings if reading.file.path == bootstrap for rendered in reading.objects)
    found |= {rendered.namespace for rendered in applied if rendered.namespace}
    for application in applications:
        if makes_namespace(application):
            found |= {string(application.data, "spec", "destination", "namespace")}
    return found
