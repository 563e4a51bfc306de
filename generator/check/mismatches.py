"""One disagreement between an object and its schema, told so that a person can mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from jsonschema_rs import ValidationErrorKind
from msgspec import Struct

from generator.check.choices import QUANTITY_FORM
from generator.check.fields import field
from generator.check.findings import finding, shown
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic, did_you_mean, listing
from generator.source import Pointer

OTHER_SHAPE: Final = Code(
    "CHK080",
    "an object does not match the Kubernetes API",
    "The API server refuses the object when Argo CD syncs it.",
)
UNKNOWN_FIELD: Final = Code(
    "CHK081",
    "an object has a field that the Kubernetes API does not know",
    "The API server drops the field or refuses the object; what it was meant to do does not happen.",
)


class Asked(Struct, frozen=True):
    """What an object was held against: the name of the API, and the document in which the error's keyword stands.

    `remedy` is what to do when a field is right and the document does not know it.
    """

    api: str
    document: Mapping[str, Any]
    remedy: str = "look its place up in the API"


def mismatch(rendered: Rendered, error: Any, asked: Asked) -> Iterator[Diagnostic]:
    """The diagnostics for one error of jsonschema-rs: one for each unknown field, else one."""
    at: Pointer = tuple(error.instance_path)
    if len(at) > 2 and at[-3] == "metadata" and at[-2] in {"labels", "annotations"}:
        return  # generator.check.labels tells it, for custom resources too
    where = _dotted(at) or rendered.kind
    kind = error.kind
    if isinstance(kind, ValidationErrorKind.AdditionalProperties):
        known = _properties(error, asked)
        for name in kind.unexpected:
            yield finding(
                UNKNOWN_FIELD,
                rendered,
                (*at, name),
                f"{where} has no field '{name}' in {asked.api}",
                expected=listing(known),
                hint=did_you_mean(name, known) or f"take the field out of the template, or {asked.remedy}",
                key=True,
            )
        return
    found, expected, missing = _words(kind, error)
    yield finding(
        OTHER_SHAPE,
        rendered,
        at,
        f"{where} lacks the field '{missing}'" if missing else f"{where} is not what {asked.api} takes",
        found=found,
        expected=expected,
        hint=_remedy(kind, error, missing),
        key=bool(missing),
    )


def _words(kind: Any, error: Any) -> tuple[str, str, str]:
    """What was found, what was expected, and the name of a missing field."""
    match kind:
        case ValidationErrorKind.Required():
            return "", "", str(kind.property).strip('"')
        case ValidationErrorKind.Type():
            types = [name for name in kind.types if name != "null"]
            return f"{shown(error.instance)} ({_type(error.instance)})", " or ".join(types), ""
        case ValidationErrorKind.Enum():
            options = [str(option) for option in kind.options if option is not None]
            return shown(error.instance), f"one of {listing(options)}", ""
        case ValidationErrorKind.Pattern(pattern) if pattern == QUANTITY_FORM:
            return shown(error.instance), "a quantity: a number, with a unit such as m, Ki, Mi or Gi", ""
        case ValidationErrorKind.OneOfNotValid() | ValidationErrorKind.AnyOf():
            types = sorted({name for branch in kind.context for inner in branch for name in _types(inner)})
            return f"{shown(error.instance)} ({_type(error.instance)})", " or ".join(types), ""
        case ValidationErrorKind.OneOfMultipleValid():
            return shown(error.instance), "a value", ""
        case _:
            return shown(error.instance), error.message, ""


def _types(error: Any) -> list[str]:
    return (
        [name for name in error.kind.types if name != "null"]
        if isinstance(error.kind, ValidationErrorKind.Type)
        else []
    )


def _remedy(kind: Any, error: Any, missing: str) -> str:
    if missing:
        return "add the field in the template"
    if isinstance(kind, ValidationErrorKind.Enum) and isinstance(error.instance, str):
        options = [option for option in kind.options if isinstance(option, str)]
        return did_you_mean(error.instance, options) or "write one of the values that the API takes"
    if isinstance(error.instance, bool | int | float) and "string" in _words(kind, error)[1]:
        return "quote the value in the template"
    if error.instance is None:
        return "give the field a value, or leave it out"
    return "change the template so that it gives what the API takes"


def _type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _dotted(pointer: Pointer) -> str:
    """`spec.ports[0].name`."""
    text = ""
    for step in pointer:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _properties(error: Any, asked: Asked) -> list[str]:
    """The fields that the schema knows beside the unknown one, found by the keyword's place in the document."""
    _, _, place = (error.absolute_keyword_location or "").partition("#/")
    steps = place.split("/") if place else error.schema_path
    return sorted(field(asked.document, *steps[:-1], "properties") or ())
