"""One input file as read: its data, and the way back from the data to the line that says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from generator.source import Location, Pointer


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed input file.

    `path` is relative to the fleet's folder. `kind` and `name` repeat `kind` and `metadata.name` ("" where the file is
    too broken to say). `data` is plain dicts, lists, strings, numbers, booleans and None, read by YAML 1.2's core
    rules. `valid` is False when the file has errors of its own: such a document still exists for references to it,
    but nothing is built from it. `data` must not be changed. `blob` is git's id of the file's bytes (SHA-1), "" where
    they could not be read: two documents of one path and one id say the same.
    """

    path: str
    kind: str
    name: str
    data: dict[str, Any]
    valid: bool
    locator: Callable[[Pointer, bool], Location] = field(repr=False, compare=False)
    blob: str = field(default="", repr=False, compare=False)

    def locate(self, pointer: Pointer = (), *, key: bool = False) -> Location:
        """The place of the value at `pointer`, or of its key. A pointer that leads nowhere gives its nearest parent."""
        return self.locator(pointer, key)
