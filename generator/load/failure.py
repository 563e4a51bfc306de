"""One demand of a schema that a document does not meet."""

from __future__ import annotations

from typing import Any

from jsonschema_rs import ValidationError
from msgspec import Struct

from generator.diagnostics import Code, Diagnostic, Severity
from generator.load.positions import Positions
from generator.load.schema import Schema
from generator.source import Location, Pointer


class Failure(Struct, frozen=True):
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
