"""Rendered files as objects: what every check looks at.

Only the bytes count. A file may have been edited by hand, cut off, or merged wrongly, so everything here takes any
bytes and gives back what could be understood, with faults for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct

from generator.check.events import Fault, Parsed, Place, lines, parse, places, starts
from generator.check.fields import mapping, string
from generator.check.shapes import Shapes
from generator.shapes import Form
from generator.source import Location, Pointer

SIZE_LIMIT: Final = 10_000_000
"""Argo CD refuses an application whose manifests are larger than 10 MB, so a file of that size is not even read."""
_HEADER: Final = re.compile(r"# Rendered by tenantry from (.+) by (\S+?)\.?")
_LONG_LINE: Final = 400


class Header(Struct, frozen=True):
    """What the first comment lines of a rendered file say: its input files and the template that made it."""

    inputs: tuple[str, ...]
    template: str


class File(Struct, frozen=True):
    """One rendered file. `path` is below rendered/; `header` is None where the comment lines are missing."""

    path: str
    body: bytes
    header: Header | None

    @property
    def shown(self) -> str:
        """The path as people see it, from the fleet's folder."""
        return f"rendered/{self.path}"

    def whole(self) -> Location:
        """The file as a whole."""
        return Location(self.shown)

    def at(self, line: int, column: int, width: int = 1) -> Location:
        """A place in the file, with its source line."""
        return _location(self, _lines(self.body), line, column, width)

    def locate(self, document: int, pointer: Pointer, *, key: bool = False) -> Location:
        """The place of a value (or of its key) in one document; one that leads nowhere gives its nearest parent."""
        table, above = _places(self.body, document)
        for length in range(len(pointer), -1, -1):
            if (place := table.get(pointer[:length])) is not None:
                return self._placed(place, above, pointer, key=key or length < len(pointer))
        return self.whole()

    def _placed(self, place: Place, above: int, pointer: Pointer, *, key: bool) -> Location:
        line, column = place.key if key else place.value
        line += above
        source = _lines(self.body)
        if not key:
            text = source[line - 1] if line <= len(source) else ""
            return _location(self, source, line, column, place.width or len(text.rstrip()) - column + 1)
        named = pointer and isinstance(pointer[-1], str) and place.key != place.value
        return _location(self, source, line, column, len(str(pointer[-1])) if named else 1)


class Rendered(Struct, frozen=True):
    """One object of one document of one file.

    `line` is where the document's content starts, `index` its number in the file from 0. `group` is the part of
    `api_version` before the slash, "" for the core group. `namespace` is "" where none is given. `data` must not be
    changed: objects of one shape share parts of it. `form` is what it shares with whom, None where the parser read it.
    """

    file: File
    line: int
    index: int
    api_version: str
    group: str
    kind: str
    namespace: str
    name: str
    data: dict[str, Any]
    form: Form | None = None

    @property
    def path(self) -> str:
        """The file's path below rendered/."""
        return self.file.path

    @property
    def label(self) -> str:
        """How messages name the object: `Service tenant-acme/api`."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    def locate(self, pointer: Pointer = (), *, key: bool = False) -> Location:
        """The place of the value at `pointer`, or of its key. Reads the file again; ask only to make a message."""
        return self.file.locate(self.index, pointer, key=key)


class Misshapen(Struct, frozen=True):
    """A document that is not one object: which fields it lacks, or what it is instead (`missing` is empty)."""

    file: File
    index: int
    line: int
    missing: tuple[Pointer, ...]
    found: str


class Reading(Struct, frozen=True):
    """All that one file gave. `unread` says why it was not read at all, "" if it was."""

    file: File
    objects: tuple[Rendered, ...]
    misshapen: tuple[Misshapen, ...]
    faults: tuple[Fault, ...]
    unread: str


def read(path: str, body: bytes, shapes: Shapes | None = None) -> Reading:
    """Reads one rendered file, whatever it holds; with `shapes`, only what is not of a shape seen before is parsed."""
    if len(body) > SIZE_LIMIT:
        return Reading(File(path, body, None), (), (), (), f"{len(body):,} bytes, more than {SIZE_LIMIT:,}")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return Reading(File(path, body, None), (), (), (), f"not UTF-8: {error.reason} at byte {error.start}")
    file = File(path, body, _header(text))
    documents: Sequence[tuple[Parsed, Form | None]] | None = shapes.documents(text) if shapes is not None else None
    faults: list[Fault] = []
    if documents is None:
        parsed, faults = parse(text)
        documents = [(document, None) for document in parsed]
    objects: list[Rendered] = []
    misshapen: list[Misshapen] = []
    for document, form in documents:
        made = _object(file, document, form)
        if isinstance(made, Rendered):
            objects.append(made)
        else:
            misshapen.append(made)
    return Reading(file, tuple(objects), tuple(misshapen), tuple(faults), "")


def _object(file: File, document: Parsed, form: Form | None) -> Rendered | Misshapen:
    index, line, data = document.index, document.line, document.data
    if not isinstance(data, dict):
        return Misshapen(file, index, line, (), "a list" if isinstance(data, list) else "a single value")
    version, kind, metadata = data.get("apiVersion"), data.get("kind"), data.get("metadata")
    if not (isinstance(version, str) and isinstance(kind, str) and isinstance(metadata, dict)):
        version, kind, metadata = string(data, "apiVersion"), string(data, "kind"), mapping(data, "metadata")
    if kind.endswith("List") and isinstance(data.get("items"), list):
        return Misshapen(file, index, line, (), f"a {kind}, whose items no check sees")
    name, namespace = metadata.get("name"), metadata.get("namespace")
    name = name if isinstance(name, str) else ""
    if not (version and kind and name):
        given: tuple[tuple[Pointer, str], ...] = (
            (("apiVersion",), version),
            (("kind",), kind),
            (("metadata", "name"), name),
        )
        return Misshapen(file, index, line, tuple(pointer for pointer, value in given if not value), "")
    return Rendered(
        file=file,
        line=line,
        index=index,
        api_version=version,
        group=version.rpartition("/")[0],
        kind=kind,
        namespace=namespace if isinstance(namespace, str) else "",
        name=name,
        data=data,
        form=form,
    )


def _header(text: str) -> Header | None:
    first, _, rest = text.partition("\n")
    found = _HEADER.fullmatch(first)
    if found is None or not rest.startswith("#"):
        return None
    return Header(tuple(found[1].split(", ")), found[2])


def _location(file: File, source: list[str], line: int, column: int, width: int) -> Location:
    if not 1 <= line <= len(source):
        return file.whole()
    text = source[line - 1]
    if len(text) > _LONG_LINE:
        text = text[: column + _LONG_LINE // 2]
    return Location(file.shown, line, column, text, max(1, min(width, len(text) - column + 1)))


@lru_cache(maxsize=64)
def _places(body: bytes, document: int) -> tuple[dict[Pointer, Place], int]:
    """The places of one document within itself, and how many lines stand above it.

    Only its own lines are read again: a file of 100,000 documents with a fault in each would take for ever otherwise.
    """
    source, above = _lines(body), _starts(body)
    if document >= len(above):
        return {}, 0
    last = above[document + 1] if document + 1 < len(above) else len(source)
    return places("\n".join(source[above[document] : last])), above[document]


@lru_cache(maxsize=64)
def _starts(body: bytes) -> list[int]:
    return starts(body.decode("utf-8"))


@lru_cache(maxsize=64)
def _lines(body: bytes) -> list[str]:
    return lines(body.decode("utf-8", errors="replace"))
