"""What a plain (unquoted) YAML scalar means: YAML 1.2's core schema, less what other readers understand differently.

Kubernetes' own tools, Argo CD and most editors read YAML 1.1 or a mixture, where `010` is 8 or 10, `1_000` is a number
and `12:30` is 750. A file that means one thing here and another there is refused instead of interpreted.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from msgspec import Struct

Scalar: TypeAlias = str | int | float | bool | None

LARGEST: Final = 2**53 - 1
"""The largest whole number that every JSON and YAML reader keeps exactly (RFC 8259, section 6)."""

SPECIAL: Final = frozenset("0123456789+-.~nNtTfF<")
"""The first characters of everything that is not simply a string."""

WORDS_OF_1_1: Final = {
    word: meaning
    for words, meaning in (("y yes on", "true"), ("n no off", "false"))
    for plain in words.split()
    for word in (plain, plain.capitalize(), plain.upper())
}
"""What YAML 1.1 reads as a boolean and this reader as a string: the word, and what to write."""

_NUMERIC: Final = frozenset("0123456789+-.")
_LONGEST: Final = 40
_CONSTANTS: Final[dict[str, Scalar]] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LEADING_ZERO: Final = re.compile(r"[-+]?0[0-9_]+")
_OTHER_BASE: Final = re.compile(r"[-+]?0(?:o[0-7_]+|x[0-9a-fA-F_]+|b[01_]+)")
_UNDERSCORES: Final = re.compile(r"(?=[^_]*_)[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?")
_SEXAGESIMAL: Final = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class Ambiguous(Struct, frozen=True):
    """A plain scalar that readers disagree about: why, and what to write instead."""

    reason: str
    remedy: str


def shortened(text: str) -> str:
    """A scalar as a message names it: of a long one, the beginning."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _quoted(text: str) -> str:
    return f'"{text}" in quotes' if len(text) <= _LONGEST else "it in quotes"


def _number(text: str) -> Scalar | Ambiguous:
    """The value of what has the form of a number, unless it is too big to survive other readers."""
    digits = text.lstrip("+-")
    if _INTEGER.fullmatch(text):
        # The length first: Python refuses to convert numbers of thousands of digits.
        if len(digits) > 16 or int(digits) > LARGEST:
            return Ambiguous(
                "is a number too large for JSON to keep exactly", f"write {_quoted(text)} when it is a name"
            )
        return int(text)
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return Ambiguous("is a number too large to keep", f"write {_quoted(text)} when it is a name")
    return value


def plain(text: str) -> Scalar | Ambiguous:
    """The meaning of a plain scalar, or why it has none. Dates and YAML 1.1's `yes`, `on` and `off` are strings."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _NUMERIC:
        return text
    if _LEADING_ZERO.fullmatch(text):
        sign = "-" if text.startswith("-") else ""
        stripped = sign + (text.lstrip("+-").replace("_", "").lstrip("0") or "0")
        remedy = f"write {shortened(stripped)} for the number, or {_quoted(text)} for the text"
        return Ambiguous("is octal to some readers and decimal to others", remedy)
    if _OTHER_BASE.fullmatch(text):
        bare = text.replace("_", "")
        remedy = f"write {shortened(_decimal(bare))} for the number, or {_quoted(text)} for the text"
        return Ambiguous("is a number to some readers and text to others", remedy)
    if _UNDERSCORES.fullmatch(text):
        remedy = f"write {shortened(text.replace('_', ''))} for the number, or {_quoted(text)} for the text"
        return Ambiguous("is a number to some readers and text to others", remedy)
    if _SEXAGESIMAL.fullmatch(text):
        return Ambiguous("is a number to base 60 to some readers and text to others", f"write {_quoted(text)}")
    if _NOT_FINITE.fullmatch(text):
        remedy = f"write a number, or {_quoted(text)} for the text"
        return Ambiguous("is not a number that JSON can hold", remedy)
    if _FLOAT.fullmatch(text):
        return _number(text)
    return text


def _decimal(text: str) -> str:
    """`0x1F` → `31`; a number too long to be meant as one is left as it is."""
    return str(int(text, 0)) if len(text) <= 18 and len(text.lstrip("+-")) > 2 else text
