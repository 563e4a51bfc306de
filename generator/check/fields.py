"""Fields of data that nobody has vouched for: each function gives an empty value where the data is of another shape.

That an object has the right shape is the schema check's business; every other check looks at what is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.source import Pointer


def field(data: Any, *path: str | int) -> Any:
    """The value at the end of the path, or None."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and -len(data) <= step < len(data):
            data = data[step]
        else:
            return None
    return data


def string(data: Any, *path: str | int) -> str:
    """The string at the end of the path, or ""."""
    value = field(data, *path)
    return value if isinstance(value, str) else ""


def mapping(data: Any, *path: str | int) -> dict[str, Any]:
    """The mapping at the end of the path, or an empty one."""
    value = field(data, *path)
    return value if isinstance(value, dict) else {}


def strings(data: Any, *path: str | int) -> dict[str, str]:
    """The entries of a mapping whose values are strings: labels, annotations, selectors."""
    return {key: value for key, value in mapping(data, *path).items() if isinstance(value, str)}


def items(data: Any, *path: str | int) -> Iterator[tuple[Pointer, Any]]:
    """The items of the list at the end of the path, each with its pointer from where the path starts."""
    value = field(data, *path)
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield (*path, position), item


def listed(data: Any, *path: str | int) -> tuple[str, ...]:
    """The strings in the list at the end of the path."""
    return tuple(item for _, item in items(data, *path) if isinstance(item, str))


def number(data: Any, *path: str | int) -> int | None:
    """The integer at the end of the path; True and False are none."""
    value = field(data, *path)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
