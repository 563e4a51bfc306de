"""CustomResourceDefinitions as YAML or JSON → schemas for the fleet's `crds/`, and what is wrong with them.

The texts come from people, projects and clusters, so anything may stand in them: a fault is a diagnostic with its
line, and nothing of what was asked for is imported as long as there is one. The same definition gives the same bytes,
in whatever order its fields stand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct

from generator.check import events
from generator.check.closing import closed_root
from generator.check.contracts import SCOPE, compiled, first_line, path_of
from generator.check.fields import field, items, string
from generator.diagnostics import Code, Diagnostic, Severity, in_order
from generator.source import Location, Pointer

UNREADABLE: Final = Code(
    "CHK141", "definitions cannot be read", "Nothing of what stands in the file would be imported, and none would know."
)
NO_DEFINITION: Final = Code(
    "CHK142",
    "there is no CustomResourceDefinition",
    "Objects that the import was meant for would stay unchecked.",
)
MALFORMED: Final = Code(
    "CHK143",
    "a CustomResourceDefinition is not whole",
    "The API server would refuse it, and a schema made from it would be of no kind or check nothing.",
)
NOT_COMPILED: Final = Code(
    "CHK144",
    "the schema of a definition does not compile",
    "No object could be held against it.",
)

SIZE_LIMIT: Final = 25_000_000
"""Bytes of one text. The API server takes 1.5 MB for an object, and the largest projects' definitions are 10 MB."""
_LONG_LINE: Final = 400
_CRD: Final = "CustomResourceDefinition"
_GROUP: Final = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)+")
_KIND: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}")
_VERSION: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")


class Source(Struct, frozen=True):
    """One text: how messages name it, how the schemas made from it say where they are from, and its bytes."""

    shown: str
    origin: str
    text: bytes


class Imported(Struct, frozen=True):
    """One version of one kind: its schema as it is to be written, and the file below the fleet's `crds/`."""

    api_version: str
    group: str
    kind: str
    path: str
    text: bytes


class _Found(Struct, frozen=True):
    """A document or an item of a list: `at` is its place in the document, which takes the lines `first` to `last`."""

    source: Source
    first: int
    last: int
    at: Pointer
    data: Any

    def locate(self, *pointer: str | int, key: bool = False) -> Location:
        """The place of a value, or of the nearest one around it. Reads the document again, and no other one."""
        text = _lines(self.source.text)
        table = _places("\n".join(text[self.first - 1 : self.last]))
        wanted = (*self.at, *pointer)
        for length in range(len(wanted), -1, -1):
            place = table.get(wanted[:length])
            if place is not None:
                line, column = place.key if key or length < len(wanted) else place.value
                return _location(self.source, self.first + line - 1, column, place.width)
        return Location(self.source.shown)


def imported(sources: Iterable[Source]) -> tuple[tuple[Imported, ...], tuple[Diagnostic, ...]]:
    """Every served version of every definition, sorted by path, and all that is wrong with the texts."""
    made: dict[str, Imported] = {}
    found: list[Diagnostic] = []
    for source in sources:
        definitions, faults = _definitions(source)
        found += faults
        for definition in definitions:
            for result in _versions(definition):
                if isinstance(result, Diagnostic):
                    found.append(result)
                elif made.setdefault(result.path, result).text != result.text:
                    found.append(_given_twice(definition, result))
    return tuple(made[path] for path in sorted(made)), in_order(found)


def _definitions(source: Source) -> tuple[list[_Found], list[Diagnostic]]:
    """The definitions of one text: documents, and items of lists."""
    if len(source.text) > SIZE_LIMIT:
        return [], [_unreadable(source, f"{len(source.text):,} bytes", f"at most {SIZE_LIMIT:,} bytes")]
    try:
        text = source.text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.text.count(b"\n", 0, error.start) + 1
        said = f"{error.reason} at byte {error.start}"
        return [], [_unreadable(source, said, "UTF-8", Location(source.shown, line, 1))]
    parsed, faults = events.parse(text)
    # Definitions are written with `creationTimestamp: null` and `status: null`; nothing is read from such fields.
    wrong = [
        _unreadable(source, fault.message, "YAML", _location(source, fault.line, fault.column, fault.width))
        for fault in faults
        if fault.kind is not events.Kind.NULL
    ]
    if wrong:
        return [], wrong
    ends = [*(document.line - 1 for document in parsed[1:]), len(_lines(source.text))]
    objects = [each for document, end in zip(parsed, ends, strict=False) for each in _objects(source, document, end)]
    definitions = [each for each in objects if string(each.data, "kind") == _CRD]
    if definitions:
        return definitions, []
    kinds = sorted({string(each.data, "kind") for each in objects} - {""})
    return [], [_no_definition(source, objects, kinds)]


