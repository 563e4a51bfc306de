"""`FIELD=VALUE` → a change of a tenant's file, by the tenant's schema: which fields there are, and of which types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from generator.diagnostics import Code, Diagnostic, Severity, did_you_mean, listing
from generator.model.document import Document
from generator.model.tenant import State
from generator.scaffold.edit import Change, Drop, Put, changed
from generator.source import Pointer

NO_FIELD = Code(
    "LIF005", "a field that cannot be set so", "A value in the wrong place, or of another type, would say nothing."
)

_STEP: Final = re.compile(r"([^.\[\]]+)(?:\[([^\[\]]+)\])?(?:\.|$)")
_ELSEWHERE: Final = {
    "state": "tenantry tenant suspend, resume and offboard take a tenant from state to state",
    "since": "it is written with the state",
    "placements": "tenantry tenant move changes them",
}
_LASTING: Final = ("compliance", "residency")
_LEAVING: Final = (State.OFFBOARDING, State.OFFBOARDED)
_IDENTITY: Final = "name"
"""The field by which an item of a list is named: `domains[soc.acme.example].verified`."""


class _Wrong(Exception):  # noqa: N818
    """What is wrong with a field or its value; never leaves this module."""

    def __init__(self, message: str, expected: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message, self.expected, self.hint = message, expected, hint


def field_changes(
    document: Document, schema: Mapping[str, Any], values: Iterable[tuple[str, str]], unset: Iterable[str]
) -> tuple[tuple[Change, ...], tuple[Diagnostic, ...]]:
    """What to change in a tenant's file, or what is wrong with each word. `schema` is the tenants' JSON Schema."""
    changes: list[Change] = []
    found: list[Diagnostic] = []
    data = document.data
    words = [(field, value) for field, value in values] + [(field, None) for field in unset]
    for field, value in words:
        try:
            made = _of(data, schema, field, value)
            # Two fields of an item that is not there yet are one item.
            data = changed(data, made)
            changes += made
        except _Wrong as wrong:
            found.append(
                Diagnostic(
                    NO_FIELD,
                    Severity.ERROR,
                    wrong.message,
                    document.locate(("spec",)),
                    found=f"'{field}'" if value is None else f"'{field}={value}'",
                    expected=wrong.expected,
                    hint=wrong.hint,
                )
            )
    return (() if found else tuple(changes)), tuple(found)


def _of(data: dict[str, Any], schema: Mapping[str, Any], field: str, value: str | None) -> list[Change]:
    """The changes for one field; `value` is None to unset it."""
    pointer, part, fresh = _place(data, schema, field)
    there = _at(data, pointer)
    if value is None:
        if there is None:
            raise _Wrong(f"'{field}' is not set")
        if pointer[-1] in _required(schema, pointer):
            raise _Wrong(f"'{field}' cannot be left out", hint=f"give it another value: {field}=VALUE")
        return [Drop(pointer)]
    said = _value(schema, part, field, value)
    if isinstance(said, list) and isinstance(there, list) and said and there:
        return _list_changes(pointer, there, said)
    if there == said and type(there) is type(said):
        return []
    if fresh is None:
        return [Put(pointer, said)]
    # An item that the list does not have yet: it begins with its name, and with what the schema asks for.
    end, name, wanted = fresh
    item = {_IDENTITY: name} | {key: said for key in (pointer[-1],) if isinstance(key, str)}
    missing = [key for key in wanted if key not in item]
    if missing:
        raise _Wrong(f"'{name}' is not there yet, and a new one needs {listing(missing)}", hint="set that first")
    return [Put((*pointer[:-2], end), item)]


def _place(
    data: dict[str, Any], schema: Mapping[str, Any], field: str
) -> tuple[Pointer, Mapping[str, Any], tuple[int, str, list[str]] | None]:
    """The pointer of a field and its part of the schema; for one of an item that is not there yet also the item's
    number, its name and the fields that it must have."""
    pointer: tuple[str | int, ...] = ("spec",)
    part = _followed(schema, schema["properties"]["spec"])
    fresh = None
    steps = list(_STEP.finditer(field))
    if not steps or "".join(step[0] for step in steps) != field or field.endswith("."):
        raise _Wrong("this is not a field", "the names of fields joined by dots, such as overrides.limits.cpu")
    for step in steps:
        name, item = step[1], step[2]
        if len(pointer) == 1 and name in _ELSEWHERE:
            raise _Wrong(f"'{name}' is not set by hand", hint=_ELSEWHERE[name])
        if name in _LASTING and data["spec"]["state"] in _LEAVING:
            raise _Wrong(
                f"'{name}' stays as it is while a tenant leaves", hint="its retention periods hold until the end"
            )
        known = part.get("properties", {})
        if name not in known:
            here = ".".join(str(each) for each in pointer[1:])
            where = f"'{here}' has no field '{name}'" if here else f"a tenant has no field '{name}'"
            raise _Wrong(where, f"one of {listing(known, 20)}" if known else "", did_you_mean(name, known))
        pointer, part = (*pointer, name), _followed(schema, known[name])
        if item is None:
            continue
        inner = _followed(schema, part.get("items", {}))
        if _IDENTITY not in inner.get("properties", {}):
            raise _Wrong(f"'{name}' has no items that have a name")
        items = _at(data, pointer) or []
        number = next((at for at, each in enumerate(items) if each.get(_IDENTITY) == item), len(items))
        fresh = (number, item, list(inner.get("required", ()))) if number == len(items) else None
        pointer, part = (*pointer, number), inner
    return pointer, part, fresh


def _followed(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of the schema, or what it refers to."""
    while "$ref" in part:
        target: Any = schema
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        part = {**{key: each for key, each in part.items() if key != "$ref"}, **target}
    return part


