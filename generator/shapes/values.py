"""The values that are taken out of a document's lines, and what marks their places meanwhile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

Value: TypeAlias = str | tuple[str, ...]
"""A text, or the items of a list in brackets."""
Values: TypeAlias = Sequence[Value]
"""The values taken from the lines of a document, in order."""

MARKER: Final = re.compile("\ue000([wnqel])([0-9]+)\ue001")
"""A place: how its value is written, and its number. A word, a number, a text in quotes, one with quotes escaped in it,
a list in brackets."""


def stands_for_items(data: Any) -> bool:
    """Whether an item of a shape's data stands for any number of items: those of a list in brackets."""
    return isinstance(data, str) and data.startswith("\ue000l")
