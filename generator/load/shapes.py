"""Input files by their shapes (`generator.shapes`): the many that differ in values alone are parsed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from yaml import Event

from generator.load.lines import Source
from generator.load.scalars import plain
from generator.load.walk import Walk
from generator.shapes import Lines, Odd, Shape, learned

_MOST_LINES: Final = 50_000
"""Lines that are kept as they were cut: most belong to one file, and those that many have are soon cut again."""


class Shapes:
    """The shapes of the files read so far. A shape is learned when it is met for the second time, so that files of
    which no two are alike cost little more than without."""

    __slots__ = ("_known", "_lines", "_met")

    def __init__(self) -> None:
        self._lines = Lines(plain, marked=True)
        self._known: dict[tuple[str, ...], Shape | None] = {}
        self._met: set[int] = set()

    def data(self, text: str) -> dict[str, Any] | None:
        """What a file holds in which there is nothing to find fault with; None where the reader itself must read it."""
        if not text.endswith("\n"):
            return None
        lines = text[:-1].split("\n")
        if len(self._lines) > _MOST_LINES:
            self._lines.forget()
        try:
            key = tuple(map(self._lines.__getitem__, lines))
        except Odd:
            return None
        if key not in self._known:
            met = hash(key)
            if met not in self._met:
                self._met.add(met)
                return None
            self._known[key] = learned(key, _document)
        shape = self._known[key]
        if shape is None:
            return None
        value_of = self._lines.values_of
        data = shape.build([value_of[lines[place]] for place in shape.places])
        return data if type(data) is dict else None


def _document(text: str, watch: Callable[[Event], None]) -> list[tuple[int, Any]] | None:
    walk = Walk(Source("", text), watch)
    walk.run()
    if walk.diagnostics or walk.broken or walk.integral or walk.anchors:
        return None
    return [(1, value) for value in walk.root]
