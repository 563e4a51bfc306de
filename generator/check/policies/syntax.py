"""The syntax tree of a compiled expression, as far as it says what is read.

The engine gives it in the form that CEL fixes for all implementations: a `CheckedExpr` in Protocol Buffers' encoding
(cel-spec: proto/cel/expr/checked.proto and syntax.proto, whose field numbers stand below). Four kinds of that encoding
occur and a dozen fields are wanted, so that they are read here and need no second library with generated classes.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec import Struct


class UnclearError(Exception):
    """An expression of a form that is not known here: what it reads cannot be told."""


class Constant(Struct, frozen=True):
    """A literal. `text` is that of a string, None for anything else; `whole` is whether it is an integer."""

    text: str | None
    whole: bool


class Name(Struct, frozen=True):
    """A variable, the engine's own or one of a macro."""

    name: str


class Select(Struct, frozen=True):
    """`of.field`, or `has(of.field)` where it is a `test`."""

    of: Node
    field: str
    test: bool


class Call(Struct, frozen=True):
    """A function or operator. What a method is called on is the first of `given`."""

    function: str
    given: tuple[Node, ...]


class Items(Struct, frozen=True):
    """A list that is written out."""

    items: tuple[Node, ...]


class Entries(Struct, frozen=True):
    """A map that is written out: its keys and values, in no order that counts."""

    parts: tuple[Node, ...]


class Loop(Struct, frozen=True):
    """What `all`, `map`, `filter` and their like become: `step` gives `result` its next value for each `each` of
    `over`, while `goes_on`."""

    each: tuple[str, ...]
    over: Node
    result_name: str
    start: Node
    goes_on: Node
    step: Node
    result: Node


Node: TypeAlias = Constant | Name | Select | Call | Items | Entries | Loop

_Message: TypeAlias = dict[int, list[int | bytes]]
"""The fields of a message by their numbers."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_DEEP: Final = 100
"""Nested expressions; deeper ones are unclear, long before Python itself would refuse them."""


def tree_of(serialized: bytes) -> Node:
    """The tree of an expression as the engine writes it: a CheckedExpr inside an Any. Raises `UnclearError`."""
    try:
        checked = _fields(_one(_fields(serialized), 2))
        return _node(_one(checked, 4), _DEEP)
    except (IndexError, UnicodeDecodeError) as error:
        raise UnclearError(str(error)) from error


def _node(message: bytes, deep: int) -> Node:
    if deep <= 0:
        raise UnclearError("too deep")
    for number, values in _fields(message).items():
        if number == 2:
            continue
        value = values[0]
        if not isinstance(value, bytes):
            raise UnclearError(f"field {number}")
        return _of_kind(number, _fields(value), deep - 1)
    raise UnclearError("empty")


def _of_kind(number: int, of: _Message, deep: int) -> Node:
    match number:
        case 3:
            return _constant(of)
        case 4:
            return Name(_text(of, 1))
        case 5:
            return Select(_node(_one(of, 1), deep), _text(of, 2), any(map(bool, of.get(3, ()))))
        case 6:
            return Call(_text(of, 2), tuple(_node(each, deep) for each in (*_all(of, 1), *_all(of, 3))))
        case 7:
            return Items(tuple(_node(each, deep) for each in _all(of, 1)))
        case 8:
            entries = map(_fields, _all(of, 2))
            return Entries(tuple(_node(part, deep) for each in entries for part in (*_all(each, 3), *_all(each, 4))))
        case 9:
            return _loop(of, deep)
        case _:
            raise UnclearError(f"field {number}")


def _constant(of: _Message) -> Constant:
    for number, values in of.items():
        if number == 6 and isinstance(values[0], bytes):
            return Constant(values[0].decode(), whole=False)
        return Constant(None, whole=number in (3, 4))
    raise UnclearError("empty constant")


def _loop(of: _Message, deep: int) -> Loop:
    over, start, goes_on, step, result = (_node(_one(of, number), deep) for number in (2, 4, 5, 6, 7))
    each = tuple(name for name in (_text(of, 1), _text(of, 8)) if name)
    return Loop(each, over, _text(of, 3), start, goes_on, step, result)


def _text(of: _Message, wanted: int) -> str:
    """A string field; "" where it is absent, as the encoding has it."""
    return next((each.decode() for each in _all(of, wanted)), "")


def _one(of: _Message, wanted: int) -> bytes:
    found = _all(of, wanted)
    if not found:
        raise UnclearError(f"no field {wanted}")
    return found[0]


def _all(of: _Message, wanted: int) -> list[bytes]:
    found = of.get(wanted, [])
    texts = [value for value in found if isinstance(value, bytes)]
    if len(texts) != len(found):
        raise UnclearError(f"field {wanted}")
    return texts


def _fields(message: bytes) -> _Message:
    """Every field of a message by its number, in their order; strings and messages as their bytes."""
    found: _Message = {}
    at, end = 0, len(message)
    while at < end:
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            found.setdefault(number, []).append(value)
            continue
        if kind == _BYTES:
            length, at = _varint(message, at)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            raise UnclearError(f"encoding {kind}")
        if at + length > end:
            raise UnclearError("cut off")
        found.setdefault(number, []).append(message[at : at + length])
        at += length
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = message[at]
    at += 1
    if value < 0x80:
        return value, at
    value, shift = value & 0x7F, 7
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
