"""Schemas of the custom resources that are rendered, in `schemas/crds/<group>/<kind in lower case>_<version>.json`.

They are contracts of our own, not copies of upstream's definitions: each holds just the fields that the templates give,
closed, so that a misspelt field is found where upstream would drop it. What a contract accepts upstream accepts too
(tests/check/test_contracts.py).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from typing import Any

import jsonschema_rs

from generator.installed import schema_folder


@dataclass(frozen=True, slots=True)
class Contract:
    """The schema of one kind, as data and compiled."""

    data: dict[str, Any]
    validator: Any


def contract(api_version: str, kind: str) -> Contract | None:
    """The contract of a kind; None where there is none. It is compiled when the kind is first seen."""
    found = _compiled(api_version, kind.lower())
    return found if found is not None and found.data["properties"]["kind"]["const"] == kind else None


@cache
def contract_files() -> dict[tuple[str, str], Traversable]:
    """Every contract, by apiVersion and kind in lower case. Rendered text never becomes a part of a path."""
    found = {}
    for group in (schema_folder() / "crds").iterdir():
        for file in group.iterdir():
            kind, _, version = file.name.removesuffix(".json").rpartition("_")
            found[f"{group.name}/{version}", kind] = file
    return found


@cache
def _compiled(api_version: str, kind: str) -> Contract | None:
    file = contract_files().get((api_version, kind))
    if file is None:
        return None
    data = json.loads(file.read_bytes())
    return Contract(data, jsonschema_rs.Draft202012Validator(data))
