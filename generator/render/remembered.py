"""Checked templates as plain data, so that a run need not prove again what an earlier one has proven of the same texts.

Only templates without any fault are kept: what is to be said of one is always found by reading it. No code is kept,
only where interpolations and statements stand and what they are; the texts themselves are read each time.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from generator.installed import version_of
from generator.render.source import Hole, Source, Statement
from generator.render.structure import Manner, Slot

_PACKAGES: Final = ("Jinja2", "PyYAML")
"""What reads templates, besides this package."""
_KIND: Final = "templates"


class Memory(Protocol):
    """Where data is kept from run to run, by keys made of all that it was made from."""

    def key(self, kind: str, name: str, raw: bytes) -> bytes:
        """A key for what was made of some bytes."""

    def get(self, key: bytes) -> dict[str, Any] | None:
        """What is kept; None where nothing is, or nothing that can be trusted."""

    def keep(self, key: bytes, data: dict[str, Any]) -> None:
        """Keeps data that JSON can hold."""


def key_of(memory: Memory, texts: Mapping[str, tuple[str, str]]) -> bytes:
    """The key of a set of templates: the path and text of each by its name, and all that decides what is read in it."""
    digest = hashlib.blake2b(digest_size=32)
    for source in (*sorted(Path(__file__).parent.glob("*.py")), *sorted(Path(__file__).parents[1].glob("*.py"))):
        digest.update(f"{source.name}\0".encode() + source.read_bytes() + b"\0")
    for package in _PACKAGES:
        digest.update(f"{package} {version_of(package)}\0".encode())
    digest.update(sys.version.encode())
    for name, (path, text) in sorted(texts.items()):
        raw = text.encode()
        digest.update(f"{len(name)}:{name}{len(path)}:{path}{len(raw)}:".encode() + raw)
    return memory.key(_KIND, "", digest.digest())


def packed(sources: Mapping[str, Source], slots: Mapping[tuple[str, int], Slot]) -> dict[str, Any]:
    """Templates as JSON holds them, without their texts."""
    return {
        "sources": {name: _packed(source) for name, source in sources.items()},
        "slots": [[name, start, slot.manner.value, slot.indent] for (name, start), slot in slots.items()],
    }


def unpacked(
    data: dict[str, Any], texts: Mapping[str, tuple[str, str]]
) -> tuple[dict[str, Source], dict[tuple[str, int], Slot]]:
    """The templates again."""
    sources = {name: _unpacked(name, *texts[name], data["sources"][name]) for name in sorted(texts)}
    slots = {(name, start): Slot(Manner(manner), indent) for name, start, manner, indent in data["slots"]}
    return sources, slots


def _packed(source: Source) -> list[Any]:
    return [
        [[hole.start, hole.end, hole.line, hole.column, hole.last, hole.last_column] for hole in source.holes],
        [[each.first, each.last, each.word, each.target] for each in source.statements],
        dict(source.needed),
        sorted(source.assigned),
        sorted(source.read),
        sorted(source.fleet),
    ]


def _unpacked(name: str, path: str, text: str, data: list[Any]) -> Source:
    places, statements, needed, assigned, read, fleet = data
    return Source(
        name,
        path,
        text,
        tuple(text.split("\n")),
        tuple(
            Hole(start, end, line, column, last, last_column, text[start + 2 : end - 2])
            for start, end, line, column, last, last_column in places
        ),
        tuple(Statement(*each) for each in statements),
        needed,
        frozenset(assigned),
        frozenset(read),
        frozenset(fleet),
    )
