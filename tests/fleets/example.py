"""The example fleet as the templates render it, parsed; the fixture `example` is one for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from generator.model.cell import Cluster
from generator.model.fleet import Fleet
from generator.model.tenant import Assignment
from generator.pipeline import output
from tests.conftest import REPOSITORY

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def documents(text: str) -> tuple[dict[str, Any], ...]:
    """The objects of a file, parsed once for all tests, which only read them: changed fleets have most in common."""
    return tuple(yaml.load_all(text, Loader=LOADER))


@dataclass(frozen=True, slots=True)
class Rendered:
    """One object of the output: the file below rendered/, and the object as parsed."""

    path: str
    body: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.body["kind"])

    @property
    def name(self) -> str:
        return str(self.body["metadata"]["name"])

    @property
    def namespace(self) -> str:
        return str(self.body["metadata"].get("namespace", ""))

    @property
    def cluster(self) -> str:
        return self.path.split("/", 1)[0]

    @property
    def annotations(self) -> dict[str, str]:
        found: dict[str, str] = self.body["metadata"].get("annotations", {})
        return found

    def __str__(self) -> str:
        return f"{self.path}: {self.kind} {self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Example:
    """The example fleet and all that it renders to."""

    fleet: Fleet
    texts: dict[str, str]
    objects: tuple[Rendered, ...]

    def of(self, *kinds: str, path: str = "") -> list[Rendered]:
        """The objects of some kinds whose path contains `path`; there are some, or a test could not fail."""
        found = [each for each in self.objects if each.kind in kinds and path in each.path]
        assert found, f"the example fleet renders no {' or '.join(kinds)}"
        return found

    def folder(self, assignment: Assignment) -> list[Rendered]:
        """All objects of a tenant on a cell, those for Argo CD too."""
        start, argocd = folders(assignment)
        return [each for each in self.objects if each.path.startswith(start) or each.path == argocd]

    def clusters(self) -> Iterator[tuple[Cluster, list[Rendered]]]:
        for cluster in self.fleet.clusters:
            yield cluster, [each for each in self.objects if each.cluster == cluster.name]


def folders(assignment: Assignment) -> tuple[str, str]:
    """Where a tenant on a cell is rendered: its folder, and its file for Argo CD."""
    cluster, tenant = assignment.cluster.name, assignment.tenant.name
    return f"{cluster}/tenants/{tenant}/", f"{cluster}/argocd/tenants/{tenant}.yaml"


def rendered_example() -> Example:
    rendered = output.render(REPOSITORY, jobs=1)
    assert rendered.tree is not None, rendered.diagnostics
    assert rendered.fleet is not None
    texts = {path: data.decode() for path, data in rendered.tree.files.items()}
    objects = tuple(Rendered(path, body) for path, text in texts.items() for body in documents(text))
    return Example(rendered.fleet, texts, objects)
