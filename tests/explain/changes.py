"""The inputs with one value of one line written anew, as a person would: in the text of the file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import yaml
from msgspec.structs import replace

from generator.load.reader import read
from generator.load.variants import REMOVED, leaves
from generator.model.document import Document
from generator.source import Location
from tests.conftest import REPOSITORY


def changed(
    documents: tuple[Document, ...], edits: Iterable[tuple[Location, Any]], root: Any = REPOSITORY
) -> tuple[Document, ...]:
    """The documents with other values at some places; None takes the item or the key out."""
    edited: dict[str, Document] = {}
    for place, value in edits:
        document = edited.get(place.path) or next(each for each in documents if each.path == place.path)
        edited[place.path] = _changed(document, place, value, (root / place.path).read_text(encoding="utf-8"))
    return tuple(edited.get(each.path, each) for each in documents)


def _changed(document: Document, place: Location, value: Any, text: str) -> Document:
    if value is None or place.text.rstrip().endswith("|"):  # a text of several lines is no one place to write into
        leaf = next(each for each in leaves(document) if each.place == place)
        text = yaml.safe_dump(leaf.with_value(REMOVED if value is None else value).data)
    else:
        lines = text.split("\n")
        line, start = lines[place.line - 1], place.column - 1
        lines[place.line - 1] = f"{line[:start]}{json.dumps(value)}{line[start + place.width :]}"
        text = "\n".join(lines)
    reading = read(document.path, text.encode())
    assert not reading.diagnostics, (place, value, reading.diagnostics)
    return replace(document, data=reading.data, name=reading.data["metadata"]["name"])
