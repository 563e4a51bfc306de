"""Whether objects match the API that will take them: their cluster's Kubernetes version, or their kind's contract.

The schemas of core objects are those that kubernetes-validate carries, one set a minor version, in their strict form:
a field that the API does not know is an error, as it is for a server-side apply with strict validation. Only the data
is used; the package itself is never imported, for it would bring a second, slower validator. Custom resources have
contracts (generator.check.contracts).
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
from msgspec import Struct, field

from generator.check.choices import lay_over
from generator.check.contracts import Contract, Contracts
from generator.check.findings import finding
from generator.check.index import Index
from generator.check.mismatches import OTHER_SHAPE, UNKNOWN_FIELD, Asked, mismatch
from generator.check.objects import Rendered
from generator.check.tally import Tally
from generator.diagnostics import Code, Diagnostic, Severity, did_you_mean, listing
from generator.source import Location

NO_SUCH_KIND: Final = Code(
    "CHK082",
    "a kind or version is not part of the cluster's Kubernetes",
    "The API server refuses the object; an API version that was removed takes its objects along at the upgrade.",
)
NO_SCHEMAS: Final = Code(
    "CHK083",
    "there are no schemas for a cluster's Kubernetes version",
    "None of its objects could be checked against the API.",
)
UNCHECKED: Final = Code(
    "CHK084",
    "objects have no schema",
    "They were rendered and not checked against the API that will take them.",
)
UNRULED: Final = Code(
    "CHK085",
    "the rules of a definition were not evaluated",
    "The API server refuses objects that break the rules in CEL of their kind's definition; here nothing looks.",
)

_URI: Final = "https://kubernetes.io/api/_definitions.json"

__all__ = [
    "NO_SCHEMAS",
    "NO_SUCH_KIND",
    "OTHER_SHAPE",
    "UNCHECKED",
    "UNKNOWN_FIELD",
    "UNRULED",
    "Api",
    "Outcome",
    "api",
    "check",
    "definitions_file",
]


class Api:
    """The core kinds of one Kubernetes version. Validators are compiled when a kind is first seen."""

    __slots__ = ("_registry", "_validators", "definitions", "groups", "kinds")

    def __init__(self, definitions: dict[str, Any]) -> None:
        lay_over(definitions)
        self.definitions = definitions
        self._registry = jsonschema_rs.Registry([(_URI, {"$defs": definitions})])
        self._validators: dict[tuple[str, str], Any] = {}
        self.kinds: dict[tuple[str, str], str] = {}
        """(apiVersion, kind) → the name of its definition."""
        for name, definition in definitions.items():
            for entry in definition.get("x-kubernetes-group-version-kind", ()):
                version = f"{entry['group']}/{entry['version']}" if entry["group"] else entry["version"]
                self.kinds.setdefault((version, entry["kind"]), name)
        self.groups = frozenset(version.rpartition("/")[0] for version, _ in self.kinds)

    def validator(self, api_version: str, kind: str) -> Any:
        """The compiled validator of a kind of `kinds`."""
        key = (api_version, kind)
        if key not in self._validators:
            reference = {"$ref": f"{_URI}#/$defs/{self.kinds[key]}"}
            self._validators[key] = jsonschema_rs.validator_for(reference, registry=self._registry)
        return self._validators[key]


class Outcome(Struct):
    """How many objects were compared with a schema or contract, and those that were not, by group, kind and version.
    Those of `ruled` were, but for the rules in CEL of an imported definition."""

    checked: int = 0
    unchecked: Tally[tuple[str, str, str]] = field(default_factory=Tally)
    ruled: Tally[tuple[str, str]] = field(default_factory=Tally)

    def include(self, later: Outcome) -> None:
        """Adds what was counted for another cluster."""
        self.checked += later.checked
        self.unchecked.include(later.unchecked)
        self.ruled.include(later.ruled)

    def notes(self) -> Iterator[Diagnostic]:
        """One note for each kind that has no schema, or rules that are not evaluated."""
        for (kind, version), example, count in self.ruled:
            yield finding(
                UNRULED,
                example,
                ("kind",),
                f"{count} of kind {kind} ({version}) not checked against the rules in CEL of its definition",
                hint="try them with a server-side dry run, or say the rules in policies/admission/",
                severity=Severity.NOTE,
            )
        for (group, kind, version), example, count in self.unchecked:
            yield finding(
                UNCHECKED,
                example,
                ("kind",),
                f"{count} of kind {kind} ({version}) not checked against a schema",
                found=f"{kind}, {version}",
                expected=f"a schema of {group or 'the core group'}",
                hint="import the kind's definition with `tenantry schemas import`",
                severity=Severity.NOTE,
            )


@lru_cache(maxsize=8)
def api(kubernetes: str) -> Api | None:
    """The API of a minor version ("1.34"); None where kubernetes-validate carries no schemas for it."""
    file = definitions_file(kubernetes)
    return Api(json.loads(file.read_bytes())["$defs"]) if file is not None else None


def definitions_file(kubernetes: str) -> Path | None:
    """The file that holds every definition of a minor version; None where kubernetes-validate carries none."""
    folder = _data()
    file = folder / f"v{kubernetes}.0-local-strict" / "_definitions.json" if folder is not None else None
    return file if file is not None and file.is_file() else None


def check(index: Index, outcome: Outcome, contracts: Contracts) -> Iterator[Diagnostic]:
    """Every object that has a schema or a contract; how many, and the others, are counted in `outcome`."""
    found = api(index.kubernetes) if index.kubernetes else None
    if found is None:
        yield _no_schemas(index)
    valid: dict[tuple[str, str], Callable[[Any], bool]] = {}
    for rendered in index.objects:
        key = (rendered.api_version, rendered.kind)
        if (is_valid := valid.get(key)) is not None and is_valid(rendered.data):
            outcome.checked += 1
        elif found is not None and key in found.kinds:
            outcome.checked += 1
            validator = found.validator(*key)
            valid[key] = validator.is_valid
            if not validator.is_valid(rendered.data):
                core = Asked(f"Kubernetes {index.kubernetes}", {"$defs": found.definitions})
                yield from _mismatches(rendered, validator, core)
        elif (agreed := contracts.of(rendered.api_version, rendered.kind)) is not None:
            outcome.checked += 1
            if agreed.ruled:
                outcome.ruled.add((rendered.kind, rendered.api_version), rendered)
            else:
                valid[key] = agreed.validator.is_valid
            if not agreed.validator.is_valid(rendered.data):
                yield from _mismatches(rendered, agreed.validator, _asked(rendered, agreed))
        elif found is not None and rendered.group in found.groups:
            outcome.checked += 1
            yield _no_such_kind(index, found, rendered)
        else:
            outcome.unchecked.add((rendered.group, rendered.kind, rendered.api_version), rendered)


def _asked(rendered: Rendered, agreed: Contract) -> Asked:
    if agreed.path:
        remedy = "import a newer definition with `tenantry schemas import`"
        return Asked(f"{rendered.api_version} ({agreed.path})", agreed.data, remedy)
    return Asked(rendered.api_version, agreed.data, "add it to the kind's contract in schemas/crds")


def _mismatches(rendered: Rendered, validator: Any, asked: Asked) -> Iterator[Diagnostic]:
    for error in validator.iter_errors(rendered.data):
        yield from mismatch(rendered, error, asked)


def _no_schemas(index: Index) -> Diagnostic:
    known = sorted(_versions(), key=lambda version: [int(part) for part in version.split(".")])
    return Diagnostic(
        code=NO_SCHEMAS,
        severity=Severity.ERROR,
        message=f"no object of {index.cluster} could be checked against the API",
        location=Location(f"rendered/{index.cluster}"),
        found=f"Kubernetes {index.kubernetes}" if index.kubernetes else "no Kubernetes version for this folder",
        expected=f"one of {', '.join(known)}" if known else "the data of kubernetes-validate",
        hint=(
            "upgrade kubernetes-validate, which carries the schemas, or correct the cluster's version"
            if index.kubernetes
            else "no region's file names this cluster: run `tenantry render`, or add the cluster"
        ),
    )


def _no_such_kind(index: Index, found: Api, rendered: Rendered) -> Diagnostic:
    versions = [version for version, kind in found.kinds if kind == rendered.kind]
    newest = max(
        (version for version in versions if "alpha" not in version and "beta" not in version),
        default=max(versions, default=""),
    )
    in_group = {kind for version, kind in found.kinds if version == rendered.api_version}
    return finding(
        NO_SUCH_KIND,
        rendered,
        ("apiVersion",) if versions else ("kind",),
        f"Kubernetes {index.kubernetes} has no {rendered.kind} in {rendered.api_version}",
        found=f"{rendered.kind}, {rendered.api_version}",
        expected=f"{rendered.kind} in {listing(versions)}" if versions else listing(in_group),
        hint=did_you_mean(rendered.kind, in_group) if not versions else f"render it as {newest}",
    )


@lru_cache(maxsize=1)
def _data() -> Path | None:
    """The folder of schemas inside the installed kubernetes-validate, found without importing it."""
    specification = importlib.util.find_spec("kubernetes_validate")
    for place in (specification.submodule_search_locations or ()) if specification is not None else ():
        if (folder := Path(place) / "kubernetes-json-schema").is_dir():
            return folder
    return None


def _versions() -> Iterator[str]:
    folder = _data()
    for entry in folder.iterdir() if folder is not None else ():
        if entry.name.endswith("-local-strict"):
            yield entry.name.removeprefix("v").removesuffix(".0-local-strict")
