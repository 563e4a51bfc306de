"""Rendered files by the shapes of their documents (`generator.shapes`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from yaml.events import Event

from generator.check.events import Parsed, parse
from generator.check.scalars import plain
from generator.shapes import Form, Lines, Odd, Shape, is_printable, learned

_SEPARATOR: Final = "\n---\n"
_Key: TypeAlias = tuple[str, ...]
_Known: TypeAlias = dict[_Key, Shape | None]
"""What is left of a document's lines → its shape; None where there is none."""


class Shapes:
    """The shapes seen so far, those of the first documents of files by themselves. `forget` lets go of the lines of one
    cluster before the next; shapes stay."""

    __slots__ = ("_known", "_lines")

    def __init__(self) -> None:
        self._lines = Lines(plain)
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
        except Odd:
            return None
        return found

    def _learn(self, key: _Key, *, first: bool) -> Shape | None:
        shape = self._known[first][key] = learned(key, _documents, separated=not first)
        return shape


def _documents(text: str, watch: Callable[[Event], None]) -> list[tuple[int, Any]] | None:
    parsed, faults = parse(text, watch)
    return None if faults else [(document.line, document.data) for document in parsed]


def _without_header(lines: list[str]) -> list[str]:
    """The lines of a file's first document with its first comment lines emptied, which name inputs and template.

    They are comments for certain: nothing stands before them. What is odd in them is odd all the same.
    """
    count = 0
    while count < len(lines) and lines[count].startswith("#"):
        if not is_printable(lines[count]):
            raise Odd
        count += 1
    return ["#"] * count + lines[count:]
