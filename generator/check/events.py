"""YAML text to plain data, by the events of PyYAML's C parser and without recursion.

`yaml.load` and `yaml.compose` call themselves for every level of nesting, in C, and a file of 100,000 times `- ` ends
the process. The parser below them keeps its own stack and hands out one event at a time; so does this module. What
Kubernetes reads but nobody should render (aliases, tags, keys that are no strings) is a fault, not a feature: an alias
makes one line speak for two places, and a chain of them grows without bound.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from enum import Enum, auto
from typing import Any, Final

import yaml
from msgspec import Struct
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from generator.check.scalars import Scalar, plain, spelled
from generator.source import Pointer

DEPTH_LIMIT: Final = 100
"""The deepest OpenAPI schema inside a CustomResourceDefinition stays well below this."""
_DEEPER: Final = f"nested deeper than {DEPTH_LIMIT} levels"
_TOO_DEEP: Final = "exceeded maximum nesting depth"
_PLAIN_TAGS: Final = frozenset({"!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
_BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class Kind(Enum):
    """What may be wrong with the text itself."""

    SYNTAX = auto()
    DEPTH = auto()
    DUPLICATE = auto()
    NOT_PLAIN = auto()
    NULL = auto()


class Fault(Struct, frozen=True):
    """Something wrong with the text, at a line and a column that count from 1; `document` and `pointer` say where."""

    kind: Kind
    message: str
    line: int
    column: int
    document: int = 0
    pointer: Pointer = ()
    width: int = 1


class Parsed(Struct, frozen=True):
    """One document of a file: its place in the order, the line its content starts on, and its data.

    Empty documents keep their place in the count and are not handed out.
    """

    index: int
    line: int
    data: Any


class Place(Struct, frozen=True):
    """Where a key and its value start: lines and columns from 1, and how many characters the value takes on its line.

    The item of a list is its own key. A value that goes on over more lines has the width 0.
    """

    key: tuple[int, int]
    value: tuple[int, int]
    width: int


def lines(text: str) -> list[str]:
    """The lines as the parser counts them: it breaks at NEL, LS and PS too."""
    return _BREAK.split(text)


def parse(text: str, watch: Callable[[Event], None] | None = None) -> tuple[list[Parsed], list[Fault]]:
    """All documents that could be read whole, and everything that is wrong with the text. Never raises for any text.

    `watch` is shown every event, for those who want to know how the text is written.
    """
    reader = _Reader(None)
    _feed(text, reader, watch)
    return reader.parsed, reader.faults


def places(text: str) -> dict[Pointer, Place]:
    """Where every value of a text's only document stands, by its pointer. Call it only to make a message.

    Of two equal keys the first one is told, so that a duplicate can point to it.
    """
    reader = _Reader(0)
    _feed(text, reader)
    return reader.places


def starts(text: str) -> list[int]:
    """How many lines stand above each document, as far as the text can be read."""
    found: list[int] = []
    parser = yaml.CSafeLoader(text)
    try:
        while (event := parser.get_event()) is not None:
            if type(event) is DocumentStartEvent:
                found.append(_start(event)[0] - 1)
    except (yaml.YAMLError, ValueError):
        pass
    finally:
        parser.dispose()
    return found


class _Stop(Exception):  # noqa: N818 - not an error: what follows in the file cannot be made sense of
    pass


def _feed(text: str, reader: _Reader, watch: Callable[[Event], None] | None = None) -> None:
    parser = yaml.CSafeLoader(text)
    try:
        event = parser.get_event()
        while event is not None:
            if watch is not None:
                watch(event)
            if (take := reader.takes.get(type(event))) is not None:
                take(event)
            event = parser.get_event()
    except _Stop:
        pass
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        # libyaml since 0.2.6 stops at 1,000 levels by itself, before it has told of the first.
        deep = getattr(error, "problem", "") == _TOO_DEEP
        fault = (Kind.DEPTH, _DEEPER) if deep else (Kind.SYNTAX, _problem(error))
        reader.faults.append(Fault(*fault, line, column))
    finally:
        parser.dispose()


def _problem(error: Exception) -> str:
    """The parser's complaint on one line; its context says what it was reading."""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    context = getattr(error, "context", None)
    return " ".join(f"{problem} {context or ''}".split())


