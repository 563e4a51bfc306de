"""What is wrong under a schema, in sentences: one function for each sort of demand that a schema can make."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from generator.diagnostics import Code, Diagnostic, Related, did_you_mean, listing
from generator.load.failure import Failure
from generator.load.phrases import as_yaml, shown, subject, times, types, written
from generator.load.scalars import WORDS_OF_1_1
from generator.load.schema import API_VERSION
from generator.source import Location

UNKNOWN_KEY: Final = Code(
    "SCH001", "unknown key", "a misspelt setting would be left out, and its default would be in force"
)
MISSING_KEY: Final = Code(
    "SCH002", "missing key", "something would be rendered without a decision that somebody must make"
)
TYPE: Final = Code("SCH003", "wrong type", "the value would be read as something that was not meant")
CHOICE: Final = Code(
    "SCH004", "value not among the permitted", "a value that nothing acts on would look like a setting"
)
FORM: Final = Code(
    "SCH005", "value of the wrong form", "a name or a quantity that the cluster refuses would be rendered"
)
BOUNDS: Final = Code(
    "SCH006", "value out of bounds", "Kubernetes refuses the object, or the fleet would be sized wrongly"
)
REPEATED: Final = Code("SCH007", "item given twice", "one of the two would be passed over, or rendered twice")
ALTERNATIVES: Final = Code("SCH008", "value of none of the permitted forms", "nothing knows how to read it")
OTHER: Final = Code("SCH009", "value refused by its schema", "what the schema excludes cannot be rendered")
VERSION: Final = Code("SCH010", "unknown apiVersion", "a file of another version means something else")

_BOUNDS: Final[dict[str, tuple[str, str]]] = {
    "minimum": ("is too small", "at least {}"),
    "maximum": ("is too large", "at most {}"),
    "exclusiveMinimum": ("is too small", "more than {}"),
    "exclusiveMaximum": ("is too large", "less than {}"),
    "multipleOf": ("is not a permitted step", "a multiple of {}"),
    "minLength": ("is too short", "at least {}|character|characters"),
    "maxLength": ("is too long", "at most {}|character|characters"),
    "minItems": ("has too few items", "at least {}|item|items"),
    "maxItems": ("has too many items", "at most {}|item|items"),
    "minProperties": ("has too few keys", "at least {}|key|keys"),
    "maxProperties": ("has too many keys", "at most {}|key|keys"),
}
"""Keywords that bound a value: what is wrong, and what is expected, with the unit that is counted."""
FORMS: Final = ("pattern", "format", "not")


def _unknown_keys(error: Failure) -> Iterator[Diagnostic]:
    rule = error.schema.at((*error.rule[:-1], "properties"))
    known = sorted(rule) if isinstance(rule, dict) else []
    for key in sorted(error.kind.unexpected):
        around = f" in {subject(error.pointer)}" if error.pointer else ""
        yield error.diagnostic(
            UNKNOWN_KEY,
            f"there is no key '{key}'{around}",
            error.positions((*error.pointer, key), True),
            expected=f"one of {listing(known)}" if known else "no further keys",
            hint=did_you_mean(key, known),
        )


def _missing_key(error: Failure) -> Iterator[Diagnostic]:
    key = error.kind.property
    rule = (*error.rule[:-1], "properties", key)
    part = error.schema.at(rule)
    description = error.schema.description(rule)
    yield error.diagnostic(
        MISSING_KEY,
        f"the key '{key}' is missing" + (f" in {subject(error.pointer)}" if error.pointer else ""),
        error.positions(error.pointer, True),
        expected=f"{key}: {description}" if description else "",
        declared=error.schema.locate(rule),
        hint=_addition(key, part if isinstance(part, dict) else {}),
    )


def _addition(key: str, part: dict[str, Any]) -> str:
    """What to add for a missing key, by what the schema says of its value."""
    if "const" in part:
        return f"add `{key}: {as_yaml(part['const'])}`"
    if "enum" in part:
        return f"add `{key}:` with one of {listing(map(as_yaml, part['enum']), limit=20)}"
    if "examples" in part:
        return f"add `{key}: {as_yaml(part['examples'][0])}`, or what it is here"
    return f"add `{key}:` with {types([part['type']])}" if isinstance(part.get("type"), str) else f"add `{key}:`"


def _type(error: Failure) -> Iterator[Diagnostic]:
    expected = error.kind.types
    value = error.value
    yield error.diagnostic(
        TYPE,
        f"{subject(error.pointer)} must be {types(expected)}",
        found=shown(value, error.place),
        expected=error.described(),
        hint=_type_hint(error.place, value, expected),
    )


def _type_hint(place: Location, value: Any, expected: list[str]) -> str:
    """How to write what was probably meant."""
    if isinstance(value, str):
        if "boolean" in expected and value in WORDS_OF_1_1:
            return f"write {WORDS_OF_1_1[value]}"
        if "boolean" in expected and value.lower() in ("true", "false"):
            return f"write {value.lower()} without quotes"
        if {"integer", "number"} & set(expected) and value.isdecimal() and value.isascii():
            return f"write {value} without quotes"
        if "array" in expected:
            return "write a list: [a, b]"
    elif isinstance(value, int | float) and "string" in expected:
        return f'write "{written(place)}" in quotes'
    return ""


def _choice(error: Failure) -> Iterator[Diagnostic]:
    options = error.limit if error.keyword == "enum" else [error.limit]
    if error.pointer == ("apiVersion",):
        message, hint = "the file is of another version", f"write apiVersion: {API_VERSION}"
        yield error.diagnostic(VERSION, message, found=shown(error.value, error.place), expected=API_VERSION, hint=hint)
        return
    value = error.value
    names = [option if isinstance(option, str) else json.dumps(option) for option in options]
    known = listing(names, limit=20)
    yield error.diagnostic(
        CHOICE,
        f"{subject(error.pointer)} has a value that is not permitted",
        found=shown(value, error.place),
        expected=f"one of {known}" if len(names) > 1 else known,
        hint=did_you_mean(value, names) if isinstance(value, str) else "",
    )


def _form(error: Failure) -> Iterator[Diagnostic]:
    rule = f"text that matches {error.limit}" if error.keyword == "pattern" else f"a valid {error.limit}"
    yield error.diagnostic(
        FORM,
        f"{subject(error.pointer)} does not have the right form",
        found=shown(error.value, error.place),
        expected=error.described() or (rule if error.keyword != "not" else "another value"),
    )


def _key_form(error: Failure) -> Iterator[Diagnostic]:
    key = str(error.kind.error.instance)
    yield error.diagnostic(
        FORM,
        f"a key in {subject(error.pointer)} does not have the right form",
        error.positions((*error.pointer, key), True),
        found=shown(key),
        expected=error.described(),
    )


def _bounds(error: Failure) -> Iterator[Diagnostic]:
    message, expected = _BOUNDS[error.keyword]
    phrase, *unit = expected.split("|")
    value = error.value
    found = shown(value, error.place)
    if unit:
        found = times(len(value), *unit) if len(value) else f"no {unit[1]}"
    amount = times(error.limit, *unit) if unit else str(error.limit)
    yield error.diagnostic(
        BOUNDS,
        f"{subject(error.pointer)} {message}",
        error.positions(error.pointer, "Items" in error.keyword or "Properties" in error.keyword),
        found=found,
        expected=phrase.format(amount),
    )


def _repeated(error: Failure) -> Iterator[Diagnostic]:
    seen: dict[Any, int] = {}
    for index, item in enumerate(error.value):
        first = seen.setdefault(_identity(item), index)
        if first < index:
            yield error.diagnostic(
                REPEATED,
                f"{subject((*error.pointer, index))} stands in the list already",
                error.positions((*error.pointer, index)),
                found=shown(item, error.positions((*error.pointer, index))),
                related=(Related("first given here", error.positions((*error.pointer, first))),),
                hint="remove it",
            )


def _identity(value: Any) -> Any:
    """What two values share exactly when JSON Schema calls them equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, dict):
        return ("mapping", frozenset((key, _identity(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("list", tuple(map(_identity, value)))
    return (type(value).__name__ if isinstance(value, bool) else "", value)


def _alternatives(error: Failure) -> Iterator[Diagnostic]:
    branches = [error.schema.at((*error.rule, index)) for index in range(len(error.limit))]
    described = [error.schema.description((*error.rule, index)) for index in range(len(branches))]
    phrases = [
        text or (types([branch["type"]]) if isinstance(branch.get("type"), str) else "")
        for text, branch in zip(described, branches, strict=True)
        if isinstance(branch, dict)
    ]
    several = type(error.kind).__name__ == "OneOfMultipleValid"
    amount = "several of the permitted forms at once" if several else "none of the permitted forms"
    yield error.diagnostic(
        ALTERNATIVES,
        f"{subject(error.pointer)} has {amount}",
        found=shown(error.value, error.place),
        expected="; or ".join(phrase for phrase in phrases if phrase) or error.described(),
    )


def _other(error: Failure) -> Iterator[Diagnostic]:
    yield error.diagnostic(
        OTHER,
        f"{subject(error.pointer)} is refused by the rule '{error.keyword}' of its schema",
        found=shown(error.value, error.place),
        expected=error.described(),
    )


_BY_KEYWORD: Final[dict[str, Callable[[Failure], Iterator[Diagnostic]]]] = {
    "additionalProperties": _unknown_keys,
    "unevaluatedProperties": _unknown_keys,
    "required": _missing_key,
    "type": _type,
    "enum": _choice,
    "const": _choice,
    "propertyNames": _key_form,
    "uniqueItems": _repeated,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
    **dict.fromkeys(FORMS, _form),
    **dict.fromkeys(_BOUNDS, _bounds),
}


def explain(failure: Failure) -> Iterator[Diagnostic]:
    """The diagnostics of one failure: several where several keys or items fail the same demand."""
    return _BY_KEYWORD.get(failure.keyword, _other)(failure)