def _at(data: Any, pointer: Pointer) -> Any:
    for step in pointer:
        try:
            data = data[step]
        except (LookupError, TypeError):
            return None
    return data


def _required(schema: Mapping[str, Any], pointer: Pointer) -> list[str]:
    """The names that must stand beside a field."""
    part: Mapping[str, Any] = schema
    for step in pointer[:-1]:
        part = _followed(schema, part["items"] if isinstance(step, int) else part["properties"][step])
    return list(part.get("required", ()))


def _value(schema: Mapping[str, Any], part: Mapping[str, Any], field: str, text: str) -> Any:
    """The text as the type that the schema asks for. What a text must look like is judged with the whole file."""
    kind = part.get("type")
    if kind == "object":
        known = part.get("properties", {})
        raise _Wrong(
            f"'{field}' is not one value", f"one of its fields: {listing(f'{field}.{name}' for name in known)}"
        )
    if kind == "integer":
        if not re.fullmatch(r"-?[0-9]{1,18}", text):
            raise _Wrong(f"'{field}' is a whole number")
        return int(text)
    if kind == "boolean":
        if text not in ("true", "false"):
            raise _Wrong(f"'{field}' is true or false", hint=did_you_mean(text, ("true", "false")))
        return text == "true"
    if kind == "array":
        if _followed(schema, part["items"]).get("type") != "string":
            raise _Wrong(
                f"'{field}' is a list of more than words", hint=f"name an item of it: {field}[NAME].FIELD=VALUE"
            )
        inner = text.strip().removeprefix("[").removesuffix("]")
        return [word.strip() for word in inner.split(",") if word.strip()]
    return text


def _list_changes(pointer: Pointer, there: list[Any], said: list[Any]) -> list[Change]:
    """What goes from a list and what comes to it, so that what stays keeps its comments and its order."""
    gone = [number for number, each in enumerate(there) if each not in said]
    come = [each for each in dict.fromkeys(said) if each not in there]
    if len(gone) == len(there):
        return [Put(pointer, said)]
    end = len(there) - len(gone)
    drops: list[Change] = [Drop((*pointer, number)) for number in reversed(gone)]
    return drops + [Put((*pointer, end + number), each) for number, each in enumerate(come)]
