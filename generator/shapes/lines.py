"""A line of a document → what of it belongs to the shape, and its value."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from generator.shapes.values import Value

_PRINTABLE: Final = re.compile("[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue002-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")
"""Without the characters that break lines for the parser alone, the byte order mark, and the two of the markers."""
_LINE: Final = re.compile(
    r"(?P<before> *(?:- )*(?:\"?[A-Za-z][-A-Za-z0-9_./]*\"?: |(?<=- ))| +)"
    r"(?:(?P<word>[A-Za-z0-9/][-A-Za-z0-9_./@=+*%()~]*(?:(?::(?=[^ ])| (?=[A-Za-z0-9(]))[-A-Za-z0-9_./@=+*%()~]*)*)"
    r"|\"(?P<quoted>(?:[^\"\\]|\\\")*)\""
    r"|\[(?P<listed>(?:(?:[A-Za-z][-A-Za-z0-9_./@]*|\"[^\"\\]*\")(?:, (?=[A-Za-z\"])|(?=\])))+)\])"
)
"""A value that ends its line. In a word, ':' and '#' stand where they can start neither a value nor a comment."""
_ITEM: Final = re.compile(r"([A-Za-z][-A-Za-z0-9_./@]*)|\"([^\"\\]*)\"")
_WHOLE: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_NO_CONTENT: Final = ("---", "...", "%")
_IDENTITY: Final = ("apiVersion: ", "kind: ")
"""Lines that stay in the shape, so that documents of one shape are of one kind."""


class Odd(Exception):  # noqa: N818 - not an error: the parser itself shall read the file
    """There is something in a line of which only the parser can say what it means."""


class Lines(dict[str, str]):
    """Line → what of it belongs to the shape, with a mark of the value's style; `values_of` is line → the value, for
    the lines that have one. `plain` says what an unquoted word means, and `marked` is whether a document may come with
    the `---` above it. A line may raise `Odd`."""

    __slots__ = ("_marked", "_plain", "values_of")

    def __init__(self, plain: Callable[[str], object], *, marked: bool = False) -> None:
        super().__init__()
        self._plain = plain
        self._marked = marked
        self.values_of: dict[str, Value] = {}

    def forget(self) -> None:
        """Lets go of all lines."""
        self.clear()
        self.values_of.clear()

    def __missing__(self, line: str) -> str:
        if not (line.isascii() and line.isprintable()) and not is_printable(line):
            raise Odd
        if line.startswith(_NO_CONTENT) and not (self._marked and line == "---"):
            raise Odd
        part, value = self._cut(line)
        if value is not None:
            self.values_of[line] = value
        self[line] = part
        return part

    def _cut(self, line: str) -> tuple[str, Value | None]:
        found = None if line.startswith(_IDENTITY) else _LINE.fullmatch(line)
        if found is None:
            return line, None
        before, word, quoted, listed = found.groups()
        if quoted is not None:
            escaped = "\\" in quoted
            return f"{before}\ue000{'e' if escaped else 'q'}", quoted.replace('\\"', '"') if escaped else quoted
        if listed is not None:
            items = [(bare, text) for bare, text in _ITEM.findall(listed)]
            if not all(isinstance(self._plain(bare), str) for bare, _ in items if bare):
                return line, None
            return f"{before}\ue000l", tuple(bare or text for bare, text in items)
        means = self._plain(word)
        if isinstance(means, str):
            return f"{before}\ue000w", word
        return (f"{before}\ue000n", word) if _WHOLE.fullmatch(word) else (line, None)


def is_printable(line: str) -> bool:
    """Whether a line has only characters that are what they look like."""
    return _PRINTABLE.fullmatch(line) is not None
