"""Whether two values of the model render to the same text.

Equality is not enough: to Python 1, 1.0 and True are equal, and so are mappings in another order.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct


def same(one: Any, other: Any) -> bool:
    """Whether nothing can tell the two apart: the same types, values and order all the way down."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return len(one) == len(other) and all(map(same, one, other)) and all(map(same, one.values(), other.values()))
    if isinstance(one, Struct):
        return all(same(getattr(one, name), getattr(other, name)) for name in one.__struct_fields__)
    if isinstance(one, float):
        return repr(one) == repr(other)
    return bool(one == other)
