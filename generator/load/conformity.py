"""What a document's data lack to fit its schema: each of the validator's errors in a sentence, at its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.diagnostics import Diagnostic
from generator.load.failure import Failure
from generator.load.phrases import subject, types, written
from generator.load.positions import Positions
from generator.load.schema import Schema
from generator.load.sentences import FORMS, TYPE, explain
from generator.source import Pointer


def conformity(
    data: dict[str, Any], schema: Schema, positions: Positions, integral: bool
) -> Iterator[tuple[Pointer, str, Diagnostic]]:
    """Every fault of the data under the schema: where (a pointer), the schema keyword not met, and the diagnostic.

    `integral` is whether numbers such as `8080.0` were read, which JSON Schema lets through as integers. A value of the
    wrong type is only told that, and text of the wrong length nothing of its form: the one follows from the other.
    """
    if not schema.validator.is_valid(data):
        errors = [Failure(error, schema, positions) for error in schema.validator.iter_errors(data)]
        mistyped = {error.pointer for error in errors if error.keyword == "type"}
        misfit = {error.pointer for error in errors if error.keyword in ("minLength", "maxLength")}
        for error in errors:
            shadowed = error.pointer in mistyped or (error.keyword in FORMS and error.pointer in misfit)
            if error.keyword == "type" or not shadowed:
                for diagnostic in explain(error):
                    yield error.pointer, error.keyword, diagnostic
    if integral:
        yield from _fractions(data, schema, positions)


def _fractions(data: dict[str, Any], schema: Schema, positions: Positions) -> Iterator[tuple[Pointer, str, Diagnostic]]:
    """Numbers with a fraction of zero where the schema wants a whole number: found by making the fraction count."""
    for found in schema.validator.iter_errors(_unrounded(data)):
        error = Failure(found, schema, positions)
        if error.keyword == "type" and type(error.value) is float and "integer" in error.kind.types:
            text = written(error.place)
            message = f"{subject(error.pointer)} must be {types(error.kind.types)}"
            hint = f"write {int(error.value - 0.5)}"
            yield error.pointer, error.keyword, error.diagnostic(TYPE, message, found=text, hint=hint)


def _unrounded(value: Any) -> Any:
    """A copy in which each float that is a whole number is moved off it. The reader bounds how deep values nest."""
    if isinstance(value, dict):
        return {key: _unrounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unrounded(item) for item in value]
    return value + 0.5 if isinstance(value, float) and value.is_integer() and abs(value) < 2**51 else value
