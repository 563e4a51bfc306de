"""What is left of a document's lines → its shape, by the parser."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from msgspec import Struct
from yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from generator.shapes.building import Builder
from generator.shapes.values import MARKER, Values

Parse: TypeAlias = Callable[[str, Callable[[Event], None]], Sequence[tuple[int, Any]] | None]
"""Parses a text and tells of each event: the documents, each as its first line and its data; None where the text has
any fault."""

_STYLES: Final = {"w": (None, ""), "n": (None, ""), "l": (None, ""), "q": ('"',), "e": ('"',)}
"""How the scalar of a value is written."""
_VERBATIM: Final = frozenset("wnq")
"""What stands in a `|` block as it stands in the values."""
_WORDS: Final = frozenset("wn")
"""What stands in a plain scalar of several lines as it stands in the values."""
_WRITTEN: Final = {"w": "{}", "n": "{}", "l": "[{}]", "q": '"{}"', "e": '"{}"'}


class Shape(Struct, frozen=True, eq=False):
    """What documents have in common that differ in values alone.

    `places` are the lines that have values. `line` is where the content starts, counted from 0 at the document's first
    line, -1 where there is none. `data` has a marker in place of each value (`MARKER`), numbered in their order, and
    `build` makes the data of one document from its values.
    """

    places: tuple[int, ...]
    line: int
    data: Any
    build: Callable[[Values], Any]


class Form(Struct, frozen=True):
    """How one document came about: its shape and its own values."""

    shape: Shape
    values: Values

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        """A shape is known in its own process alone: in another one the object is one that the parser read."""
        return _no_form, ()


def _no_form() -> None:
    return None


def learned(key: Sequence[str], parse: Parse, *, separated: bool = False) -> Shape | None:
    """Parses what is left of a document's lines (`Lines`), with markers for the values; None where its documents must
    be parsed one by one. `separated` is whether a `---` stands above the document."""
    lines = list(key)
    places = tuple(number for number, line in enumerate(lines) if line[-2:-1] == "\ue000")
    for number, place in enumerate(places):
        line = lines[place]
        lines[place] = line[:-2] + _WRITTEN[line[-1]].format(f"\ue000{line[-1]}{number}\ue001")
    above = ["---"] if separated else []
    written = _Styles()
    parsed = parse("\n".join([*above, *lines, ""]), written.take)
    if parsed is None or len(parsed) > 1 or not written.sound:
        return None
    if not parsed:
        return Shape((), -1, None, lambda _: None) if not places else None
    start, data = parsed[0]
    if len(set(_numbers(data))) != len(places):
        return None  # one is lost, or has become a part of a key
    return Shape(places, start - 1 - len(above), data, Builder(data))


def _numbers(data: Any) -> Iterator[str]:
    """The numbers of the markers in values and items."""
    match data:
        case str():
            yield from (number for _, number in MARKER.findall(data))
        case dict():
            yield from (number for value in data.values() for number in _numbers(value))
        case list():
            yield from (number for item in data for number in _numbers(item))


class _Styles:
    """Whether each marker came back as it was written: alone in a scalar of its own style and in no brackets but its
    own, among the words of a plain scalar, or inside a `|` block: `sound` is whether none came back otherwise."""

    __slots__ = ("_brackets", "sound")

    def __init__(self) -> None:
        self._brackets = 0
        self.sound = True

    def take(self, event: Event) -> None:
        """The next event of the text."""
        match event:
            case ScalarEvent():
                if "\ue000" in event.value:
                    self._scalar(event)
            case MappingStartEvent() | SequenceStartEvent():
                self._brackets += bool(event.flow_style) or self._brackets > 0
            case MappingEndEvent() | SequenceEndEvent():
                self._brackets -= self._brackets > 0

    def _scalar(self, event: ScalarEvent) -> None:
        markers = MARKER.findall(event.value)
        whole = MARKER.fullmatch(event.value)
        if event.style == "|":
            fits = all(style in _VERBATIM for style, _ in markers)
        elif whole is not None:
            fits = event.style in _STYLES[whole[1]] and self._brackets == (whole[1] == "l")
        else:
            plain = event.style in (None, "") and not self._brackets
            fits = plain and all(style in _WORDS for style, _ in markers)
        self.sound = self.sound and fits