def _objects(source: Source, document: events.Parsed, end: int) -> Iterator[_Found]:
    if string(document.data, "kind").endswith("List"):
        for at, item in items(document.data, "items"):
            # The API server leaves kind and version out of the items of its own lists.
            kind = string(document.data, "kind").removesuffix("List")
            of_list = {"apiVersion": field(document.data, "apiVersion"), "kind": kind} if kind else {}
            data = {**of_list, **item} if isinstance(item, Mapping) else item
            yield _Found(source, document.line, end, at, data)
    else:
        yield _Found(source, document.line, end, (), document.data)


def _versions(definition: _Found) -> Iterator[Imported | Diagnostic]:
    """The schema of each version that is served, and what is wrong with the definition."""
    data = definition.data
    if string(data, "apiVersion") != "apiextensions.k8s.io/v1":
        yield _malformed(
            definition,
            ("apiVersion",),
            "the definition is of a version that Kubernetes no longer serves"
            if string(data, "apiVersion").startswith("apiextensions.k8s.io/")
            else "the definition has no version that is known",
            found=string(data, "apiVersion") or "nothing",
            expected="apiextensions.k8s.io/v1",
            hint="take the definitions of a newer release, or import them from a cluster, which hands them out as v1",
        )
        return
    group, kind = string(data, "spec", "group"), string(data, "spec", "names", "kind")
    broken = False
    for value, pattern, pointer, words in (
        (group, _GROUP, ("spec", "group"), "a name of DNS with a dot in it"),
        (kind, _KIND, ("spec", "names", "kind"), "letters and digits, at most 63"),
    ):
        if not pattern.fullmatch(value):
            broken = True
            said = _shown(field(data, *pointer))
            yield _malformed(definition, pointer, f"{'.'.join(pointer)} is no name", found=said, expected=words)
    versions = field(data, "spec", "versions")
    if not isinstance(versions, list) or not versions:
        yield _malformed(definition, ("spec", "versions"), "the definition has no versions", expected="a list of them")
    elif not broken:
        for number, version in enumerate(versions):
            yield from _version(definition, number, version, group, kind)


