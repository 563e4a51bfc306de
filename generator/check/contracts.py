"""Schemas of custom resources, in `<group>/<kind in lower case>_<version>.json`: kubeconform's layout.

Those of `schemas/crds/` are contracts of our own, not copies of upstream's definitions: each holds just the fields that
the templates give, closed, so that a misspelt field is found where upstream would drop it. What a contract accepts
upstream accepts too (tests/check/test_contracts.py). A fleet has schemas of its own in `crds/`, which
`tenantry schemas import` makes from upstream's definitions; they take precedence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
from msgspec import Struct

from generator.check.fields import field, string
from generator.diagnostics import Code, Diagnostic, Severity
from generator.installed import schema_folder
from generator.source import Location

UNUSABLE: Final = Code(
    "CHK140",
    "a schema of the fleet's own cannot be used",
    "What it was imported for would be held against nothing, or against something else than its reader believes.",
)
SCOPE: Final = "x-tenantry-scope"
"""Where an imported schema says what its definition does (`spec.scope`), which JSON Schema has no word for."""
OWN: Final = "crds"
"""The fleet's folder of schemas of its own. `schemas/` is the tool's where tool and fleet share a checkout."""

_Key = tuple[str, str]


class Contract(Struct, frozen=True):
    """The schema of one kind, as data and compiled. `path` is its file in the fleet's folder, "" for a shipped one.

    `ruled` says that its definition has rules in CEL (`x-kubernetes-validations`), which nothing here evaluates.
    """

    data: dict[str, Any]
    validator: Any
    path: str = ""
    ruled: bool = False

    @property
    def namespaced(self) -> bool | None:
        """Whether the kind lives in a namespace; None where the schema does not say."""
        return {"Namespaced": True, "Cluster": False}.get(string(self.data, SCOPE))

    def knows(self, kind: str) -> bool:
        """Whether it is the schema of a kind spelt like this; one that says nothing takes its file's word."""
        said = string(self.data, "properties", "kind", "const")
        return said == kind if said else True


class Contracts:
    """All schemas of custom resources that a fleet is checked by. `own` are the files of its `crds/`, path → content.

    A shipped contract is compiled when its kind is first seen, the fleet's own at once, since none of them may be
    broken without a finding, whether its kind is rendered or not. `faults` are those findings.
    """

    __slots__ = ("_own", "_texts", "faults")

    def __init__(self, own: Mapping[str, bytes] | None = None) -> None:
        self._own: dict[_Key, Contract | None] = {}
        self._texts: dict[_Key, bytes] = {}
        faults = []
        for path, text in sorted((own or {}).items()):
            if not path.endswith(".json"):
                continue
            key = _key(path)
            made = _own_contract(f"{OWN}/{path}", text, key)
            if isinstance(made, Diagnostic):
                faults.append(made)
            if key is not None:
                self._own[key] = made if isinstance(made, Contract) else None
                self._texts[key] = text
        self.faults: tuple[Diagnostic, ...] = tuple(faults)

    def of(self, api_version: str, kind: str) -> Contract | None:
        """The schema of a kind; None where there is none, and where the fleet's own one is broken."""
        key = (api_version, kind.lower())
        found = self._own[key] if key in self._own else _compiled(*key)
        return found if found is not None and found.knows(kind) else None

    def own_texts(self) -> Iterator[tuple[_Key, bytes]]:
        """The fleet's own schemas as they stand in their files; those that are broken are among the `faults`."""
        yield from self._texts.items()

    def texts(self) -> Iterator[tuple[_Key, bytes]]:
        """The usable schemas as they stand in their files, by apiVersion and kind in lower case."""
        for key, file in contract_files().items():
            if key not in self._own:
                yield key, file.read_bytes()
        for key, contract_ in self._own.items():
            if contract_ is not None:
                yield key, self._texts[key]

    def sources(self) -> Iterator[tuple[str, str, str]]:
        """(apiVersion, kind, the fleet's file or "") of every usable schema."""
        for (version, lower), text in self.texts():
            path = f"{OWN}/{path_of(version, lower)}" if (version, lower) in self._own else ""
            yield version, string(json.loads(text), "properties", "kind", "const") or lower, path


