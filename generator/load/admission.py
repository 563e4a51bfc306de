"""The files of policies/admission: ValidatingAdmissionPolicies and their bindings, several documents in each.

They are Kubernetes' own objects and are rendered as they are, so only what rendering needs is looked at here: that each
is one of the two kinds, with a name and a spec. Whether the API takes them, and what they refuse, is found in rendered
output by the checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from generator.diagnostics import Code, Diagnostic, Severity, did_you_mean, has_errors
from generator.load.characters import LIMIT
from generator.load.positions import Positions
from generator.load.reader import Reading, read
from generator.model.document import Document
from generator.revision import blob_id
from generator.source import Pointer

OTHER_KIND: Final = Code(
    "INP060", "not an admission policy", "nothing else of policies/admission would reach a cluster as it stands"
)
INCOMPLETE: Final = Code(
    "INP061", "admission policy without an essential field", "the object could not be rendered, nor bound"
)

API_VERSION: Final = "admissionregistration.k8s.io/v1"
KINDS: Final = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
_ALLOWED: Final = frozenset({"apiVersion", "kind", "metadata", "spec"})
_METADATA: Final = frozenset({"name", "labels", "annotations"})


def admission_objects(
    path: str, raw: bytes, unreadable: tuple[Diagnostic, ...] = ()
) -> tuple[list[Document], tuple[Diagnostic, ...]]:
    """The objects of one file in its order, and its faults. What is broken is in it, as not valid."""
    if unreadable or len(raw) > LIMIT:
        return [], unreadable or read(path, raw).diagnostics
    blob = blob_id(raw)
    documents: list[Document] = []
    diagnostics: list[Diagnostic] = []
    for part in _parts(raw):
        reading = read(path, part)
        faults = [*reading.diagnostics, *(() if reading.broken else _judge(reading))]
        kind, name = reading.data.get("kind"), _name(reading.data)
        diagnostics += faults
        documents.append(
            Document(
                path=path,
                kind=kind if isinstance(kind, str) and kind in KINDS else KINDS[0],
                name=name,
                data=reading.data,
                valid=not has_errors(faults),
                locator=reading.positions,
                blob=blob,
            )
        )
    return documents, tuple(diagnostics)


def _parts(raw: bytes) -> Iterator[bytes]:
    """One text a document, each on its own lines: the lines of the others are empty, so that places hold.

    A line that begins with `---` begins a document wherever it stands in YAML, even inside a quoted text.
    """
    lines = raw.split(b"\n")
    starts = [0, *(number for number, line in enumerate(lines) if line.rstrip() == b"---"), len(lines)]
    for start, end in pairwise(starts):
        inside = lines[start:end]
        if inside and inside[0].rstrip() == b"---":
            inside = [b"", *inside[1:]]
        if any(line.strip() and not line.lstrip().startswith(b"#") for line in inside):
            yield b"\n".join([b""] * start + inside) + b"\n"


def _name(data: dict[str, Any]) -> str:
    metadata = data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""


def _judge(reading: Reading) -> Iterator[Diagnostic]:
    data, places = reading.data, reading.positions
    kind = data.get("kind")
    if data.get("apiVersion") != API_VERSION or kind not in KINDS:
        yield Diagnostic(
            OTHER_KIND,
            Severity.ERROR,
            "policies/admission holds ValidatingAdmissionPolicies and their bindings only",
            places(("kind",) if data.get("apiVersion") == API_VERSION else ("apiVersion",)),
            found=f"'{kind}' of '{data.get('apiVersion')}'",
            expected=f"{' or '.join(KINDS)} of {API_VERSION}",
            hint=f"write apiVersion: {API_VERSION}" if kind in KINDS else _other(str(kind)),
        )
        return
    metadata = data.get("metadata")
    if not _name(data):
        yield _incomplete(places, ("metadata",), "the object has no name", "write metadata.name")
    if not isinstance(data.get("spec"), dict):
        yield _incomplete(places, ("spec",), "the object has no spec", "write what it says below spec")
    elif kind == KINDS[1] and not isinstance(data["spec"].get("policyName"), str):
        yield _incomplete(places, ("spec",), "the binding names no policy", "write spec.policyName")
    yield from _unrendered(places, data, (), _ALLOWED)
    if isinstance(metadata, dict):
        yield from _unrendered(places, metadata, ("metadata",), _METADATA)
        for part in ("labels", "annotations"):
            yield from _no_strings(places, metadata.get(part, {}), part)


def _other(kind: str) -> str:
    return did_you_mean(kind, KINDS) or "move other objects to a template"


def _no_strings(places: Positions, value: Any, part: str) -> Iterator[Diagnostic]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        message = f"{part} must be a mapping of strings"
        yield _incomplete(places, ("metadata", part), message, "put numbers and true or false in quotes")


def _unrendered(places: Positions, data: dict[str, Any], at: Pointer, allowed: frozenset[str]) -> Iterator[Diagnostic]:
    for key in data:
        if key not in allowed:
            hint = did_you_mean(key, allowed) or "take it away"
            message = f"'{key}' is not rendered"
            yield Diagnostic(INCOMPLETE, Severity.ERROR, message, places((*at, key), True), hint=hint)


def _incomplete(places: Positions, pointer: Pointer, message: str, hint: str) -> Diagnostic:
    return Diagnostic(INCOMPLETE, Severity.ERROR, message, places(pointer, True), hint=hint)
