"""kubeconform over rendered output: a second opinion on the objects of Kubernetes itself, where it is installed.

It is given the schemas that kubernetes-validate carries, in its own layout, and the contracts of custom resources, and
no others: nothing is fetched, and a result does not depend on the day. Kinds that have no schema there are counted,
never left out by `-ignore-missing-schemas`. What it says joins the findings, at the line it speaks of.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from generator.check.contracts import Contracts, path_of
from generator.check.fields import field, items, string
from generator.check.findings import made_by
from generator.check.objects import Reading, read
from generator.check.schemas import definitions_file
from generator.diagnostics import Code, Diagnostic, Severity
from generator.model.tree import Tree
from generator.source import Location, Pointer

INVALID: Final = Code(
    "CHK130",
    "kubeconform refuses an object",
    "The object does not match the API of its cluster's Kubernetes version, which would refuse it as well.",
)
NOT_RUN: Final = Code(
    "CHK131",
    "kubeconform could not check a cluster",
    "Its objects were not looked at, though the program is installed.",
)

LAYOUT: Final = "{{.NormalizedKubernetesVersion}}-standalone-strict/{{.ResourceKind}}{{.KindSuffix}}.json"
"""Where kubeconform looks for a schema below its schema location."""
CONTRACTS: Final = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
"""The same for the contracts of custom resources, as `schemas/crds/` holds them."""
_REFERENCE: Final = re.compile(r'"#/\$defs/([^"]+)"')
_FAULT: Final = re.compile(r"- at '([^']*)': (.*?)(?= - at '|$)")
"""One fault in its message; `validationErrors` beside it has only the outermost, without saying what is wrong."""
_NO_SCHEMA: Final = "could not find schema for "
_TIMEOUT: Final = 600
"""Seconds for one cluster; a cell of 500 tenants takes some ten."""


class Outcome(Struct, frozen=True):
    """What kubeconform said: `objects` it saw, `unchecked` ones that it has no schema for."""

    diagnostics: tuple[Diagnostic, ...]
    objects: int
    unchecked: int


def installed() -> str | None:
    """Where kubeconform is, None where it is not on the path."""
    return shutil.which("kubeconform")


def check(tree: Tree, kubernetes: Mapping[str, str], program: str, contracts: Contracts | None = None) -> Outcome:
    """Runs `program` once for each cluster. `kubernetes` is the version of each ("1.34") by its name, `contracts` the
    schemas of custom resources, where they are others than the shipped ones."""
    found: list[Diagnostic] = []
    objects = unchecked = 0
    with tempfile.TemporaryDirectory(prefix="tenantry-") as scratch:
        folder = Path(scratch)
        for path, body in tree.files.items():
            file = folder / "rendered" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(body)
        write_contracts(folder / "contracts", contracts or Contracts())
        for cluster in sorted({path.partition("/")[0] for path in tree.files}):
            version = kubernetes.get(cluster, "")
            results, fault = _run(program, folder, cluster, version)
            if fault:
                found.append(_not_run(cluster, fault))
            for result in results:
                objects += 1
                if _without_schema(result):
                    unchecked += 1
                else:
                    found.extend(_findings(result, folder, tree))
    return Outcome(tuple(sorted(dict.fromkeys(found), key=lambda each: each.order)), objects, unchecked)


def write_schemas(folder: Path, kubernetes: str) -> bool:
    """Writes the schemas of a version ("1.34") in kubeconform's layout below `folder`; False where there are none.

    Each file holds its kind and the definitions that this one needs, so that no reference leaves it, and kubeconform
    has little to compile. Its `$id` is left out, for it would make every reference one to the internet.
    """
    file = definitions_file(kubernetes)
    if file is None:
        return False
    place = folder / f"v{kubernetes}.0-standalone-strict"
    if place.is_dir():
        return True
    place.mkdir(parents=True)
    data = json.loads(file.read_bytes())
    definitions = data["$defs"]
    for name, definition in definitions.items():
        if "metadata" not in definition.get("properties", {}) or name.endswith("List"):
            continue
        for entry in definition.get("x-kubernetes-group-version-kind", ()):
            group = f"-{entry['group'].partition('.')[0]}" if entry["group"] else ""
            needed = {each: definitions[each] for each in _needed(name, definitions)}
            schema = {"$schema": data["$schema"], **definition, "$defs": needed}
            target = place / f"{entry['kind'].lower()}{group}-{entry['version']}.json"
            target.write_text(json.dumps(schema), encoding="utf-8")
    return True


def write_contracts(folder: Path, contracts: Contracts) -> None:
    """Writes the contracts below `folder`, where they are files even when the package is not unpacked."""
    for (api_version, kind), text in contracts.texts():
        target = folder / path_of(api_version, kind)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)


def _needed(name: str, definitions: dict[str, Any]) -> list[str]:
    """The definitions that one refers to, directly or not."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        for each in _REFERENCE.findall(json.dumps(definitions[waiting.pop()])):
            if each not in found:
                found[each] = None
                waiting.append(each)
    return sorted(found)


