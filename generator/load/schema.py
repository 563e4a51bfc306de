"""The JSON Schemas of the inputs: compiled once, and the lines of their own files for what they demand."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

import jsonschema_rs
from msgspec import Struct

from generator.installed import schema_folder
from generator.load.lines import Source
from generator.load.positions import Positions
from generator.source import Location, Pointer

API_VERSION: Final = "tenantry.dev/v1"

SCHEMAS: Final = {
    "Approval": "approval",
    "Baseline": "baseline",
    "ComplianceFramework": "compliance",
    "Fleet": "fleet",
    "Guards": "guards",
    "Platform": "platform",
    "Provider": "provider",
    "Region": "region",
    "Tenant": "tenant",
    "Tier": "tier",
}
"""The kinds of input and the stems of their schemas."""


class Schema(Struct, frozen=True):
    """One kind's schema: `data` as parsed, `validator` compiled, `positions` in the file as displayed."""

    data: dict[str, Any]
    validator: jsonschema_rs.Draft202012Validator
    positions: Positions

    def at(self, pointer: Pointer) -> Any:
        """What the schema says at a pointer, None where it says nothing."""
        value: Any = self.data
        for step in pointer:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def locate(self, pointer: Pointer) -> Location:
        """The line of the schema's file that says it."""
        return self.positions(pointer, True)

    def description(self, pointer: Pointer) -> str:
        """The first sentence of the description at a pointer, without its full stop; "" where there is none."""
        part = self.at(pointer)
        text = part.get("description", "") if isinstance(part, dict) else ""
        first = text.partition(". ")[0]
        return str(first.removesuffix("."))


@cache
def schema_of(kind: str) -> Schema:
    """The schema of one of the kinds in `SCHEMAS`. Raises when its file is missing or wrong: a broken installation."""
    name = f"{SCHEMAS[kind]}.schema.json"
    text = (schema_folder() / name).read_text(encoding="utf-8")
    data = json.loads(text)
    validator = jsonschema_rs.Draft202012Validator(data, validate_formats=True)
    return Schema(data, validator, Positions(Source(f"schemas/{name}", text)))
