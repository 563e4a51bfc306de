"""What a document's data lack to fit its schema: each of the validator's errors in a sentence, at its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from jsonschema_rs import ValidationError

from generator.diagnostics import Code, Diagnostic, Related, Severity, did_you_mean, listing
from generator.load.phrases import shown, subject, times, types, written
from generator.load.positions import Positions
from generator.load.scalars import WORDS_OF_1_1
from generator.load.schema import API_VERSION, Schema
from generator.source import Location, Pointer

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


@dataclass(frozen=True, slots=True)
class _Error:
    """One of the validator's errors, with what is needed to explain it."""

    error: ValidationError
    schema: Schema
    positions: Positions

    @property
    def pointer(self) -> Pointer:
        return tuple(self.error.instance_path)

    @property
    def rule(self) -> Pointer:
        """Where the schema makes the demand, with references resolved."""
        return tuple(self.error.schema_path)

    @property
    def kind(self) -> Any:
        """What the validator knows of the error: the fields differ by keyword (`jsonschema_rs.ValidationErrorKind`)."""
        return self.error.kind

    @property
    def value(self) -> Any:
        """The value that does not fit."""
        return self.error.instance

    @property
    def keyword(self) -> str:
        return self.error.kind.name

    @property
    def limit(self) -> Any:
        """The value of the keyword that was not met."""
        return self.error.kind.value

    @property
    def place(self) -> Location:
        return self.positions(self.pointer)

    def described(self) -> str:
        """What the schema says of the value, from the demand outwards as far as the same value is meant."""
        return self.schema.description(self.rule[:-1])

    def diagnostic(self, code: Code, message: str, location: Location | None = None, **details: Any) -> Diagnostic:
        """An error at the value, unless another place is given; declared where the schema demands it."""
        details.setdefault("declared", self.schema.locate(self.rule))
        return Diagnostic(code, Severity.ERROR, message, location or self.place, **details)


def conformity(
    data: dict[str, Any], schema: Schema, positions: Positions, integral: bool
) -> Iterator[tuple[Pointer, str, Diagnostic]]:
    """Every fault of the data under the schema: where (a pointer), the schema keyword not met, and the diagnostic.

    `integral` is whether numbers such as `8080.0` were read, which JSON Schema lets through as integers. A value of the
    wrong type is only told that; what else the schema says of it makes no sense to the reader then.
    """
    if not schema.validator.is_valid(data):
        errors = [_Error(error, schema, positions) for error in schema.validator.iter_errors(data)]
        mistyped = {error.pointer for error in errors if error.keyword == "type"}
        for error in errors:
            if error.keyword == "type" or error.pointer not in mistyped:
                for diagnostic in _EXPLAIN.get(error.keyword, _other)(error):
                    yield error.pointer, error.keyword, diagnostic
    if integral:
        yield from _fractions(data, schema, positions)


def _fractions(data: dict[str, Any], schema: Schema, positions: Positions) -> Iterator[tuple[Pointer, str, Diagnostic]]:
    """Numbers with a fraction of zero where the schema wants a whole number: found by making the fraction count."""
    for found in schema.validator.iter_errors(_unrounded(data)):
        error = _Error(found, schema, positions)
        if error.keyword == "type" and type(error.value) is float and "integer" in error.kind.types:
            text = written(error.place)
            message = f"{subject(error.pointer)} must be {types(error.kind.types)}"
            hint = (
                f"write {text.partition('.')[0]}" if text.partition(".")[2].strip("0") == "" else "write all its digits"
            )
            yield error.pointer, error.keyword, error.diagnostic(TYPE, message, found=text, hint=hint)


def _unrounded(value: Any) -> Any:
    """A copy in which each float that is a whole number is moved off it. The reader bounds how deep values nest."""
    if isinstance(value, dict):
        return {key: _unrounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unrounded(item) for item in value]
    return value + 0.5 if isinstance(value, float) and value.is_integer() and abs(value) < 2**51 else value


