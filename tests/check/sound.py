"""Compares a contract with upstream's schema: is whatever the one accepts accepted by the other?

The answer errs on one side only: a keyword of upstream's that it cannot vouch for is a fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

import jsonschema_rs

SAYS_NOTHING = {
    "$schema", "additionalProperties", "default", "description", "items", "nullable", "properties", "title",
    "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys", "x-kubernetes-list-type", "x-kubernetes-map-type",
    "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
}  # fmt: skip
"""Keywords that restrict nothing, or that are looked at in another way (rules in CEL by tests of their own)."""
BOUNDS = {
    "maximum": 1, "minimum": -1, "maxLength": 1, "minLength": -1, "maxItems": 1, "minItems": -1, "maxProperties": 1,
    "minProperties": -1,
}  # fmt: skip
FORMATS = {"int32": 2**31 - 1}
"""The API server reads any integer where upstream says int64."""


@dataclass(frozen=True)
class Fault:
    """A place (`spec.ports[].name`) where the contract is wider, and why."""

    place: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"


def unsound(ours: Any, theirs: Any, root: dict[str, Any], place: str = "") -> Iterator[Fault]:
    """Every place where `ours` (of the document `root`) could accept what `theirs` refuses."""
    if theirs is True or theirs == {}:
        return
    if "$ref" in ours:
        ours = {
            **root["$defs"][ours["$ref"].removeprefix("#/$defs/")],
            **{k: v for k, v in ours.items() if k != "$ref"},
        }
    values = [ours["const"]] if "const" in ours else ours.get("enum")
    if values is not None:
        validator = jsonschema_rs.validator_for(theirs)
        for value in values:
            if not validator.is_valid(value):
                yield Fault(place, f"upstream refuses {value!r}")
        return
    yield from _types(ours, theirs, place)
    for keyword, limit in theirs.items():
        if keyword not in SAYS_NOTHING and (why := _wider(keyword, limit, ours, theirs)):
            yield Fault(place, why)
    yield from _inner(ours, theirs, root, place)


def _wider(keyword: str, limit: Any, ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """Why the contract does not vouch for one keyword of upstream's, "" where it does."""
    match keyword:
        case "type":
            return ""
        case "pattern":
            vouched = ours.get("pattern") == limit
        case "required":
            vouched = set(limit) <= set(ours.get("required", ()))
        case "format":
            vouched = limit not in FORMATS or ours.get("maximum", FORMATS[limit] + 1) <= FORMATS[limit]
        case "oneOf" | "anyOf":
            vouched = _int_or_string(theirs) or _present(ours, limit, keyword) or _decided(ours, theirs, keyword)
        case _ if keyword in BOUNDS:
            vouched = keyword in ours and (ours[keyword] - limit) * BOUNDS[keyword] <= 0
        case _:
            vouched = False
    return "" if vouched else f"{keyword} {ours.get(keyword, 'absent')} where upstream has {limit}"


def _types(ours: dict[str, Any], theirs: dict[str, Any], place: str) -> Iterator[Fault]:
    wanted = {"integer", "string"} if _int_or_string(theirs) else {theirs["type"]} if "type" in theirs else None
    if wanted is None or ours.get("type") in wanted or (ours.get("type") == "integer" and "number" in wanted):
        return
    yield Fault(place, f"{ours.get('type')} where upstream has {' or '.join(sorted(wanted))}")


def _inner(ours: dict[str, Any], theirs: dict[str, Any], root: dict[str, Any], place: str) -> Iterator[Fault]:
    properties, others = theirs.get("properties", {}), theirs.get("additionalProperties", True)
    if others is False and theirs.get("x-kubernetes-preserve-unknown-fields"):
        others = True
    for name, schema in ours.get("properties", {}).items():
        where = f"{place}.{name}" if place else name
        if name in properties:
            yield from unsound(schema, properties[name], root, where)
        elif others is False:
            yield Fault(where, "upstream has no such field")
        else:
            yield from unsound(schema, others, root, where)
    further = ours.get("additionalProperties", True)
    if further is not False and theirs.get("type") == "object" and others is not True:
        if others is False or further is True:
            yield Fault(place, "is open")
        else:
            yield from unsound(further, others, root, f"{place}.*")
    if "items" in theirs:
        yield from unsound(ours.get("items", {}), theirs["items"], root, f"{place}[]")


def _int_or_string(schema: dict[str, Any]) -> bool:
    return bool(schema.get("x-kubernetes-int-or-string"))


def _present(ours: dict[str, Any], branches: list[dict[str, Any]], keyword: str) -> bool:
    """Whether the branches ask only which fields are given, and each choice that the contract allows will do."""
    named = set().union(*(_asked(branch) for branch in branches))
    if None in named:
        return False
    allowed = sorted(name for name in ours.get("properties", ()) if name in named)
    demanded = set(ours.get("required", ()))
    choices = chain.from_iterable(combinations(allowed, size) for size in range(len(allowed) + 1))
    return all(
        jsonschema_rs.is_valid({keyword: branches}, dict.fromkeys(choice))
        for choice in choices
        if demanded & set(allowed) <= set(choice) and len(choice) <= ours.get("maxProperties", len(choice))
    )


def _asked(branch: dict[str, Any]) -> set[str | None]:
    """The fields whose presence a branch asks for; None among them where it asks for anything else."""
    found: set[str | None] = set()
    for keyword, value in branch.items():
        if keyword == "required":
            found.update(value)
        elif keyword == "not":
            found |= _asked(value)
        elif keyword in {"anyOf", "oneOf", "allOf"}:
            found = found.union(*map(_asked, value))
        else:
            found.add(None)
    return found


def _decided(ours: dict[str, Any], theirs: dict[str, Any], keyword: str) -> bool:
    """Whether constants that the contract demands decide between the branches, whatever else is given."""
    fixed = {name: schema["const"] for name, schema in ours.get("properties", {}).items() if "const" in schema}
    if not fixed or not set(fixed) <= set(ours.get("required", ())):
        return False
    # A branch about fixed fields alone, and every other refused by a fixed field alone.
    sure = [_only(branch, fixed) and jsonschema_rs.is_valid(branch, fixed) for branch in theirs[keyword]]
    refused = [not jsonschema_rs.is_valid(_restricted(branch, fixed), fixed) for branch in theirs[keyword]]
    return sum(sure) == 1 and all(one or other for one, other in zip(sure, refused, strict=True))


def _only(branch: dict[str, Any], fixed: dict[str, Any]) -> bool:
    return set(branch) == {"properties"} and set(branch["properties"]) <= set(fixed)


def _restricted(branch: dict[str, Any], fixed: dict[str, Any]) -> dict[str, Any]:
    return {"properties": {name: schema for name, schema in branch.get("properties", {}).items() if name in fixed}}
