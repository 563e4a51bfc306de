"""Aliases: when one may stand for what its anchor holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from generator.diagnostics import Code
from generator.load.positions import DEPTH

ALIAS: Final = Code("INP019", "unusable alias", "a few lines could expand into more data than any machine holds")
NODES: Final = 10_000
"""The most values of a file that uses aliases, each alias counted as all that it repeats."""


def follow(anchors: Mapping[str, Any], name: str, containers: Sequence[Any], nodes: int) -> tuple[int, str]:
    """How many values an alias adds to the `nodes` of the file so far, and why it cannot be followed ("" when it can).

    `containers` are the document and the collections that the alias stands in, outermost first.
    """
    if name not in anchors:
        return 0, f"no anchor &{name} stands above this alias"
    value = anchors[name]
    if any(container is value for container in containers):
        return 0, f"the alias *{name} stands inside what it repeats"
    size, height = _measure(value, NODES + 1 - min(nodes, NODES))
    if nodes + size > NODES:
        return size, f"aliases make the file larger than {NODES:,} values"
    if len(containers) - 1 + height > DEPTH:
        return size, f"the alias *{name} nests mappings and lists deeper than {DEPTH} levels"
    return size, ""


def _measure(value: Any, limit: int) -> tuple[int, int]:
    """How many values a value holds, itself included, and how deep its collections nest; stops counting at `limit`."""
    nodes, height = 0, 0
    pending = [(value, 1)]
    while pending and nodes < limit:
        current, depth = pending.pop()
        nodes += 1
        if isinstance(current, dict | list):
            height = max(height, depth)
            children = current.values() if isinstance(current, dict) else current
            pending.extend((child, depth + 1) for child in children)
            nodes += len(current) if isinstance(current, dict) else 0
    return nodes, height