def _run(program: str, folder: Path, cluster: str, kubernetes: str) -> tuple[list[Any], str]:
    """Its results for one cluster, or why there are none."""
    if not write_schemas(folder / "schemas", kubernetes):
        return [], f"there are no schemas of Kubernetes {kubernetes or 'of an unknown version'}"
    command = [
        program,
        "-strict",
        "-verbose",
        "-output=json",
        f"-kubernetes-version={kubernetes}.0",
        f"-schema-location={folder / 'schemas'}/{LAYOUT}",
        f"-schema-location={folder / 'contracts'}/{CONTRACTS}",
        str(folder / "rendered" / cluster),
    ]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_TIMEOUT, stdin=subprocess.DEVNULL)
        said = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError) as failure:
        return [], f"it cannot be run: {failure}"
    except ValueError:
        words = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        return [], f"it ended with {done.returncode} and no result: {words or 'it said nothing'}"
    if not isinstance(field(said, "resources"), list):
        return [], "its result has no list of resources"
    # A document of comments alone has no status.
    return [result for _, result in items(said, "resources") if string(result, "status")], ""


def _without_schema(result: Any) -> bool:
    return string(result, "status") == "statusError" and string(result, "msg").startswith(_NO_SCHEMA)


def _findings(result: Any, folder: Path, tree: Tree) -> Iterator[Diagnostic]:
    """What is wrong with one object: each of its faults, or that it could not be read."""
    if string(result, "status") not in ("statusInvalid", "statusError"):
        return
    path = string(result, "filename").removeprefix(f"{folder / 'rendered'}/")
    reading = read(path, tree.files[path]) if path in tree.files else None
    label = " ".join(filter(None, (string(result, "kind"), string(result, "name")))) or "the file"
    said = " ".join(string(result, "msg").split())
    faults = [(where, message) for where, message in _FAULT.findall(said) if message != "validation failed"]
    for where, message in faults or [("", said)]:
        yield Diagnostic(
            code=INVALID,
            severity=Severity.ERROR,
            message=f"kubeconform refuses {label}: {message}",
            location=_place(reading, result, where, path),
            related=made_by(reading.file) if reading is not None else (),
            hint="mend the template or the input that made the object",
        )


def _place(reading: Reading | None, result: Any, where: str, path: str) -> Location:
    """The line that kubeconform means: it says kind, name and the path of the value, and no line."""
    wanted = (string(result, "version"), string(result, "kind"), string(result, "name"))
    for rendered in reading.objects if reading is not None else ():
        if (rendered.api_version, rendered.kind, rendered.name) == wanted:
            return rendered.locate(_pointer(rendered.data, where))
    return Location(f"rendered/{path}")


def _pointer(data: Any, where: str) -> Pointer:
    """`/spec/ports/0` as a pointer; its parts are numbers where there is a list."""
    pointer: Pointer = ()
    for part in where.split("/")[1:]:
        at = field(data, *pointer)
        pointer = (*pointer, int(part) if isinstance(at, list) and part.isdigit() else part)
    return pointer


def _not_run(cluster: str, fault: str) -> Diagnostic:
    return Diagnostic(
        code=NOT_RUN,
        severity=Severity.ERROR,
        message=f"kubeconform did not check {cluster}: {fault}",
        location=Location(f"rendered/{cluster}"),
        hint="mend its installation, or leave it out with --no-kubeconform",
    )
