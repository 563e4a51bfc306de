"""The text that a template gives, as the documents of a file: no blank lines around them, none that is empty."""

from __future__ import annotations

from typing import Final

from jinja2 import nodes

_SEPARATOR: Final = "\n---\n"
_OBJECT: Final = "---\napiVersion: "
"""How most documents begin."""


def documents(text: str, *, tidy: bool = False) -> str:
    """The documents of a rendered text, each behind one `---` line but the first; "" when there is none.

    A document of comments alone counts as none. A line `---` can only be a separator: no value brings a line break of
    its own, and no template is loaded that has such a line inside a text.

    What a `tidy` template gives (`is_tidy`) needs no look at its lines once it begins with an object.
    """
    if not text:
        return ""
    if (tidy and text.startswith(_OBJECT)) or _is_laid_out(text):
        return text[4:]
    pieces = map(_trimmed, f"\n{text}\n".split(_SEPARATOR))
    return "---\n".join(f"{piece}\n" for piece in pieces if _has_content(piece))


def _is_laid_out(text: str) -> bool:
    """Whether a text is already as `documents` leaves it, but for the separator at its head: as most are, told without
    looking at each of their lines."""
    return (
        text.startswith(_OBJECT)
        and text.count(_SEPARATOR) == text.count(f"\n{_OBJECT}")
        and text[-1] == "\n"
        and text[-2] not in " \n"
        and f"\n{_SEPARATOR}" not in text
        and f" {_SEPARATOR}" not in text
        and f"{_SEPARATOR}---\n" not in text
    )


def _trimmed(piece: str) -> str:
    """A document without blank lines at its head and end; the blanks within its first and last line stay."""
    while piece.startswith("---\n"):  # the second of two separators that share a line break
        piece = piece[4:]
    piece += "\n"
    start = piece.rfind("\n", 0, len(piece) - len(piece.lstrip(" \n"))) + 1
    return piece[start : piece.find("\n", len(piece.rstrip(" \n")))]


def _has_content(piece: str) -> bool:
    return any(line and not line.startswith("#") for line in map(str.strip, piece.split("\n")))


def is_tidy(tree: nodes.Template) -> bool:
    """Whether whatever a template without includes gives is as `documents` leaves it, if only it begins with an object:
    behind each separator of its text comes an object, and no line of its text is blank or ends in a blank.

    A value adds none of either: its lines but the first are indented, and no written scalar ends in a blank.
    """
    return all(_are_tidy(output.nodes) for output in tree.find_all(nodes.Output))


def _are_tidy(pieces: list[nodes.Expr]) -> bool:
    """`is_tidy`, for the text and values between two statements, which begin and end with a line."""
    behind_value = False
    for piece in pieces:
        if isinstance(piece, nodes.TemplateData):
            text = piece.data if behind_value else f"\n{piece.data}"
            if "\n\n" in text or " \n" in text or text.count(_SEPARATOR) != text.count(f"\n{_OBJECT}"):
                return False
        elif piece is pieces[0]:
            return False
        behind_value = not isinstance(piece, nodes.TemplateData)
    last = pieces[-1]
    return isinstance(last, nodes.TemplateData) and last.data.endswith("\n")
