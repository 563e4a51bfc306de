"""Fields as people write them (`spec.containers[0].image`, `metadata.labels.app.kubernetes.io/name`) and pointers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from generator.source import Pointer

_ITEM: Final = re.compile(r"\[(?:(\d+)|([A-Za-z]+)=([^\]]*))\]")


class NoSuchFieldError(LookupError):
    """A field that is not there: how far the way led, what comes next in words, and what there is instead."""

    def __init__(self, reached: Pointer, missing: str, known: tuple[str, ...]) -> None:
        super().__init__(missing)
        self.reached = reached
        self.missing = missing
        self.known = known


def written(pointer: Pointer) -> str:
    """A pointer as people write it."""
    text = ""
    for step in pointer:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def pointer_to(data: Any, path: str) -> Pointer:
    """The pointer that a path means in these data. Raises `NoSuchFieldError`.

    Keys may hold dots: the longest key that fits is taken. An item is named by its number, or by one of its fields:
    `[0]`, `[name=api]`.
    """
    pointer: Pointer = ()
    rest = path.removeprefix(".")
    while rest:
        step: str | int
        if isinstance(data, list):
            step, rest = _item(data, rest, pointer)
        elif isinstance(data, dict):
            step, rest = _key(data, rest, pointer)
        else:
            raise NoSuchFieldError(pointer, rest, ())
        pointer, data = (*pointer, step), data[step]
        rest = rest.removeprefix(".")
    return pointer


def scalars(data: Any, pointer: Pointer = ()) -> Iterator[tuple[Pointer, Any]]:
    """Every scalar, and every empty collection, in its order."""
    if isinstance(data, dict) and data:
        for key, inner in data.items():
            yield from scalars(inner, (*pointer, key))
    elif isinstance(data, list) and data:
        for number, inner in enumerate(data):
            yield from scalars(inner, (*pointer, number))
    else:
        yield pointer, data


def at(data: Any, pointer: Pointer, default: Any = None) -> Any:
    """The value at a pointer, or the default where it leads nowhere."""
    for step in pointer:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return default
    return data


def _item(data: list[Any], rest: str, pointer: Pointer) -> tuple[int, str]:
    found = _ITEM.match(rest)
    known = tuple(f"[{number}]" for number in range(len(data)))
    if found is None:
        raise NoSuchFieldError(pointer, rest, known)
    if found[1] is not None:
        number = int(found[1])
        if number >= len(data):
            raise NoSuchFieldError(pointer, found[0], known)
        return number, rest[found.end() :]
    for number, item in enumerate(data):
        if isinstance(item, dict) and str(item.get(found[2])) == found[3]:
            return number, rest[found.end() :]
    named = tuple(f"[{found[2]}={item[found[2]]}]" for item in data if isinstance(item, dict) and found[2] in item)
    raise NoSuchFieldError(pointer, found[0], named or known)


def _key(data: dict[str, Any], rest: str, pointer: Pointer) -> tuple[str, str]:
    for key in sorted(data, key=len, reverse=True):
        after = rest[len(key) :]
        if rest.startswith(key) and (not after or after[0] in ".["):
            return key, after
    raise NoSuchFieldError(pointer, re.split(r"[.\[]", rest, maxsplit=1)[0], tuple(data))
