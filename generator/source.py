"""Places in input and rendered files: what a person is pointed to.

Everything above this layer carries places symbolically (a file and a pointer into its data) and asks for a
`Location` only when a message is made; see `generator.model.document.Document.locate`.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

Pointer: TypeAlias = tuple[str | int, ...]
"""The way into parsed data, outermost first: `("spec", "placements", 0, "cluster")`. Empty: the whole document."""


class Location(Struct, frozen=True, order=True):
    """One place in one file, complete enough to print without opening the file again.

    `path` is relative to the fleet's folder, with forward slashes. `line` and `column` count from 1; line 0 means
    the file as a whole (empty, unreadable, too big). `text` is the source line without its line break; `width` is the
    number of characters the caret underlines, at least 1.
    """

    path: str
    line: int = 0
    column: int = 0
    text: str = ""
    width: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path
