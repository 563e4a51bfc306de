"""Whether every namespace that objects go into exists once everything is synced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generator.check.findings import finding
from generator.check.index import Index
from generator.check.kinds import namespaced
from generator.diagnostics import Code, Diagnostic, did_you_mean, listing

NO_NAMESPACE: Final = Code(
    "CHK070",
    "an object's namespace is not rendered",
    "Argo CD cannot create the object, and a namespace made by hand lacks Pod Security, quota and mesh labels.",
)


def check(index: Index) -> Iterator[Diagnostic]:
    """Every namespaced object."""
    for rendered in index.objects:
        namespace = rendered.namespace
        if not namespace or namespace in index.namespaces:
            continue
        if namespaced(rendered.group, rendered.kind, namespace):
            yield finding(
                NO_NAMESPACE,
                rendered,
                ("metadata", "namespace"),
                f"no Namespace {namespace} is rendered in {index.cluster}",
                found=namespace,
                expected=listing(index.namespaces),
                hint=did_you_mean(namespace, index.namespaces) or "render the Namespace, with its labels",
            )
