"""The published schema of JSON output, and what of a report it does not describe."""

from __future__ import annotations

import copy
import json
from typing import Any, Final

import jsonschema_rs

from tests.conftest import REPOSITORY

SCHEMA: Final = json.loads((REPOSITORY / "schemas/output/report.schema.json").read_text(encoding="utf-8"))


def _closed(schema: Any) -> Any:
    """The schema without room for fields that it does not name: a reader may meet new ones, our tests must not."""
    schema = copy.deepcopy(schema)

    def close(part: Any) -> None:
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            close(inner)
        if isinstance(part, dict) and isinstance(part.get("properties"), dict) and "required" in part:
            part["additionalProperties"] = False

    close(schema)
    return schema


_VALIDATOR: Final = jsonschema_rs.Draft202012Validator(_closed(SCHEMA), validate_formats=True)


def departures(written: str) -> list[str]:
    """Where a JSON report is not what the schema says, or says more."""
    errors = _VALIDATOR.iter_errors(json.loads(written))
    return [f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in errors]
