"""Whether every rendered file is YAML that holds Kubernetes objects, and says where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generator.check.events import DEPTH_LIMIT, Fault, Kind
from generator.check.findings import made_by
from generator.check.index import Index
from generator.check.objects import Misshapen, Reading
from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.source import Location

UNREAD: Final = Code(
    "CHK001",
    "a rendered file cannot be read",
    "Argo CD refuses it, and with it everything else in the same Application.",
)
SYNTAX: Final = Code(
    "CHK002",
    "a rendered file is not YAML",
    "Argo CD refuses it, and with it everything else in the same Application.",
)
DEPTH: Final = Code(
    "CHK003",
    "a rendered file is nested too deep",
    "Recursive YAML and JSON parsers end their process on it.",
)
DUPLICATE_KEY: Final = Code(
    "CHK004",
    "a key is given twice",
    "The API server refuses it or keeps one of the two values, and which one depends on the parser.",
)
NOT_PLAIN: Final = Code(
    "CHK005",
    "a rendered file uses YAML beyond plain data",
    "Aliases, merge keys, tags and keys that are no strings are read differently by different parsers.",
)
NOT_OBJECT: Final = Code(
    "CHK006",
    "a document is no Kubernetes object",
    "Argo CD refuses a document without apiVersion, kind and name, or passes it over.",
)
EMPTY: Final = Code(
    "CHK007",
    "a rendered file holds no object",
    "A template that has nothing to say gives no file; an empty one has been cut off or emptied by hand.",
)
HEADER: Final = Code(
    "CHK008",
    "a rendered file has lost its header",
    "Without it nobody sees which inputs and template to change, and the next edit is made by hand.",
)

NULL: Final = Code(
    "CHK009",
    "a field has no value",
    "The API server takes it as left out, and whatever it defaults to: an interpolation came to nothing.",
)

_BY_KIND: Final = {
    Kind.SYNTAX: (SYNTAX, "mend the template, and look for a conflict marker if the file was merged by hand"),
    Kind.DEPTH: (DEPTH, f"no Kubernetes object needs more than {DEPTH_LIMIT} levels; render the file again"),
    Kind.DUPLICATE: (DUPLICATE_KEY, "keep one of the two in the template"),
    Kind.NULL: (NULL, "give the field a value, write {} or [] for an empty one, or leave it out"),
    Kind.NOT_PLAIN: (NOT_PLAIN, "write the value out, and quote what shall be a string"),
}
_RENDER_AGAIN: Final = "run `tenantry render`, which writes the file anew"


def check(index: Index) -> Iterator[Diagnostic]:
    """Every file on its own."""
    for reading in index.readings:
        if reading.unread:
            yield _whole(UNREAD, reading, "the file cannot be read", reading.unread)
            continue
        yield from (_fault(reading, fault) for fault in reading.faults if not _is_chart_value(fault))
        yield from (_misshapen(document) for document in reading.misshapen)
        if reading.file.header is None:
            yield Diagnostic(
                code=HEADER,
                severity=Severity.ERROR,
                message="the two comment lines that name the inputs and the template are missing",
                location=reading.file.at(1, 1),
                expected="# Rendered by tenantry from <inputs> by <template>.",
                hint=_RENDER_AGAIN,
            )
        if not (reading.objects or reading.misshapen or reading.faults):
            yield _whole(EMPTY, reading, "the file holds no object")


def _whole(code: Code, reading: Reading, message: str, found: str = "") -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, reading.file.whole(), found, hint=_RENDER_AGAIN)


def _fault(reading: Reading, fault: Fault) -> Diagnostic:
    code, hint = _BY_KIND[fault.kind]
    location = reading.file.at(fault.line, fault.column, fault.width)
    related: tuple[Related, ...] = ()
    if fault.kind is Kind.DUPLICATE:
        first = reading.file.locate(fault.document, fault.pointer, key=True)
        related = (Related("given here first", first),)
    return Diagnostic(
        code=code,
        severity=Severity.ERROR,
        message=fault.message,
        location=location,
        related=(*related, *made_by(reading.file)),
        hint=hint,
    )


def _is_chart_value(fault: Fault) -> bool:
    """In the values of a Helm chart null says that a default is to be dropped."""
    return fault.kind is Kind.NULL and "valuesObject" in fault.pointer


def _misshapen(document: Misshapen) -> Diagnostic:
    message = "the document is not one object"
    if document.missing:
        names = ", ".join(".".join(str(step) for step in pointer) for pointer in document.missing)
        message = f"the document has no {names}"
    return Diagnostic(
        code=NOT_OBJECT,
        severity=Severity.ERROR,
        message=message,
        location=_start(document),
        found=document.found,
        expected="an object with apiVersion, kind and metadata.name",
        related=made_by(document.file),
        hint="give each object a document of its own, with its apiVersion, kind and name",
    )


def _start(document: Misshapen) -> Location:
    return document.file.locate(document.index, (), key=True)
