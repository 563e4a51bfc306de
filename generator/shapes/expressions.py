"""What makes the data of one document, compiled by Python, for shapes that many documents have.

A shape's data becomes a Python expression in which each marker is a look at the values. To run it takes a third of what
`building.built` takes, and to compile it takes as long as some fifty documents. It is written as Python's own syntax
tree, so that nothing of a document is ever read as Python. What no value is in stands there once, for all documents.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Final

from generator.shapes.values import MARKER, Values

_VALUES: Final = "values"


def compiled(data: Any) -> Callable[[Values], Any]:
    """What makes a shape's data from the values: the same as `building.built`."""
    writer = _Writer()
    body = writer.written(data)
    if body is None:
        return lambda _: data
    arguments = ast.arguments([], [ast.arg(_VALUES)], None, [], [], None, [])
    tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, body)))
    made: Callable[[Values], Any] = eval(compile(tree, "<shape>", "eval"), writer.constants)  # noqa: S307 - no text
    return made


class _Writer:
    """Writes expressions; `constants` are what they name beside the values."""

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {}

    def written(self, data: Any) -> ast.expr | None:
        """What gives a part of the data; None where nothing in it depends on the values."""
        match data:
            case str():
                return self._text(data)
            case [str(text)] if (alone := MARKER.fullmatch(text)) is not None and alone[1] == "l":
                return _call("list", _value(alone[2]))
            case dict():
                return self._whole(list(data.values()), lambda parts: ast.Dict([*map(ast.Constant, data)], parts))
            case list():
                return self._whole(data, lambda parts: ast.List(parts, ast.Load()))
            case _:
                return None

    def _whole(self, items: list[Any], joined: Callable[[list[ast.expr]], ast.expr]) -> ast.expr | None:
        parts = [self.written(item) for item in items]
        if all(part is None for part in parts):
            return None
        return joined([part or self._constant(item) for part, item in zip(parts, items, strict=True)])

    def _text(self, text: str) -> ast.expr | None:
        whole = MARKER.fullmatch(text)
        if whole is not None:
            return _call("int", _value(whole[2])) if whole[1] == "n" else _value(whole[2])
        first, *pieces = MARKER.split(text)
        if not pieces:
            return None
        joined: list[ast.expr] = [ast.Constant(first)]
        for number, after in zip(pieces[1::3], pieces[2::3], strict=True):
            joined += (ast.FormattedValue(_value(number), -1), ast.Constant(after))
        return ast.JoinedStr(joined)

    def _constant(self, data: Any) -> ast.expr:
        if data is None or isinstance(data, str | bool | int | float):
            return ast.Constant(data)
        name = f"constant_{len(self.constants)}"
        self.constants[name] = data
        return ast.Name(name, ast.Load())


def _value(number: str) -> ast.expr:
    return ast.Subscript(ast.Name(_VALUES, ast.Load()), ast.Constant(int(number)), ast.Load())


def _call(name: str, argument: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), [argument], [])
