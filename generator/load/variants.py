"""Other values that a line of an input file could say: what asking "what follows from this line" tries.

A value is behind another exactly when the other follows a change of it. Which changes are worth a try is the file's
own business: another member of an enumeration, what other files say in the same place, a neighbouring number. Every
value offered keeps the file to its schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias

import jsonschema_rs
from msgspec import Struct
from msgspec.structs import replace

from generator.load.schema import SCHEMAS, schema_of
from generator.model.document import Document
from generator.model.paths import at, scalars
from generator.source import Location, Pointer

_Shape: TypeAlias = tuple[str, Pointer]
"""A kind and a pointer in it with `*` for the numbers of items: the same place in any file."""

_LIMIT: Final = 4
"""The most values offered for one line. Numbers are moved by one only: who doubles them is behind any floor."""
_SAME_PLACE: Final = 2
"""How many of them are what other files say there."""
_NUMBER: Final = re.compile(r"\d+")
_ENVELOPE: Final = frozenset({("apiVersion",), ("kind",)})
_NAME: Final = ("metadata", "name")
_OWN_NAMES: Final = frozenset({"Fleet", "Region", "Tenant"})
"""Kinds whose own name may be tried: another name of the others is a name that leads nowhere."""
_NEVER: Final = "\0"
"""A text that no enumeration has."""


class _Removed:
    """Stands for a value that is taken out, with its key or as an item of its list."""

    def __repr__(self) -> str:
        return "removed"


REMOVED: Final = _Removed()


class Leaf(Struct, frozen=True):
    """One scalar that an input file says."""

    document: Document
    pointer: Pointer
    value: Any

    @property
    def place(self) -> Location:
        """Where it stands."""
        return self.document.locate(self.pointer)

    def with_value(self, value: Any) -> Document:
        """The file with another value here, or without the item (`REMOVED`)."""
        data = _replaced(self.document.data, self.pointer, value)
        name = value if self.pointer == _NAME and isinstance(value, str) else self.document.name
        return replace(self.document, data=data, name=name)


def leaves(document: Document) -> Iterator[Leaf]:
    """The scalars of a file in its order, apart from those that only say what kind of file it is."""
    for pointer, value in scalars(document.data):
        foreign = pointer == _NAME and document.kind not in _OWN_NAMES
        if pointer not in _ENVELOPE and not foreign and isinstance(value, str | int | float):
            yield Leaf(document, pointer, value)


class Variants:
    """What each line could say instead. Knows all files, since what one says is a likely value of another."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._said: dict[_Shape, dict[Any, None]] = {}
        self._members: dict[_Shape, tuple[Any, ...]] = {}
        self._known: dict[tuple[str, str, Pointer], tuple[Any, ...]] = {}
        self._names: dict[str, dict[str, None]] = {}
        documents = tuple(documents)
        for document in documents:
            self._names.setdefault(document.kind, {})[document.name] = None
            for leaf in leaves(document):
                self._said.setdefault(_shape(leaf), {})[leaf.value] = None

    def of(self, leaf: Leaf) -> tuple[Any, ...]:
        """Values that this line could say instead, the likeliest first; few, and none where nothing else is valid."""
        key = (leaf.document.path, leaf.document.name, leaf.pointer)
        if key not in self._known:
            self._known[key] = tuple(self._valid(leaf))
        return self._known[key]

    def _valid(self, leaf: Leaf) -> Iterator[Any]:
        tried: list[Any] = []
        for value in self._candidates(leaf):
            if len(tried) == _LIMIT:
                return
            if value != leaf.value and value not in tried and _fits(leaf, value):
                tried.append(value)
                yield value

    def _candidates(self, leaf: Leaf) -> Iterator[Any]:
        value = leaf.value
        if isinstance(value, bool):
            yield not value
            return
        if isinstance(value, int | float):
            yield from (value + 1, value - 1)
        elif members := self._enumerated(leaf):
            yield from members
        else:
            neighbours = list(_neighbours(value))
            # What declares a name must not take another's.
            taken = self._said[_shape(leaf)] if leaf.pointer[-1:] == ("name",) else list(_beside(leaf))
            said = [each for each in self._said[_shape(leaf)] if each != value and each not in taken]
            amount = value[:1].isdigit()
            likely = [*said[:_SAME_PLACE], *self._named_alike(leaf)]
            yield from (*neighbours, *likely) if amount else (*likely, *neighbours)
        yield REMOVED

    def _named_alike(self, leaf: Leaf) -> Iterator[str]:
        """Where a line names a file, the others of its kind: nobody else may name them yet."""
        if leaf.pointer[-1:] != ("name",):
            for names in self._names.values():
                if leaf.value in names:
                    yield from [name for name in names if name != leaf.value][:_SAME_PLACE]

    def _enumerated(self, leaf: Leaf) -> tuple[Any, ...]:
        """The members of an enumeration; empty where the schema lists none."""
        shape = _shape(leaf)
        if shape not in self._members:
            self._members[shape] = _members(leaf)
        return self._members[shape]


def _shape(leaf: Leaf) -> _Shape:
    return leaf.document.kind, tuple("*" if isinstance(step, int) else step for step in leaf.pointer)


def _neighbours(text: str) -> Iterator[str]:
    """Texts of the same form: another number in it, or a letter more."""
    for found in reversed(list(_NUMBER.finditer(text))):
        digits, number = found[0], int(found[0])
        for other in (number + 1, number - 1):
            if other >= 0:
                yield f"{text[: found.start()]}{other:0{len(digits)}d}{text[found.end() :]}"
    yield f"{text}x"
    for number, letter in enumerate(text):
        if letter.isalpha() and letter.isascii():
            yield f"{text[:number]}{'b' if letter.lower() != 'b' else 'c'}{text[number + 1 :]}"
            yield f"{text[: number + 1]}x{text[number + 1 :]}"
            return


def _beside(leaf: Leaf) -> Iterator[Any]:
    """What the other items of the lists around a line say in its place."""
    data: Any = leaf.document.data
    for depth, step in enumerate(leaf.pointer):
        if isinstance(step, int):
            for number, item in enumerate(data):
                if number != step:
                    yield at(item, leaf.pointer[depth + 1 :])
        data = data[step]


def _members(leaf: Leaf) -> tuple[Any, ...]:
    """Asks the validator: refusing a text that no enumeration has, it says what it would have taken."""
    if leaf.document.kind not in SCHEMAS:
        return ()
    errors = schema_of(leaf.document.kind).validator.iter_errors(leaf.with_value(_NEVER).data)
    return tuple(
        member
        for error in errors
        if tuple(error.instance_path) == leaf.pointer and isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Enum)
        for member in error.kind.options
    )


def _fits(leaf: Leaf, value: Any) -> bool:
    """Whether the file is still valid by itself. Admission policies have no schema here: the API has."""
    if leaf.document.kind not in SCHEMAS:
        return True
    return schema_of(leaf.document.kind).validator.is_valid(leaf.with_value(value).data)


def _replaced(data: Any, pointer: Pointer, value: Any) -> Any:
    """Data with another value at a pointer: copied along the way there, shared elsewhere."""
    if not pointer:
        return value
    step, rest = pointer[0], pointer[1:]
    if not rest and value is REMOVED and isinstance(data, dict):
        return {key: inner for key, inner in data.items() if key != step}
    if isinstance(data, list) and isinstance(step, int):
        after = [] if not rest and value is REMOVED else [_replaced(data[step], rest, value)]
        return [*data[:step], *after, *data[step + 1 :]]
    return {**data, step: _replaced(data[step], rest, value)}
