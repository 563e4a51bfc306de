"""What a mutation is: one cell of the rendered example, one thing broken in it, and all that is then to be found."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from generator.check.index import Index, index_cluster
from generator.check.objects import Reading, Rendered, read

RENDERED = Path(__file__).parents[3] / "rendered"
# Written in C where there is that: what a test changes are whole files, and to write them took a third of its time.
DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
CLUSTERS = tuple(sorted(folder.name for folder in RENDERED.iterdir() if folder.is_dir()))


@cache
def readings(cluster: str) -> dict[str, Reading]:
    """The files of one cell, by path below rendered/."""
    paths = sorted((RENDERED / cluster).rglob("*.yaml"))
    return {
        path.relative_to(RENDERED).as_posix(): read(path.relative_to(RENDERED).as_posix(), path.read_bytes())
        for path in paths
    }


class Cell:
    """A copy of one cell that may be changed: objects are taken with `get`, added with `add`, removed with `drop`."""

    def __init__(self, cluster: str) -> None:
        self.cluster = cluster
        self._documents: dict[str, list[dict[str, Any]]] = {}

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any]:
        """The data of one object; what is changed in it is changed in the cell."""
        path, position = self._find(kind, namespace, name)
        return self._opened(path)[position]

    def spec(self, kind: str, namespace: str, name: str) -> Any:
        return self.get(kind, namespace, name)["spec"]

    def drop(self, kind: str, namespace: str, name: str) -> None:
        path, position = self._find(kind, namespace, name)
        del self._opened(path)[position]

    def add(self, path: str, text: str) -> None:
        """Adds the documents of a YAML text to a file of the cell (a path below its folder), which need not exist."""
        self._opened(f"{self.cluster}/{path}").extend(yaml.safe_load_all(text))

    def twin(self, tenant: str, name: str) -> None:
        """A second tenant of the same kind: all objects of the first, with its name in the place of the other's."""
        for path, reading in readings(self.cluster).items():
            folder = f"/{tenant}/" in path or path.endswith(f"/{tenant}.yaml")
            for each in reading.objects:
                label = each.data["metadata"].get("labels", {}).get("tenantry.dev/tenant")
                if folder or label == tenant:
                    copied = json.loads(json.dumps(each.data).replace(tenant, name))
                    self._opened(path.replace(tenant, name)).append(copied)

    def index(self) -> Index:
        """The cell as the checks see it."""
        files = dict(readings(self.cluster))
        for path, documents in self._documents.items():
            template = path.removeprefix(f"{self.cluster}/")
            header = f"# Rendered by tenantry from fleet.yaml by {template}.\n# Do not edit.\n"
            files[path] = read(path, (header + yaml.dump_all(documents, Dumper=DUMPER, sort_keys=False)).encode())
        return index_cluster(self.cluster, "1.35", (files[path] for path in sorted(files)))

    def _opened(self, path: str) -> list[dict[str, Any]]:
        if path not in self._documents:
            reading = readings(self.cluster).get(path)
            self._documents[path] = [copy.deepcopy(each.data) for each in reading.objects] if reading else []
        return self._documents[path]

    def _find(self, kind: str, namespace: str, name: str) -> tuple[str, int]:
        files = {path: [each.data for each in reading.objects] for path, reading in readings(self.cluster).items()}
        for path, documents in {**files, **self._documents}.items():
            for position, data in enumerate(documents):
                metadata = data["metadata"]
                if (data["kind"], metadata.get("namespace", ""), metadata["name"]) == (kind, namespace, name):
                    return path, position
        raise LookupError(f"{kind} {namespace}/{name} is not in {self.cluster}")


@dataclass(frozen=True)
class Mutation:
    """`name` is a sentence. `found` are the code and the object of each finding, as `ISO010 NetworkPolicy a/b`; `says`
    is a part of the message of the first one. Nothing is found where the change opens nothing: `found` is empty."""

    name: str
    cluster: str
    change: Callable[[Cell], None]
    found: tuple[str, ...]
    says: str = ""


def objects_at(index: Index) -> Iterator[tuple[str, int, Rendered]]:
    """Every object with its file and the line where it starts."""
    for rendered in index.objects:
        yield rendered.file.shown, rendered.line, rendered


def object_at(index: Index, path: str, line: int) -> str:
    """The label of the object in whose text a line stands."""
    starts = sorted((start, each.label) for file, start, each in objects_at(index) if file == path)
    return [label for start, label in starts if start <= line][-1]
