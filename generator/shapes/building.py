"""What makes the data of one document from a shape's data and its own values."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any, Final, TypeAlias

from generator.shapes.expressions import compiled
from generator.shapes.values import MARKER, Values

_MANY: Final = 100
"""Documents of a shape for which compiling pays."""

_Part: TypeAlias = int | Callable[[Values], Any]
"""The value of this number as it stands, or what makes a part of the data from the values."""


class Builder:
    """Makes the data of documents of one shape from their values."""

    __slots__ = ("_data", "_made", "_make")

    def __init__(self, data: Any) -> None:
        self._data = data
        self._make = built(data)
        self._made = 0

    def __call__(self, values: Values) -> Any:
        """The data of one document."""
        self._made += 1
        if self._made == _MANY:
            self._make = compiled(self._data)
        return self._make(values)


def built(data: Any) -> Callable[[Values], Any]:
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
            return _collection(data, {key: part for key, value in data.items() if (part := _part(value)) is not None})
        case [str(text)] if (alone := MARKER.fullmatch(text)) is not None and alone[1] == "l":
            number = int(alone[2])
            return lambda values: list(values[number])
        case list():
            each = enumerate(map(_part, data))
            return _collection(data, {position: part for position, part in each if part is not None})
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


def _collection(data: Any, parts: dict[Any, _Part]) -> Callable[[Values], Any] | None:
    """What makes a mapping or a list, of those of its values that are made, by their keys or positions."""
    if not parts:
        return None
    plain_values = [(place, part) for place, part in parts.items() if isinstance(part, int)]
    changing = [(place, part) for place, part in parts.items() if not isinstance(part, int)]

    def made(values: Values) -> Any:
        copy = data.copy()
        for place, number in plain_values:
            copy[place] = values[number]
        for place, part in changing:
            copy[place] = part(values)
        return copy

    return made