def _version(definition: _Found, number: int, version: Any, group: str, kind: str) -> Iterator[Imported | Diagnostic]:
    at: Pointer = ("spec", "versions", number)
    name = string(version, "name")
    if not _VERSION.fullmatch(name):
        said = _shown(field(version, "name"))
        yield _malformed(definition, (*at, "name"), "a version has no name", found=said, expected="such as v1beta1")
        return
    if field(version, "served") is not True:
        return
    inside: Pointer = (*at, "schema", "openAPIV3Schema")
    schema = field(version, "schema", "openAPIV3Schema")
    if not isinstance(schema, Mapping) or not schema:
        yield _malformed(
            definition,
            inside,
            f"version {name} of {kind} has no schema",
            found=_shown(schema),
            expected="spec.versions[].schema.openAPIV3Schema",
        )
        return
    fault = next(_misshapen(schema, inside), None)
    if fault is not None:
        pointer, found, expected = fault
        yield _malformed(definition, pointer, f"the schema of {kind} {name} is none", found=found, expected=expected)
        return
    api_version = f"{group}/{name}"
    origin = f"Imported by tenantry from {definition.source.origin}: CustomResourceDefinition of {kind}, {api_version}."
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": origin,
        **closed_root(schema, api_version, kind),
        "title": kind,
        **({SCOPE: scope} if (scope := string(definition.data, "spec", "scope")) in {"Namespaced", "Cluster"} else {}),
    }
    try:
        compiled(made)
    except (ValueError, RecursionError) as error:
        yield Diagnostic(
            NOT_COMPILED,
            Severity.ERROR,
            f"the schema of {kind} {name} does not compile",
            definition.locate(*inside, key=True),
            found=first_line(error),
            hint="report it to the project that the definition is from, or mend the definition",
        )
        return
    text = json.dumps(made, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    yield Imported(api_version, group, kind, path_of(api_version, kind), text.encode())


def _misshapen(schema: Any, at: Pointer) -> Iterator[tuple[Pointer, str, str]]:
    """The parts of a schema that are not what their keyword takes: (where, what was found, what was expected)."""
    if not isinstance(schema, Mapping):
        yield at, _shown(schema), "a schema"
        return
    yield from _odd_keywords(schema, at)
    if "properties" in schema and not isinstance(schema["properties"], Mapping):
        yield (*at, "properties"), _shown(schema["properties"]), "schemas by name"
    elif "properties" in schema:
        for name, inner in schema["properties"].items():
            yield from _misshapen(inner, (*at, "properties", name))
    for keyword in ("items", "not", "additionalProperties"):
        if keyword in schema and not (keyword == "additionalProperties" and isinstance(schema[keyword], bool)):
            yield from _misshapen(schema[keyword], (*at, keyword))
    for keyword in ("allOf", "anyOf", "oneOf"):
        if keyword in schema and not isinstance(schema[keyword], list):
            yield (*at, keyword), _shown(schema[keyword]), "a list of schemas"
        for number, inner in enumerate(schema.get(keyword) or ()):
            yield from _misshapen(inner, (*at, keyword, number))


def _odd_keywords(schema: Mapping[str, Any], at: Pointer) -> Iterator[tuple[Pointer, str, str]]:
    """What is wrong with the keywords that hold no schemas."""
    if "$ref" in schema:
        yield (*at, "$ref"), "$ref", "a schema without references"
    if "type" in schema and not isinstance(schema["type"], str):
        yield (*at, "type"), _shown(schema["type"]), "one type"
    if not _names(required := schema.get("required", [])):
        yield (*at, "required"), _shown(required), "a list of names"


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _unreadable(source: Source, found: str, expected: str, location: Location | None = None) -> Diagnostic:
    return Diagnostic(
        UNREADABLE,
        Severity.ERROR,
        f"{source.shown} cannot be read",
        location or Location(source.shown),
        found=found,
        expected=expected,
        hint="give the definitions as the project publishes them, or import them with --from-cluster",
    )


def _no_definition(source: Source, objects: list[_Found], kinds: list[str]) -> Diagnostic:
    return Diagnostic(
        NO_DEFINITION,
        Severity.ERROR,
        f"{source.shown} holds no {_CRD}",
        objects[0].locate("kind") if objects else Location(source.shown),
        found=", ".join(kinds[:8]) or ("objects without a kind" if objects else "nothing"),
        expected=_CRD,
        hint="give the file of definitions, which projects often publish by itself (crds.yaml)",
    )


def _malformed(
    definition: _Found, pointer: Pointer, message: str, *, found: str = "", expected: str, hint: str = ""
) -> Diagnostic:
    return Diagnostic(
        MALFORMED,
        Severity.ERROR,
        message,
        definition.locate(*pointer),
        found=found,
        expected=expected,
        hint=hint or "give the definition as the project publishes it",
    )


def _given_twice(definition: _Found, result: Imported) -> Diagnostic:
    return _malformed(
        definition,
        ("spec", "names", "kind"),
        f"{result.kind}, {result.api_version} is defined twice, and differently",
        expected="one definition",
        hint="leave one of them out",
    )


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True) if value is not None else "nothing"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _location(source: Source, line: int, column: int, width: int) -> Location:
    """A place in the text with its line, which is left out where a minified text stands on one."""
    text = _lines(source.text)
    shown = text[line - 1] if 0 < line <= len(text) else ""
    if not shown or len(shown) > _LONG_LINE:
        return Location(source.shown, line, column)
    return Location(source.shown, line, column, shown, max(1, min(width or 1, len(shown) - column + 1)))


@lru_cache(maxsize=4)
def _lines(text: bytes) -> list[str]:
    return events.lines(text.decode("utf-8-sig", errors="replace"))


@lru_cache(maxsize=4)
def _places(document: str) -> dict[Pointer, events.Place]:
    return events.places(document)
