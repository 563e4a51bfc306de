"""The syntax tree of a compiled expression, as far as it says what is read.

The engine gives it in the form that CEL fixes for all implementations: a `CheckedExpr` in Protocol Buffers' encoding
(cel-spec: proto/cel/expr/checked.proto and syntax.proto, whose field numbers stand below). Four kinds of that encoding
occur and a dozen fields are wanted, so that they are read here and need no second library with generated classes.
"""

from __future__ import annotations

from collections.abc import Iterator
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

_Field: TypeAlias = tuple[int, int | bytes]
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_DEEP: Final = 100
"""Nested expressions; deeper ones are unclear, long before Python itself would refuse them."""


def tree_of(serialized: bytes) -> Node:
    """The tree of an expression as the engine writes it: a CheckedExpr inside an Any. Raises `UnclearError`."""
    try:
        checked = _message(serialized, 2)
        return _node(_message(checked, 4), _DEEP)
    except (IndexError, UnicodeDecodeError) as error:
        raise UnclearError(str(error)) from error


def _node(message: bytes, deep: int) -> Node:
    if deep <= 0:
        raise UnclearError("too deep")
    for number, value in _fields(message):
        if number == 2:
            continue
        if not isinstance(value, bytes):
            raise UnclearError(f"field {number}")
        match number:
            case 3:
                return _constant(value)
            case 4:
                return Name(_text(value, 1))
            case 5:
                test = any(number == 3 and bool(each) for number, each in _fields(value))
                return Select(_node(_message(value, 1), deep - 1), _text(value, 2), test)
            case 6:
                given = [*_messages(value, 1), *_messages(value, 3)]
                return Call(_text(value, 2), tuple(_node(each, deep - 1) for each in given))
            case 7:
                return Items(tuple(_node(each, deep - 1) for each in _messages(value, 1)))
            case 8:
                entries = list(_messages(value, 2))
                parts = [part for entry in entries for part in (*_messages(entry, 3), *_messages(entry, 4))]
                return Entries(tuple(_node(each, deep - 1) for each in parts))
            case 9:
                return _loop(value, deep - 1)
            case _:
                raise UnclearError(f"field {number}")
    raise UnclearError("empty")


def _constant(message: bytes) -> Constant:
    for number, value in _fields(message):
        if number == 6 and isinstance(value, bytes):
            return Constant(value.decode(), whole=False)
        return Constant(None, whole=number in (3, 4))
    raise UnclearError("empty constant")


def _loop(message: bytes, deep: int) -> Loop:
    over, start, goes_on, step, result = (_node(_message(message, number), deep) for number in (2, 4, 5, 6, 7))
    each = tuple(name for name in (_text(message, 1), _text(message, 8)) if name)
    return Loop(each, over, _text(message, 3), start, goes_on, step, result)


def _text(message: bytes, wanted: int) -> str:
    """A string field; "" where it is absent, as the encoding has it."""
    return next((each.decode() for each in _messages(message, wanted)), "")


def _message(message: bytes, wanted: int) -> bytes:
    found = next(_messages(message, wanted), None)
    if found is None:
        raise UnclearError(f"no field {wanted}")
    return found


def _messages(message: bytes, wanted: int) -> Iterator[bytes]:
    for number, value in _fields(message):
        if number == wanted:
            if not isinstance(value, bytes):
                raise UnclearError(f"field {number}")
            yield value


def _fields(message: bytes) -> Iterator[_Field]:
    """Every field of a message with its number; strings and messages as their bytes."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if kind == _BYTES:
            length, at = _varint(message, at)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            raise UnclearError(f"encoding {kind}")
        if at + length > len(message):
            raise UnclearError("cut off")
        yield number, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
