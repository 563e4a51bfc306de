"""Strings that YAML readers have taken for something else, and strategies that make more of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from hypothesis import strategies as st

_RESERVED: Final = (
    "y",
    "n",
    "yes",
    "no",
    "on",
    "off",
    "true",
    "false",
    "null",
    "nil",
    "none",
    "nan",
    "inf",
    "infinity",
)
_LONG: Final = ("x" * 300, "x" * 1025, "é" * 1025, "x y " * 400)

CORPUS: Final = tuple(
    dict.fromkeys(
        (
            *(form for word in _RESERVED for form in (word, word.upper(), word.title(), word[:-1] + word[-1].upper())),
            *_LONG,
            *json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8")),
        )
    )
)

_CHARACTERS = st.characters(exclude_categories=["Cs"])
_PIECES = st.one_of(
    st.sampled_from(CORPUS), st.text(_CHARACTERS, max_size=5), st.sampled_from(" :#-,'\"\\\n\t&*!|>%@`{}[]~0_.eE+xX")
)

TEXTS = st.one_of(
    st.sampled_from(CORPUS),
    st.text(_CHARACTERS, max_size=60),
    st.text("0123456789_.:eExXoObB+-TZ ", max_size=12),
    st.lists(_PIECES, max_size=6).map("".join),
)
"""Any text that a file can hold."""

NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()
)

VALUES = st.recursive(
    st.one_of(TEXTS, NUMBERS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)
"""Whatever an interpolation may hold: scalars, and mappings and lists of them."""