def _unknown_keys(error: _Error) -> Iterator[Diagnostic]:
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


def _missing_key(error: _Error) -> Iterator[Diagnostic]:
    key = error.kind.property
    rule = (*error.rule[:-1], "properties", key)
    part = error.schema.at(rule)
    description = error.schema.description(rule)
    examples = part.get("examples", [part["const"]] if "const" in part else []) if isinstance(part, dict) else []
    hint = (
        f"add `{key}: {json.dumps(examples[0], ensure_ascii=False)}`, or what it is here"
        if examples
        else f"add `{key}:`"
    )
    yield error.diagnostic(
        MISSING_KEY,
        f"the key '{key}' is missing" + (f" in {subject(error.pointer)}" if error.pointer else ""),
        error.positions(error.pointer, True),
        expected=f"{key}: {description}" if description else "",
        declared=error.schema.locate(rule),
        hint=hint,
    )


def _type(error: _Error) -> Iterator[Diagnostic]:
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


def _choice(error: _Error) -> Iterator[Diagnostic]:
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


def _form(error: _Error) -> Iterator[Diagnostic]:
    rule = f"text that matches {error.limit}" if error.keyword == "pattern" else f"a valid {error.limit}"
    yield error.diagnostic(
        FORM,
        f"{subject(error.pointer)} does not have the right form",
        found=shown(error.value, error.place),
        expected=error.described() or (rule if error.keyword != "not" else "another value"),
    )


def _key_form(error: _Error) -> Iterator[Diagnostic]:
    key = str(error.kind.error.instance)
    yield error.diagnostic(
        FORM,
        f"a key in {subject(error.pointer)} does not have the right form",
        error.positions((*error.pointer, key), True),
        found=shown(key),
        expected=error.described(),
    )


def _bounds(error: _Error) -> Iterator[Diagnostic]:
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


def _repeated(error: _Error) -> Iterator[Diagnostic]:
    items = error.value
    for index, item in enumerate(items):
        first = items.index(item)
        if first < index:
            yield error.diagnostic(
                REPEATED,
                f"{subject((*error.pointer, index))} stands in the list already",
                error.positions((*error.pointer, index)),
                found=shown(item, error.positions((*error.pointer, index))),
                related=(Related("first given here", error.positions((*error.pointer, first))),),
                hint="remove it",
            )


def _alternatives(error: _Error) -> Iterator[Diagnostic]:
    branches = [error.schema.at((*error.rule, index)) for index in range(len(error.limit))]
    described = [error.schema.description((*error.rule, index)) for index in range(len(branches))]
    phrases = [
        text or (types([branch["type"]]) if isinstance(branch.get("type"), str) else "")
        for text, branch in zip(described, branches, strict=True)
        if isinstance(branch, dict)
    ]
    yield error.diagnostic(
        ALTERNATIVES,
        f"{subject(error.pointer)} has none of the permitted forms",
        found=shown(error.value, error.place),
        expected="; or ".join(phrase for phrase in phrases if phrase) or error.described(),
    )


def _other(error: _Error) -> Iterator[Diagnostic]:
    yield error.diagnostic(
        OTHER,
        f"{subject(error.pointer)} is refused by the rule '{error.keyword}' of its schema",
        found=shown(error.value, error.place),
        expected=error.described(),
    )


_EXPLAIN: Final[dict[str, Callable[[_Error], Iterator[Diagnostic]]]] = {
    "additionalProperties": _unknown_keys,
    "unevaluatedProperties": _unknown_keys,
    "required": _missing_key,
    "type": _type,
    "enum": _choice,
    "const": _choice,
    "pattern": _form,
    "format": _form,
    "not": _form,
    "propertyNames": _key_form,
    "uniqueItems": _repeated,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
    **dict.fromkeys(_BOUNDS, _bounds),
}
