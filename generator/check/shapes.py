"""Documents that differ only in values are parsed once.

Rendered files come from templates: 1 million documents have some thousand shapes, and parsing is most of the work of a
check. Here a document's text is cut into its lines, and what is certain to be a value of its own (a plain word, a
quoted text without escapes, a whole number at the end of `key: ` or `- `) is taken out of them. What is left is the
shape: it is parsed once, with a marker in place of each value, and every further document of that shape gets the same
data with its own values put in.

That the result is what the parser would have given rests on four things. A value is taken only where its characters
mean nothing to YAML and cannot be read as a boolean, null or another number. A shape counts only if every marker came
back from the parser as a whole scalar of the style it was written in, or inside a `|` block, which is verbatim.
Whatever is odd (a character beyond the printable ones, a document marker that is not alone on its line, directives,
any fault at all) leaves the whole file to the parser. And tests/check/test_shapes.py holds both ways against each
other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, TypeAlias

from yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from generator.check.events import Parsed, parse
from generator.check.scalars import plain

Value: TypeAlias = str | tuple[str, ...]
Values: TypeAlias = Sequence[Value]
"""The values taken from the lines of a document, in order."""

_SEPARATOR: Final = "\n---\n"
_PRINTABLE: Final = re.compile("[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue002-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")
"""Without the characters that break lines for the parser alone, the byte order mark, and the two of the markers."""
_LINE: Final = re.compile(
    r"(?P<before> *(?:- )*(?:\"?[A-Za-z][-A-Za-z0-9_./]*\"?: |(?<=- )))"
    r"(?:(?P<word>[A-Za-z0-9/][-A-Za-z0-9_./@=+*%()~]*(?:(?::(?=[^ ])| (?=[A-Za-z0-9(]))[-A-Za-z0-9_./@=+*%()~]*)*)"
    r"|\"(?P<quoted>(?:[^\"\\]|\\\")*)\""
    r"|\[(?P<listed>(?:(?:[A-Za-z][-A-Za-z0-9_./@]*|\"[^\"\\]*\")(?:, (?=[A-Za-z\"])|(?=\])))+)\])"
)
"""A value that ends its line. In a word, ':' and '#' stand where they can start neither a value nor a comment."""
_ITEM: Final = re.compile(r"([A-Za-z][-A-Za-z0-9_./@]*)|\"([^\"\\]*)\"")
_WHOLE: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_IDENTITY: Final = ("apiVersion: ", "kind: ")
"""Lines that stay in the shape, so that documents of one shape are of one kind."""
MARKER: Final = re.compile("\ue000([wnqel])([0-9]+)\ue001")
_STYLES: Final = {"w": (None, ""), "n": (None, ""), "l": (None, ""), "q": ('"',), "e": ('"',)}
"""How the scalar of a value is written: a word, a number, an item of a list in brackets, a text in quotes, one with
quotes escaped in it."""
_VERBATIM: Final = frozenset("wnq")
"""What stands in a `|` block as it stands in the values."""
_WRITTEN: Final = {"w": "{}", "n": "{}", "l": "[{}]", "q": '"{}"', "e": '"{}"'}


def stands_for_items(data: Any) -> bool:
    """Whether an item of a shape's data stands for any number of items: those of a list in brackets."""
    return isinstance(data, str) and data.startswith("\ue000l")


class _Odd(Exception):  # noqa: N818 - not an error: the parser itself shall read the file
    pass


class _Lines(dict[str, str]):
    """Line → what of it belongs to the shape, with a mark of the value's style; `values_of` is line → the value, for
    the lines that have one."""

    __slots__ = ("values_of",)

    def __init__(self) -> None:
        super().__init__()
        self.values_of: dict[str, Value] = {}

    def forget(self) -> None:
        """Lets go of all lines."""
        self.clear()
        self.values_of.clear()

    def __missing__(self, line: str) -> str:
        plain_text = line.isascii() and line.isprintable()
        if line.startswith(("---", "...", "%")) or not (plain_text or _PRINTABLE.fullmatch(line)):
            raise _Odd
        part, value = _cut(line)
        if value is not None:
            self.values_of[line] = value
        self[line] = part
        return part


