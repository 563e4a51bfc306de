"""The way back from data to the line that says it, worked out only when somebody asks."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct, field
from yaml import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    YAMLError,
)

from generator.load.events import events, is_absent, marks
from generator.load.lines import Source
from generator.source import Location, Pointer

DEPTH: Final = 64
"""How deep mappings and lists may nest. libyaml takes time with the square of the depth, so nothing reads further."""

_PROPERTIES: Final = re.compile(r"(?:[&!]\S*\s+)+")
"""An anchor or a tag before a value: within the parser's marks, and not what a person means by the value."""


class Positions:
    """Where each value of one file stands: a `Document.locator`. Parses the file at the first question."""

    __slots__ = ("_index", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self._index: _Index | None = None

    def __call__(self, pointer: Pointer, key: bool = False) -> Location:
        """The place of the value at a pointer, or of its key; where there is none, the key of its nearest parent."""
        if self._index is None:
            self._index = _index(self.source)
        index = self._index
        resolved = index.resolve(pointer)
        exact = len(resolved)
        while resolved and resolved not in index.values:
            resolved = resolved[:-1]
        wanted = index.keys if key or len(resolved) < exact else index.values
        return wanted.get(resolved) or index.values.get(resolved) or self.source.whole()


class _Index(Struct):
    """Places by pointer. `aliases` leads from where an alias stands to what it repeats."""

    values: dict[Pointer, Location] = field(default_factory=dict)
    keys: dict[Pointer, Location] = field(default_factory=dict)
    aliases: dict[Pointer, Pointer] = field(default_factory=dict)

    def resolve(self, pointer: Pointer) -> Pointer:
        """The pointer to the text itself: what goes through an alias leads into its anchor."""
        for _ in range(DEPTH):
            cut = next((end for end in range(1, len(pointer)) if pointer[:end] in self.aliases), 0)
            if not cut:
                break
            pointer = self.aliases[pointer[:cut]] + pointer[cut:]
        return pointer


class _Frame(Struct):
    """An open mapping or list: its pointer, the pending key of a mapping, and how many items a list has so far.

    `awaits_key` is whether the next node is a key; `is_key` whether all of this is the key of the mapping around it.
    A key that is no string gives its value no pointer.
    """

    pointer: Pointer | None
    mapping: bool
    is_key: bool = False
    awaits_key: bool = True
    key: str | None = None
    items: int = 0

    def child(self) -> Pointer | None:
        """The pointer of the value that comes next."""
        if self.pointer is None or (self.mapping and self.key is None):
            return None
        return (*self.pointer, self.key if self.mapping and self.key is not None else self.items)

    def took_value(self) -> None:
        """Moves on behind a value."""
        self.items += 1
        self.awaits_key = True


def _index(source: Source) -> _Index:
    """Walks the events of the first document as far as they go: up to a syntax error or beyond the permitted depth."""
    index = _Index()
    walk = _Walk(source, index)
    next_event = events(source.text)
    try:
        while len(walk.frames) <= DEPTH and not walk.done and (event := next_event()) is not None:
            walk.take(event)
    except YAMLError:
        pass  # The reader has reported it; what stands before it still has its places.
    return index


class _Walk:
    """The state of one walk over a file's events."""

    __slots__ = ("anchors", "done", "frames", "index", "source")

    def __init__(self, source: Source, index: _Index) -> None:
        self.source = source
        self.index = index
        self.frames: list[_Frame] = []
        self.anchors: dict[str, Pointer] = {}
        self.done = False

    def take(self, event: Event) -> None:
        """Moves on by one event."""
        if isinstance(event, CollectionEndEvent):
            if not self.frames.pop().is_key:
                self.finish()
        elif isinstance(event, NodeEvent):
            self.node(event)

    def node(self, event: NodeEvent) -> None:
        """A key or a value begins."""
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.mapping and frame.awaits_key:
            self.key(frame, event)
            return
        pointer = () if frame is None else frame.child()
        if pointer is not None and pointer not in self.index.values:
            self.record(pointer, event)
        if isinstance(event, CollectionStartEvent):
            self.frames.append(_Frame(pointer, isinstance(event, MappingStartEvent)))
        else:
            self.finish()

    def key(self, frame: _Frame, event: NodeEvent) -> None:
        """A key: remembered with its place, the first of several equal ones."""
        frame.awaits_key = False
        frame.key = event.value if isinstance(event, ScalarEvent) else None
        pointer = frame.child()
        if pointer is not None:
            self.index.keys.setdefault(pointer, self.place(event))
        if isinstance(event, CollectionStartEvent):
            self.frames.append(_Frame(None, isinstance(event, MappingStartEvent), is_key=True))

    def record(self, pointer: Pointer, event: NodeEvent) -> None:
        """The place of a value, and what its anchor or alias says."""
        place = self.place(event)
        self.index.values[pointer] = self.index.keys.get(pointer, place) if is_absent(event) else place
        if event.anchor is None:
            return
        if not isinstance(event, AliasEvent):
            self.anchors[event.anchor] = pointer
        elif event.anchor in self.anchors:
            self.index.aliases[pointer] = self.anchors[event.anchor]

    def finish(self) -> None:
        """A value has ended; the root's end is the end of the walk."""
        if not self.frames:
            self.done = True
            return
        self.frames[-1].took_value()

    def place(self, event: NodeEvent) -> Location:
        """Where a node stands: a scalar from its first to its last character, a collection at its first."""
        start, _ = marks(event)
        place = self.source.of(event)
        properties = _PROPERTIES.match(place.text, place.column - 1)
        if properties is None or isinstance(event, AliasEvent):
            return place
        skipped = properties.end() - start.column
        return self.source.at(start.line, properties.end(), place.width - skipped)
