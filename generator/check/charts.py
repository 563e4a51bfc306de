"""What Helm charts install: Argo CD renders them in the cluster, so only the Applications that ask for them are seen.

A chart's own objects are not in the output. What is certain is their namespace, and that charts name their account and
Service after the release, or after a name given in the values. Nothing more is taken for granted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from generator.check.events import parse
from generator.check.fields import field, items, listed, mapping, string
from generator.check.objects import Rendered
from generator.source import Pointer

_NAMING: Final = (("serviceAccount", "name"), ("name",), ("fullnameOverride",), ("nameOverride",))


class Chart(Struct, frozen=True):
    """One chart of one Application: where it is installed, and the names its account, Service and pods may have."""

    application: Rendered
    namespace: str
    names: frozenset[str]


def sources(application: Rendered) -> Iterator[tuple[Pointer, Any]]:
    """The sources of an Application, single or several, each with its pointer."""
    single = mapping(application.data, "spec", "source")
    if single:
        yield ("spec", "source"), single
    yield from items(application.data, "spec", "sources")


def charts_of(application: Rendered) -> Iterator[Chart]:
    """The charts that an Application installs."""
    namespace = string(application.data, "spec", "destination", "namespace")
    for _, source in sources(application):
        if string(source, "chart"):
            yield Chart(application, namespace, frozenset(_names(application, source)))


def makes_namespace(application: Rendered) -> bool:
    """Whether Argo CD makes the destination namespace of this Application."""
    return "CreateNamespace=true" in listed(application.data, "spec", "syncPolicy", "syncOptions")


def _names(application: Rendered, source: Any) -> Iterator[str]:
    yield string(source, "helm", "releaseName") or application.name
    for values in (mapping(source, "helm", "valuesObject"), _written(string(source, "helm", "values"))):
        for path in _NAMING:
            if name := string(values, *path):
                yield name
    for _, parameter in items(source, "helm", "parameters"):
        if tuple(string(parameter, "name").split(".")) in _NAMING and (name := string(parameter, "value")):
            yield name


def _written(values: str) -> Any:
    """Values given as YAML text. What cannot be read names nothing."""
    documents, _ = parse(values)
    return field([document.data for document in documents], 0)
