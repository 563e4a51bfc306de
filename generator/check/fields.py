"""Fields of data that nobody has vouched for: each function gives an empty value where the data is of another shape.

That an object has the right shape is the schema check's business; every other check looks at what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
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


# The loops of the next functions are written out: they are called some hundred times for every object.


def string(data: Any, *path: str | int) -> str:
    """The string at the end of the path, or ""."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else field(data, step)
    return data if isinstance(data, str) else ""


def mapping(data: Any, *path: str | int) -> dict[str, Any]:
    """The mapping at the end of the path, or an empty one."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else field(data, step)
    return data if isinstance(data, dict) else {}


def strings(data: Any, *path: str | int) -> dict[str, str]:
    """The entries of a mapping whose values are strings: labels, annotations, selectors."""
    found = mapping(data, *path)
    return {key: value for key, value in found.items() if isinstance(value, str)} if found else {}


def items(data: Any, *path: str | int) -> Sequence[tuple[Pointer, Any]]:
    """The items of the list at the end of the path, each with its pointer from where the path starts."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else field(data, step)
    if not isinstance(data, list):
        return ()
    return [((*path, position), item) for position, item in enumerate(data)]


def listed(data: Any, *path: str | int) -> tuple[str, ...]:
    """The strings in the list at the end of the path."""
    found = field(data, *path)
    return tuple([item for item in found if isinstance(item, str)]) if isinstance(found, list) else ()


def number(data: Any, *path: str | int) -> int | None:
    """The integer at the end of the path; True and False are none."""
    value = field(data, *path)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
