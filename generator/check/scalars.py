"""What a plain YAML scalar means to Kubernetes.

The API server, kubectl and Argo CD read YAML with a fork of go-yaml 2 (sigs.k8s.io/yaml), which follows neither YAML
1.1 nor 1.2: `y`, `on` and `no` are booleans, `0o17` and `1e3` are numbers, `1:30` and dates are strings. A check that
read the output by other rules would pass what the cluster refuses, so these rules are written out here.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Final, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

_WORDS: Final[dict[str, Scalar]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_INTEGER: Final = re.compile(r"([-+]?)(?:0[bB]([01]+)|0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))", re.ASCII)
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_NUMBER_STARTS: Final = frozenset("+-.0123456789")
_LONGEST_NUMBER: Final = 400
"""Longer digits are past every 64-bit integer and every double; Python would spend quadratic time on them."""


@lru_cache(maxsize=65536)
def plain(text: str) -> Scalar:
    """The value of an unquoted scalar: string, integer, float (infinities and NaN included), boolean or None."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS or len(text) > _LONGEST_NUMBER:
        return text
    return _number(text)


def _number(text: str) -> Scalar:
    digits = text if text[0] == "." else text.replace("_", "")
    if whole := _INTEGER.fullmatch(digits):
        sign, binary, hexadecimal, octal, decimal = whole.groups()
        base = 2 if binary else 16 if hexadecimal else 8 if octal else 10
        value = int(binary or hexadecimal or octal or decimal, base)
        value = -value if sign == "-" else value
        if -(2**63) <= value < (2**63 if sign else 2**64):
            return value
    if _FLOAT.fullmatch(digits):
        number = float(digits)
        return text if math.isinf(number) else number
    return text


def spelled(value: Scalar) -> str:
    """The JSON spelling of a scalar, which is what becomes of a key that is no string."""
    match value:
        case str():
            return value
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _:
            return repr(value)