def _cut(line: str) -> tuple[str, Value | None]:
    found = None if line.startswith(_IDENTITY) else _LINE.fullmatch(line)
    if found is None:
        return line, None
    before, word, quoted, listed = found.groups()
    if quoted is not None:
        escaped = "\\" in quoted
        return f"{before}\ue000{'e' if escaped else 'q'}", quoted.replace('\\"', '"') if escaped else quoted
    if listed is not None:
        items = [(bare, text) for bare, text in _ITEM.findall(listed)]
        if not all(isinstance(plain(bare), str) for bare, _ in items if bare):
            return line, None
        return f"{before}\ue000l", tuple(bare or text for bare, text in items)
    means = plain(word)
    if isinstance(means, str):
        return f"{before}\ue000w", word
    return (f"{before}\ue000n", word) if _WHOLE.fullmatch(word) else (line, None)


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What documents have in common that differ in values alone.

    `places` are the lines that have values. `line` is where the content starts, counted from 0 at the document's first
    line, -1 where there is none. `data` has a marker in place of each value (`MARKER`), numbered in their order, and
    `build` makes the data of one document from its values.
    """

    places: tuple[int, ...]
    line: int
    data: Any
    build: Callable[[Values], Any]


@dataclass(frozen=True, slots=True)
class Form:
    """How one document came about: its shape and its own values."""

    shape: Shape
    values: Values

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        """A shape is known in its own process alone: in another one the object is one that the parser read."""
        return _no_form, ()


def _no_form() -> None:
    return None


_Key: TypeAlias = tuple[str, ...]
_Known: TypeAlias = dict[_Key, Shape | None]
"""What is left of a document's lines → its shape; None where there is none."""


class Shapes:
    """The shapes seen so far, those of the first documents of files by themselves. `forget` lets go of the lines of one
    cluster before the next; shapes stay."""

    __slots__ = ("_known", "_lines")

    def __init__(self) -> None:
        self._lines = _Lines()
        self._known: tuple[_Known, _Known] = ({}, {})

    @property
    def count(self) -> int:
        """How many shapes there are."""
        return sum(map(len, self._known))

    def forget(self) -> None:
        """Lets go of the lines, most of which belong to one tenant of one cluster."""
        self._lines.forget()

    def documents(self, text: str) -> list[tuple[Parsed, Form]] | None:
        """The documents of a file; None where the parser itself must read it."""
        if not text.endswith("\n"):
            return None
        found: list[tuple[Parsed, Form]] = []
        start = 1
        cut, value_of = self._lines.__getitem__, self._lines.values_of
        index = -1
        try:
            for piece in text[:-1].split(_SEPARATOR):
                lines = piece.split("\n")
                if start == 1:
                    lines = _without_header(lines)
                key = tuple(map(cut, lines))
                first = start == 1
                known = self._known[first]
                shape = known[key] if key in known else self._learn(key, first=first)
                if shape is None:
                    return None
                index += 1
                if shape.line >= 0:
                    values = tuple([value_of[lines[place]] for place in shape.places])
                    data = shape.build(values)
                    found.append((Parsed(index, start + shape.line, data), Form(shape, values)))
                elif first:
                    index -= 1
                start += len(lines) + 1
        except _Odd:
            return None
        return found

    def _learn(self, key: _Key, *, first: bool) -> Shape | None:
        shape = self._known[first][key] = _learned(("" if first else "---", *key))
        return shape


def _without_header(lines: list[str]) -> list[str]:
    """The lines of a file's first document with its first comment lines emptied, which name inputs and template.

    They are comments for certain: nothing stands before them. What is odd in them is odd all the same.
    """
    count = 0
    while count < len(lines) and lines[count].startswith("#"):
        if _PRINTABLE.fullmatch(lines[count]) is None:
            raise _Odd
        count += 1
    return ["#"] * count + lines[count:]


