"""Values and pointers in the words of a message."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from generator.load.scalars import WORDS_OF_1_1, plain
from generator.source import Location, Pointer

_LONGEST: Final = 80
_BARE: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ./@_-]|:(?! ))*[A-Za-z0-9/]")

_TYPES: Final = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


def shown(value: Any, place: Location | None = None) -> str:
    """A value as `found:` names it: text in quotes, numbers as the file writes them, collections by their kind."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return f"'{value}'" if len(value) <= _LONGEST else f"'{value[:_LONGEST]}…' ({len(value)} characters)"
        case _:
            return written(place) if place is not None else json.dumps(value)


def written(place: Location) -> str:
    """The piece of the source line that a place underlines."""
    return place.text[place.column - 1 : place.column - 1 + place.width]


def types(names: list[str]) -> str:
    """JSON Schema's type names in words: `a string or null`."""
    return " or ".join(_TYPES.get(name, name) for name in names)


def subject(pointer: Pointer) -> str:
    """What a pointer leads to: `tier`, `item 2 of placements`, `the file`."""
    if not pointer:
        return "the file"
    last = pointer[-1]
    if isinstance(last, str):
        return f"`{last}`"
    around = subject(pointer[:-1])
    return f"item {last + 1} of {around}"


def times(count: int, one: str, many: str) -> str:
    """`1 character`, `3 characters`."""
    return f"{count} {one if count == 1 else many}"


def as_yaml(value: Any) -> str:
    """A value as a person would write it in YAML: in quotes only where it needs them."""
    if isinstance(value, str) and _BARE.fullmatch(value) and plain(value) == value and value not in WORDS_OF_1_1:
        return value
    return json.dumps(value, ensure_ascii=False)
