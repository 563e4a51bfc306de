"""A file's text and the places in it, as people count: lines and columns from 1, columns in characters."""

from __future__ import annotations

import re
from typing import Final

from yaml import Event

from generator.load.events import marks
from generator.source import Location

_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")


class Source:
    """The decoded text of one file (without a byte order mark), split into lines when the first place is asked for.

    `text` is what is parsed, `written` what the person wrote: they differ in that a tab is a space in `text`.
    """

    __slots__ = ("_lines", "path", "text", "written")

    def __init__(self, path: str, text: str, written: str | None = None) -> None:
        self.path = path
        self.text = text
        self.written = text if written is None else written
        self._lines: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """The lines without their breaks (LF, CRLF or CR). A text that ends with a break has an empty last line."""
        if self._lines is None:
            self._lines = _LINE_BREAK.split(self.written)
        return self._lines

    def at(self, line: int, column: int, width: int = 1) -> Location:
        """The place at a line and column that count from 0, moved into the text where it lies beyond it.

        The parser puts what is missing at the end of a file on a line after the last; the person needs the last line.
        """
        lines = self.lines
        if line >= len(lines) or (line == len(lines) - 1 and not lines[line] and line):
            line = max(index for index, text in enumerate(lines) if text.strip() or not index)
            column = len(lines[line])
        text = lines[line]
        column = min(column, len(text))
        return Location(self.path, line + 1, column + 1, text, max(1, min(width, len(text) - column)))

    def of(self, event: Event) -> Location:
        """Where an event stands; what goes over several lines is underlined to the end of its first line."""
        start, end = marks(event)
        if start.line == end.line:
            return self.at(start.line, start.column, end.column - start.column)
        first = self.lines[start.line].rstrip() if start.line < len(self.lines) else ""
        return self.at(start.line, start.column, len(first) - start.column)

    def whole(self) -> Location:
        """The file as a whole."""
        return Location(self.path)