def _learned(key: tuple[str, ...]) -> Shape | None:
    """Parses a shape, with markers for the values; None where its documents must be parsed one by one."""
    lines = list(key[1:])
    places = tuple(number for number, line in enumerate(lines) if line[-2:-1] == "\ue000")
    for number, place in enumerate(places):
        line = lines[place]
        lines[place] = line[:-2] + _WRITTEN[line[-1]].format(f"\ue000{line[-1]}{number}\ue001")
    text = "\n".join([*key[:1], *lines, ""] if key[0] else [*lines, ""])
    written = _Styles()
    parsed, faults = parse(text, written.take)
    if faults or len(parsed) > 1 or not written.sound or written.found != len(places):
        return None
    if not parsed:
        return Shape((), -1, None, lambda _: None) if not places else None
    data = parsed[0].data
    return Shape(places, parsed[0].line - 1 - bool(key[0]), data, _built(data))


class _Styles:
    """Whether each marker came back as it was written: alone in a scalar of its own style and in no brackets but its
    own, or inside a `|` block. `found` is how many did, and `sound` whether none came back otherwise."""

    __slots__ = ("_brackets", "found", "sound")

    def __init__(self) -> None:
        self._brackets = self.found = 0
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
        self.found += len(markers)
        if event.style == "|":
            fits = all(style in _VERBATIM for style, _ in markers)
        else:
            whole = MARKER.fullmatch(event.value)
            fits = whole is not None and event.style in _STYLES[whole[1]] and self._brackets == (whole[1] == "l")
        self.sound = self.sound and fits


_Part: TypeAlias = int | Callable[[Values], Any]
"""The value of this number as it stands, or what makes a part of the data from the values."""


def _built(data: Any) -> Callable[[Values], Any]:
    """What makes a shape's data from the values."""
    part = _part(data)
    if part is None:
        return lambda _: data
    return itemgetter(part) if isinstance(part, int) else part


def _part(data: Any) -> _Part | None:
    """What a part of the data comes from; None where nothing in it depends on the values."""
    match data:
        case str():
            return _text(data)
        case dict():
            return _mapping(data, {key: part for key, value in data.items() if (part := _part(value)) is not None})
        case [str(text)] if (alone := MARKER.fullmatch(text)) is not None and alone[1] == "l":
            number = int(alone[2])
            return lambda values: list(values[number])
        case list():
            each = enumerate(map(_part, data))
            return _sequence(data, {position: part for position, part in each if part is not None})
        case _:
            return None


def _text(text: str) -> _Part | None:
    whole = MARKER.fullmatch(text)
    if whole is not None:
        number = int(whole[2])
        return (lambda values: int(str(values[number]))) if whole[1] == "n" else number
    constant = MARKER.split(text)
    numbers = [int(piece) for piece in constant[2::3]]
    if not numbers:
        return None

    def written(values: Values) -> str:
        inner = (f"{values[number]}{after}" for number, after in zip(numbers, constant[3::3], strict=True))
        return constant[0] + "".join(inner)

    return written


def _mapping(data: dict[str, Any], parts: dict[str, _Part]) -> Callable[[Values], Any] | None:
    if not parts:
        return None
    plain_values = [(key, part) for key, part in parts.items() if isinstance(part, int)]
    changing = [(key, part) for key, part in parts.items() if not isinstance(part, int)]

    def made(values: Values) -> dict[str, Any]:
        copy = data.copy()
        for key, number in plain_values:
            copy[key] = values[number]
        for key, part in changing:
            copy[key] = part(values)
        return copy

    return made


def _sequence(data: list[Any], parts: dict[int, _Part]) -> Callable[[Values], Any] | None:
    if not parts:
        return None
    plain_values = [(position, part) for position, part in parts.items() if isinstance(part, int)]
    changing = [(position, part) for position, part in parts.items() if not isinstance(part, int)]

    def made(values: Values) -> list[Any]:
        copy = data.copy()
        for position, number in plain_values:
            copy[position] = values[number]
        for position, part in changing:
            copy[position] = part(values)
        return copy

    return made