def contract(api_version: str, kind: str) -> Contract | None:
    """The shipped contract of a kind; None where there is none. It is compiled when the kind is first seen."""
    found = _compiled(api_version, kind.lower())
    return found if found is not None and found.knows(kind) else None


def path_of(api_version: str, kind: str) -> str:
    """Where the schema of a kind stands below its folder: `example.com/widget_v1.json`."""
    group, _, version = api_version.rpartition("/")
    return f"{group}/{kind.lower()}_{version}.json"


def compiled(data: dict[str, Any]) -> Any:
    """The validator of an imported schema. Raises ValueError (jsonschema-rs's own kinds of it) where there is none.

    Patterns are those of Go's RE2, which Rust's regex shares, with no looking around; a reference is never fetched.
    """
    return jsonschema_rs.Draft202012Validator(
        data, pattern_options=jsonschema_rs.RegexOptions(), retriever=_never_fetched
    )


@cache
def contract_files() -> dict[_Key, Path]:
    """Every contract, by apiVersion and kind in lower case. Rendered text never becomes a part of a path."""
    found = {}
    for group in (schema_folder() / "crds").iterdir():
        for file in group.iterdir():
            key = _key(f"{group.name}/{file.name}")
            if key is not None:
                found[key] = file
    return found


@cache
def _compiled(api_version: str, kind: str) -> Contract | None:
    file = contract_files().get((api_version, kind))
    if file is None:
        return None
    data = json.loads(file.read_bytes())
    return Contract(data, jsonschema_rs.Draft202012Validator(data))


def _key(path: str) -> _Key | None:
    """`example.com/widget_v1.json` → ("example.com/v1", "widget"); None for a path of any other form."""
    group, _, name = path.partition("/")
    kind, _, version = name.removesuffix(".json").rpartition("_")
    fits = group and kind and version and "/" not in name and kind == kind.lower()
    return (f"{group}/{version}", kind) if fits else None


def _own_contract(path: str, text: bytes, key: _Key | None) -> Contract | Diagnostic:
    """A file of the fleet's own, compiled, or what is wrong with it."""
    if key is None:
        return _unusable(path, "the schema is read by nobody under this name", expected="<group>/<kind>_<version>.json")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 0)
        return _unusable(path, "the schema is no JSON", found=str(error), line=line, column=getattr(error, "colno", 0))
    if not isinstance(data, dict):
        return _unusable(path, "the schema is no JSON object", found=type(data).__name__)
    said = (field(data, "properties", "apiVersion", "const"), field(data, "properties", "kind", "const"))
    if said[0] not in (None, key[0]) or str(said[1] or key[1]).lower() != key[1]:
        return _unusable(path, "the schema is of another kind than its name says", found=f"{said[1]}, {said[0]}")
    try:
        return Contract(data, compiled(data), path, ruled=b'"x-kubernetes-validations"' in text)
    except (ValueError, RecursionError) as error:
        return _unusable(path, "the schema does not compile", found=first_line(error))


def first_line(error: Exception) -> str:
    """What a library says is wrong, on one line and cut to length."""
    text = next(iter(str(error).splitlines()), type(error).__name__)
    return text if len(text) <= 200 else f"{text[:197]}..."


def _unusable(
    path: str, message: str, *, found: str = "", expected: str = "", line: int = 0, column: int = 0
) -> Diagnostic:
    return Diagnostic(
        code=UNUSABLE,
        severity=Severity.ERROR,
        message=message,
        location=Location(path, line, column),
        found=found,
        expected=expected,
        hint="import the definition again with `tenantry schemas import`, or remove the file",
    )


def _never_fetched(uri: str) -> Any:
    raise ValueError(f"{uri} is outside of the file, and nothing is fetched")
