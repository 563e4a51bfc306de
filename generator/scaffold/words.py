"""A value as one line of YAML that every reader takes for that value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9._/@-]*(:/[A-Za-z0-9._/@-]*|[ ][A-Za-z0-9._/@-]+)*")
"""Text that begins with a letter and holds nothing that YAML gives a meaning to."""
_KNOWN: Final = re.compile(r"[1-9][0-9]*(m|Ki|Mi|Gi|Ti)|sha256:[0-9a-f]{64}")
"""Amounts and digests, which nobody writes in quotes."""
_AMBIGUOUS: Final = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"))
"""Words that one version of YAML or the other takes for something else than text."""
_UNSAFE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON leaves as it is and YAML does not read back, or breaks a line at."""


def flow(value: Any, style: str | None = None) -> str:
    """The value on one line. `style` is the quote that the text had before: it keeps it where it can.

    Mappings and lists are in braces and brackets; text is in quotes wherever some reader could take it for a number, a
    date or a truth value.
    """
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{flow(key)}: {flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    if not isinstance(value, str):
        return json.dumps(value)
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if style != '"' and _plain(value):
        return value
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


def _plain(value: str) -> bool:
    if _KNOWN.fullmatch(value):
        return True
    return _PLAIN.fullmatch(value) is not None and value.lower() not in _AMBIGUOUS
