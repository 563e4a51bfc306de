"""The OpenAPI schema of a CustomResourceDefinition → a JSON Schema in which every object is closed.

The API server drops fields that a schema does not name, so each object takes only those that are given; one for which
nothing is given takes none. `x-kubernetes-preserve-unknown-fields` leaves one level open, as it does there. What is not
a keyword of a structural schema is left out, references above all.
Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_KEPT: Final = (
    "default",
    "description",
    "enum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "minItems",
    "minLength",
    "minProperties",
    "multipleOf",
    "pattern",
    "required",
    "title",
    "uniqueItems",
)
_LISTS: Final = ("allOf", "anyOf", "oneOf")
_BOUNDS: Final = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
_TEXT: Final[dict[str, Any]] = {"type": "string"}
_TEXTS: Final[dict[str, Any]] = {"type": "object", "additionalProperties": _TEXT}
_METADATA: Final[dict[str, Any]] = {
    "annotations": _TEXTS,
    "creationTimestamp": {"type": ["string", "null"]},
    "deletionGracePeriodSeconds": {"type": "integer"},
    "deletionTimestamp": _TEXT,
    "finalizers": {"type": "array", "items": _TEXT},
    "generateName": _TEXT,
    "generation": {"type": "integer"},
    "labels": _TEXTS,
    "managedFields": {"type": "array", "items": {"type": "object"}},
    "name": _TEXT,
    "namespace": _TEXT,
    "ownerReferences": {
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["apiVersion", "kind", "name", "uid"],
            "properties": {
                "apiVersion": _TEXT,
                "blockOwnerDeletion": {"type": "boolean"},
                "controller": {"type": "boolean"},
                "kind": _TEXT,
                "name": _TEXT,
                "uid": _TEXT,
            },
        },
    },
    "resourceVersion": _TEXT,
    "selfLink": _TEXT,
    "uid": _TEXT,
}
"""The fields of ObjectMeta, which no definition repeats (meta/v1)."""


def closed_root(schema: Mapping[str, Any], api_version: str, kind: str) -> dict[str, Any]:
    """The schema of a kind as a whole: what it is called, and the fields that every object has."""
    made: dict[str, Any] = _closed(schema, structural=True)
    given = made.get("properties", {})
    metadata = _metadata()
    limits = given.get("metadata", {}).get("properties", {})
    metadata["properties"] = {
        key: {**value, **{limit: says for limit, says in limits.get(key, {}).items() if limit != "type"}}
        for key, value in metadata["properties"].items()
    }
    made["type"] = "object"
    made["properties"] = {**given, "apiVersion": {"const": api_version}, "kind": {"const": kind}, "metadata": metadata}
    made["required"] = sorted({"apiVersion", "kind", "metadata", *made.get("required", ())})
    if not schema.get("x-kubernetes-preserve-unknown-fields"):
        made["additionalProperties"] = False
    return made


def _closed(schema: Any, *, structural: bool) -> Any:
    """One schema. Those below `allOf` and its like only narrow values (not `structural`): they close nothing."""
    if not isinstance(schema, Mapping):
        return schema
    made = {key: schema[key] for key in _KEPT if key in schema}
    made.update({key: value for key, value in schema.items() if key.startswith("x-kubernetes-")})
    _bounds(schema, made)
    either = bool(schema.get("x-kubernetes-int-or-string"))
    for key in _LISTS:
        # `anyOf: [integer, string]` is how definitions repeat that a value is one or the other.
        if key in schema and not (either and key == "anyOf"):
            made[key] = [_closed(inner, structural=False) for inner in schema[key]]
    if "not" in schema:
        made["not"] = _closed(schema["not"], structural=False)
    if "items" in schema:
        made["items"] = _closed(schema["items"], structural=structural)
    if "properties" in schema:
        made["properties"] = {key: _closed(value, structural=structural) for key, value in schema["properties"].items()}
    if isinstance(schema.get("additionalProperties"), Mapping | bool):
        made["additionalProperties"] = _closed(schema["additionalProperties"], structural=structural)
    types = ["integer", "string"] if either else [schema["type"]] if "type" in schema else []
    if structural and schema.get("x-kubernetes-embedded-resource"):
        made["properties"] = {
            "apiVersion": _TEXT,
            "kind": _TEXT,
            **made.get("properties", {}),
            "metadata": _metadata(),
        }
        made["required"] = sorted({"apiVersion", "kind", "metadata", *made.get("required", ())})
    if structural and types == ["object"] and "additionalProperties" not in made:
        made["additionalProperties"] = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
    _types(schema, made, types)
    return made


def _types(schema: Mapping[str, Any], made: dict[str, Any], types: list[Any]) -> None:
    """JSON Schema says `nullable` by a type, and an enumeration must then list null as well."""
    if schema.get("nullable") and types:
        types = [*types, "null"]
        if isinstance(made.get("enum"), list) and None not in made["enum"]:
            made["enum"] = [*made["enum"], None]
    if types:
        made["type"] = types[0] if len(types) == 1 else types


def _bounds(schema: Mapping[str, Any], made: dict[str, Any]) -> None:
    """In OpenAPI 3.0 an exclusive bound is a flag beside the bound, in JSON Schema it is the bound itself."""
    for bound, exclusive in _BOUNDS:
        if bound in schema:
            made[exclusive if schema.get(exclusive) is True else bound] = schema[bound]


def _metadata() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": dict(_METADATA)}
