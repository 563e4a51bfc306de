"""Rendered files → objects, of those files only in which two trees differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import yaml

from generator.compare.changes import Key, Thing
from generator.model.tree import Tree

LARGEST: Final = 10_000_000
"""Argo CD refuses an application whose manifests are larger than 10 MB."""
_DEEPEST: Final = 100
"""No Kubernetes object needs more levels."""
_HEADER: Final = re.compile(rb"# Rendered by tenantry from (.+) by (\S+?)\.?\n")
_TENANT_PATH: Final = re.compile(r"[^/]+/(?:argocd/)?tenants/([^/.]+)[/.]")


class _Loader(yaml.CSafeLoader):
    """Plain data; a date stays the text that it is."""


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _text)


def differing(before: Tree, after: Tree) -> frozenset[str]:
    """The paths whose bytes are not the same on both sides."""
    old, new = before.files, after.files
    return frozenset(path for path in {*old, *new} if old.get(path) != new.get(path))


def count(tree: Tree) -> int:
    """How many documents there are, without reading them: `---` begins a line nowhere else in rendered output."""
    return sum(body.count(b"\n---\n") + 1 for body in tree.files.values())


def read(tree: Tree, paths: Iterable[str]) -> tuple[dict[Key, Thing], tuple[str, ...]]:
    """The objects of some files, and the paths of those that hold something else."""
    found: dict[Key, Thing] = {}
    unread: list[str] = []
    for path in sorted(paths):
        body = tree.files.get(path)
        if body is None:
            continue
        try:
            for thing in _things(path, body):
                found[thing.key] = thing
        except (yaml.YAMLError, ValueError, RecursionError):
            unread.append(path)
    return found, tuple(unread)


def _refuse_traps(body: bytes) -> None:
    """Raises ValueError for what would end or stall the process: the loader calls itself in C for every level, and a
    chain of aliases grows without bound when it is compared.

    Events are gone through only where the bytes leave it open: a block nests no deeper than its lines are long.
    """
    if len(body) > LARGEST:
        raise ValueError("the file is too large to be compared")
    brackets = body.count(b"[") + body.count(b"{")
    if brackets <= _DEEPEST and max(map(len, body.split(b"\n"))) <= 2 * _DEEPEST and b"*" not in body:
        return
    depth = 0
    for event in yaml.parse(body, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise ValueError("aliases are not compared")  # noqa: TRY004
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise ValueError("the file is nested too deep to be compared")


def _things(path: str, body: bytes) -> Iterator[Thing]:
    header = _HEADER.match(body)
    inputs = tuple(header[1].decode().split(", ")) if header else ()
    template = header[2].decode() if header else ""
    _refuse_traps(body)
    for data in yaml.load_all(body, Loader=_Loader):
        if data is None:
            continue
        _check_plain(data)
        key = _key(path, data)
        yield Thing(key, _tenant(path, data), path, inputs, template, data)


def _check_plain(data: Any) -> None:
    """Raises ValueError for what JSON does not have: keys that are no text, bytes, sets."""
    if isinstance(data, dict):
        if not all(isinstance(key, str) for key in data):
            raise ValueError("a key that is no text")
        data = [*data.values()]
    if isinstance(data, list):
        for item in data:
            _check_plain(item)
    elif not isinstance(data, str | int | float | None):
        raise ValueError("a value that JSON does not have")  # noqa: TRY004  it is not the caller's mistake


def _key(path: str, data: Any) -> Key:
    metadata = data.get("metadata") if isinstance(data, dict) else None
    if not isinstance(metadata, dict) or not all(isinstance(data.get(each), str) for each in ("apiVersion", "kind")):
        raise ValueError("no Kubernetes object")
    return Key(
        cluster=path.partition("/")[0],
        group=data["apiVersion"].rpartition("/")[0],
        kind=data["kind"],
        namespace=str(metadata.get("namespace") or ""),
        name=str(metadata.get("name") or ""),
    )


def _tenant(path: str, data: Mapping[str, Any]) -> str:
    """Whose object it is: by its label, or by the folder that it stands in."""
    labels = data["metadata"].get("labels")
    label = labels.get("tenantry.dev/tenant") if isinstance(labels, dict) else None
    if isinstance(label, str):
        return label
    folder = _TENANT_PATH.match(path)
    return folder[1] if folder else ""
