"""Text from files inside Markdown and other markup: nothing in it acts as anything but text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Final

COMMENT_LIMIT: Final = 65_536
"""What a comment on GitHub may hold. Counted here in bytes of UTF-8, of which there are never fewer than characters."""
_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>()#+!|~@&-])")


def visible(text: str) -> str:
    """Without characters that a terminal or a reader would act on: each is written by its number."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode() for one in text)


def html(content: str) -> str:
    """Text that is nothing but text in HTML, between tags and inside of attributes."""
    return escape(visible(content))


def markdown(content: str) -> str:
    """Text in which nothing is markup, mentions nobody and links nowhere."""
    return _MARKS.sub(r"\\\1", visible(content)).replace("\\@", "@\u200b").replace("://", ":\u200b//")


def fitting(pieces: Sequence[str], room: int, noun: str, plural: str, command: str) -> list[str]:
    """As many pieces from the front as `room` bytes hold, and how many were left out and what shows them."""
    kept: list[str] = []
    for piece in pieces:
        room -= size(piece)
        if room < 0:
            left = len(pieces) - len(kept)
            kept.append(f"\n**{left} more {noun if left == 1 else plural} left out here**: `{command}` shows them.\n")
            break
        kept.append(piece)
    return kept


def size(content: str) -> int:
    """The bytes of a text."""
    return len(content.encode(errors="surrogatepass"))
