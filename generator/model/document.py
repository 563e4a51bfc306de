"""One input file as read: its data, and the way back from the data to the line that says it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from generator.source import Location, Pointer


class Document(Struct, frozen=True, eq=False):
    """A parsed input file.

    `path` is relative to the fleet's folder. `kind` and `name` repeat `kind` and `metadata.name` ("" where the file is
    too broken to say). `data` is plain dicts, lists, strings, numbers, booleans and None, read by YAML 1.2's core
    rules. `valid` is False when the file has errors of its own: such a document still exists for references to it,
    but nothing is built from it. `data` must not be changed. `blob` is git's id of the file's bytes (SHA-1), "" where
    they could not be read: two documents of one path and one id say the same. Documents are equal when they say the
    same, wherever it stands.
    """

    path: str
    kind: str
    name: str
    data: dict[str, Any]
    valid: bool
    locator: Callable[[Pointer, bool], Location]
    blob: str = ""

    def locate(self, pointer: Pointer = (), *, key: bool = False) -> Location:
        """The place of the value at `pointer`, or of its key. A pointer that leads nowhere gives its nearest parent."""
        return self.locator(pointer, key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self._said == other._said

    @property
    def _said(self) -> tuple[object, ...]:
        return self.path, self.kind, self.name, self.data, self.valid