class _Reader:
    """Takes events and builds data. `_container` is the collection being filled, `_outer` those around it."""

    __slots__ = ("_container", "_index", "_key", "_key_start", "_line", "_outer", "_wanted", "faults", "parsed",
                 "places", "takes")  # fmt: skip

    def __init__(self, wanted: int | None) -> None:
        self._wanted = wanted
        self._index = -1
        self._line = 1
        self._container: dict[str, Any] | list[Any] | None = None
        self._key: str | None = None
        self._key_start = (1, 1)
        self._outer: list[tuple[dict[str, Any] | list[Any] | None, str | None]] = []
        self.parsed: list[Parsed] = []
        self.faults: list[Fault] = []
        self.places: dict[Pointer, Place] = {}
        self.takes: dict[type[Event], Callable[[Any], None]] = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._open_mapping,
            SequenceStartEvent: self._open_sequence,
            MappingEndEvent: self._close,
            SequenceEndEvent: self._close,
            AliasEvent: self._alias,
            DocumentStartEvent: self._document,
        }

    def _document(self, _event: Event) -> None:
        self._index += 1
        if self._wanted is not None and self._index > self._wanted:
            raise _Stop

    def _scalar(self, event: ScalarEvent) -> None:
        value: Scalar = event.value
        if event.implicit[0] and event.tag is None:
            value = plain(event.value)
            if type(value) is float and not math.isfinite(value):
                self._fault(Kind.NOT_PLAIN, f"{event.value} is a number that JSON cannot say", event)
                value = str(event.value)
        elif event.tag is not None and event.tag not in _PLAIN_TAGS:
            self._fault(Kind.NOT_PLAIN, f"the tag {_short(event.tag)} is more than plain data", event)
        if type(self._container) is dict and self._key is None:
            self._take_key(value, event)
            return
        if value is None and self._container is not None:
            self._fault(Kind.NULL, "the field has no value", event)
        self._put(value, event)

    def _take_key(self, value: Scalar, event: ScalarEvent) -> None:
        key = spelled(value)
        self._key = key
        self._key_start = _start(event)
        if key == "<<" or not isinstance(value, str):
            read = f"the key {_short(event.value)!r} is read as {key}, not as a string"
            self._fault(Kind.NOT_PLAIN, "a merge key is more than plain data" if key == "<<" else read, event)
        if self._container is not None and key in self._container:
            self._fault(Kind.DUPLICATE, f"the key '{_short(key)}' is given twice", event)

    def _put(self, value: Any, event: Event) -> None:
        if self._index == self._wanted:
            start = _start(event)
            key = self._key_start if type(self._container) is dict else start
            self.places.setdefault(self._pointer(), Place(key, start, _width(event)))
        container = self._container
        if type(container) is dict:
            container[self._key or ""] = value
            self._key = None
        elif type(container) is list:
            container.append(value)
        elif value is not None:
            self.parsed.append(Parsed(self._index, _start(event)[0], value))

    def _open_mapping(self, event: MappingStartEvent) -> None:
        self._open({}, event)

    def _open_sequence(self, event: SequenceStartEvent) -> None:
        self._open([], event)

    def _open(self, collection: dict[str, Any] | list[Any], event: MappingStartEvent | SequenceStartEvent) -> None:
        if type(self._container) is dict and self._key is None:
            self._fault(Kind.NOT_PLAIN, "a key that is a list or a mapping", event)
            raise _Stop
        if len(self._outer) >= DEPTH_LIMIT:
            self._fault(Kind.DEPTH, _DEEPER, event)
            raise _Stop
        if event.tag is not None and event.tag not in _PLAIN_TAGS:
            self._fault(Kind.NOT_PLAIN, f"the tag {_short(event.tag)} is more than plain data", event)
        key = self._key
        if self._container is not None:
            self._put(collection, event)
        else:
            self._line = _start(event)[0]
            if self._index == self._wanted:
                self.places.setdefault((), Place(_start(event), _start(event), _width(event)))
        self._outer.append((self._container, key))
        self._container = collection
        self._key = None

    def _close(self, _event: Event) -> None:
        finished = self._container
        self._container, _ = self._outer.pop()
        if self._container is None:
            self.parsed.append(Parsed(self._index, self._line, finished))

    def _alias(self, event: AliasEvent) -> None:
        self._fault(Kind.NOT_PLAIN, f"the alias *{_short(event.anchor or '')} is more than plain data", event)
        if type(self._container) is dict and self._key is None:
            raise _Stop
        self._put(None, event)

    def _pointer(self) -> Pointer:
        """The way to the value that comes next (or, while a key is being read, to that key's value)."""
        steps: list[str | int] = []
        for container, key in self._outer[1:]:
            steps.append(len(container) - 1 if type(container) is list else key or "")
        if type(self._container) is dict:
            steps.append(self._key or "")
        elif type(self._container) is list:
            steps.append(len(self._container))
        return tuple(steps)

    def _fault(self, kind: Kind, message: str, event: Event) -> None:
        line, column = _start(event)
        self.faults.append(Fault(kind, message, line, column, max(self._index, 0), self._pointer(), _width(event)))


def _start(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _width(event: Event) -> int:
    start, end = event.start_mark, event.end_mark
    return end.column - start.column if start is not None and end is not None and end.line == start.line else 0


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
