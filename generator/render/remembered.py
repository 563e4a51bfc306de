"""Checked templates as plain data, so that a run need not prove again what an earlier one has proven of the same texts.

Only templates without any fault are kept: what is to be said of one is always found by reading it. No code is kept,
only where interpolations and statements stand and what they are; the texts themselves are read each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any, Final, Protocol

from generator.render.kept import Kept, key_of, reader
from generator.render.source import Hole, Source, Statement
from generator.render.structure import Manner, Slot

_KIND: Final = "templates"


class Memory(Protocol):
    """Where data is kept from run to run, by keys made of all that it was made from."""

    def key(self, kind: str, name: str, raw: bytes) -> bytes:
        """A key for what was made of some bytes."""

    def get(self, key: bytes) -> dict[str, Any] | None:
        """What is kept; None where nothing is, or nothing that can be trusted."""

    def keep(self, key: bytes, data: dict[str, Any]) -> None:
        """Keeps data that JSON can hold."""


class Proofs:
    """What was proven of a set of templates, given with the path and text of each by its name. What is known of the
    program's own (`shipped`) is kept beside it, where that can be written; all else in `memory`."""

    def __init__(self, texts: Mapping[str, tuple[str, str]], memory: Memory | None, *, shipped: bool) -> None:
        # The memory does not know of `reader`.
        pieces = ((name, path, text) for name, (path, text) in sorted(texts.items()))
        self._key = key_of(reader().hex(), *chain.from_iterable(pieces))
        self._kept = Kept(_KIND) if shipped else None
        self._memory = memory

    def get(self) -> dict[str, Any] | None:
        """What is known; None where nothing is."""
        found: dict[str, Any] | None = self._kept.get(self._key) if self._kept is not None else None
        if found is None and self._memory is not None:
            found = self._memory.get(self._memory.key(_KIND, "", self._key))
        return found

    def keep(self, data: dict[str, Any]) -> None:
        """Keeps what was found to be without any fault."""
        if self._kept is not None:
            self._kept.add(self._key, data)
            if self._kept.write():
                return
        if self._memory is not None:
            self._memory.keep(self._memory.key(_KIND, "", self._key), data)


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
