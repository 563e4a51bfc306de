"""Writes values as YAML text that every reader takes for exactly the value that went in.

The readers that count are Kubernetes' (sigs.k8s.io/yaml, a fork of go-yaml v2 with YAML 1.1's booleans, octal and
sexagesimal numbers), PyYAML and YAML 1.2 readers. Where they differ the text is quoted, so that they cannot: the
measurements (design, "YAML dumpers are unsafe for Kubernetes") show `1e3`, `no` and `1_000` left bare by the usual
dumpers. A string stays plain only where a short, closed form proves it harmless; all else is double-quoted.

Nothing written here holds a raw line break except between the entries of a block mapping or list, and those are
indented. No value can therefore end the scalar, the mapping or the document it stands in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import GeneratorType
from typing import Any, Final, TypeGuard

_KEY_LIMIT: Final = 250
"""Characters of a key on one line. YAML lets an implicit key span 1,024 (some readers count bytes, at most four a
character); a longer one is written with `? `. No key that Kubernetes knows comes near it."""

_MEMO_LIMIT: Final = 200_000
"""Distinct strings remembered. Values recur within a fleet; only free text grows without bound, and it is rare."""

_SEEN_LIMIT: Final = 1_000
"""Mappings remembered: more than one subject has."""

_INT_MINIMUM: Final = -(2**63)
_INT_MAXIMUM: Final = 2**63 - 1

_WORDS: Final = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""Words that some reader, in some spelling of their case, takes for a boolean or null."""

_PLAIN_TEXT: Final = re.compile(r"[A-Za-z/_](?:[A-Za-z0-9_./@+=%()-]|:(?=[A-Za-z0-9_./@:])| (?=[A-Za-z0-9_/.(]))*\Z")
"""Words, DNS names, paths, image references, URLs: no indicator at the head, no `: `, no ` #`, no blank at an end."""

_PLAIN_FLOW: Final = re.compile(r"[A-Za-z/_][A-Za-z0-9_./-]*\Z")
"""What is plain inside `[…]` and `{…}` too, where readers disagree on `:` and `,`."""

_PLAIN_DIGITS: Final = re.compile(
    r"[0-9]+(?:\.[0-9]+)?(?:m|Ki|Mi|Gi|Ti|Pi|k|M|G|T|P|ms|s|h|d|%)\Z|[0-9]+(?:\.[0-9]+){2,}(?:/[0-9]+)?\Z"
)
"""Quantities, durations and percentages (`100m`, `2Gi`, `30s`, `80%`), and dotted numbers with two dots or more
(`1.30.0`, `10.0.0.0/8`): none is a number, a date or a sexagesimal to any reader."""

_NUMBER_LIKE: Final = re.compile(r"[-+]?\.?[0-9][-+.0-9_:a-fotxz ]*\Z|[-+]?\.(?:inf|nan)\Z", re.IGNORECASE)
"""What may be a number, a date or a time to some reader; wider than any of their rules."""

_ESCAPED: Final = re.compile(
    '[\\x00-\\x1f"\\\\\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufdd0-\\ufdef'
    "\\ud800-\\udfff\\ufeff\\ufff9-\\ufffb\\ufffe\\uffff"
    + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(1, 17))
    + "]"
)
"""What is escaped: all that YAML does not call printable, its extra line breaks, and what hides or turns text round
(bidirectional controls, zero-width spaces). Joiners stay, since scripts and emoji need them. A fixed list rather than
`str.isprintable`, whose answer changes with the version of Python and would change rendered bytes."""

_SHORT_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}

_FLOAT: Final = re.compile(r"(-?[0-9]+)(\.[0-9]+)?(?:e([+-][0-9]+))?\Z")


class UnwritableError(TypeError):
    """A value that has no exact form in YAML, or none that a manifest should hold. The message says what it is."""


def scalar(value: object) -> str:
    """One value on one line: a string, number, boolean or null, or an empty collection.

    Raises `UnwritableError` for everything else, among it undefined values, floats that are not finite, integers of
    more than 64 bits (Kubernetes' reader turns them into floats) and lone surrogates.
    """
    if value.__class__ is str:
        return IN_LIST[value]
    return _other(value, IN_LIST)


def behind_key(value: object, indent: int) -> str:
    """What follows `key:`: a blank and a scalar, or a block collection on the lines below, at column `indent`."""
    kind = value.__class__
    if kind is str:
        return BEHIND_KEY[value]  # type: ignore[index]
    if kind is dict and value:
        return _mapping_behind_key(value, indent)  # type: ignore[arg-type]
    if kind is bool:
        return " true" if value else " false"
    if kind is tuple and value:
        return "\n" + _sequence(value, indent)  # type: ignore[arg-type]
    value = _drained(value)
    if _is_collection(value) and value:
        return "\n" + _block(value, indent)
    return " " + _other(value, IN_LIST)


_seen: Final[dict[tuple[int, int], tuple[object, str]]] = {}
"""Mappings written lately, by identity and column: an object's labels are written many times in one file. Each is kept,
so that no other gets its identity; none is ever changed, since templates cannot and the model does not."""


def _mapping_behind_key(value: dict[object, object], indent: int) -> str:
    known = _seen.get((id(value), indent))
    if known is not None:
        return known[1]
    text = "\n" + _mapping(value, indent)
    if len(_seen) >= _SEEN_LIMIT:
        _seen.clear()
    _seen[id(value), indent] = (value, text)
    return text


def in_list(value: object, indent: int) -> str:
    """What follows `- `: a scalar, or a block collection whose first entry stands at once, at column `indent`."""
    if value.__class__ is str:
        return IN_LIST[value]
    value = _drained(value)
    if _is_collection(value) and value:
        return _block(value, indent)[indent:]
    return _other(value, IN_LIST)


def in_flow(value: object) -> str:
    """What stands inside `[…]` or `{…}`: a scalar, or a flow collection, always on one line."""
    if value.__class__ is str:
        return IN_FLOW[value]
    value = _drained(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow_key(key)}: {in_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(in_flow, value)) + "]"
    return _other(value, IN_FLOW)


def escaped(text: str) -> str:
    """Text for a comment: what cannot be printed, and line breaks above all, as escapes."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return text  # as the paths in nearly every file's head
    return _ESCAPED.sub(_escape, text)


_POINT_FIRST: Final = re.compile(r"[-+]?\.[0-9_]|[-+]_")
"""A number without its leading digit, to some readers even where none follows (`._`, `+_`)."""


def is_ambiguous(text: str) -> bool:
    """Whether a plain scalar in a hand-written template is read differently by readers, or is not what it looks like.

    `no`, `08`, `1e3`, `0x1F`, `12:30`, `1_000`, `~`, `2026-01-01` are; `true`, `false`, `null`, `80`, `-1`, `0.5`,
    `v1.2.3` and `100m` are not. An empty text is null to all.
    """
    if text in ("", "true", "false", "null") or re.fullmatch(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", text):
        return False
    return (
        text.lower() in _WORDS
        or text in ("~", "=", "<<")
        or _POINT_FIRST.match(text) is not None
        or (_NUMBER_LIKE.match(text) is not None and _PLAIN_DIGITS.match(text) is None)
    )


def _quoted(text: str) -> str:
    if text.isascii():
        short = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        if short.isprintable():  # nothing else of it is escaped: in a tenth of the time
            return f'"{short}"'
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    point = ord(character)
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _write_text(text: str, plain: re.Pattern[str]) -> str:
    if (plain.match(text) or _PLAIN_DIGITS.match(text)) and text.lower() not in _WORDS:
        return text
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UnwritableError(f"the text {text[:40]!a} holds half a surrogate pair, which no file can hold") from error
    return _quoted(text)


class _NotText(Exception):  # noqa: N818  the way to the writer of all values, not a fault
    """What was asked for is not exactly a string."""


class _Memo(dict[str, str]):
    """Strings and their written form. Not keyed by type: only strings get in, so `True` and `1` cannot meet. Asking for
    anything else raises `_NotText`, or TypeError."""

    def __init__(self, plain: re.Pattern[str], lead: str = "") -> None:
        super().__init__()
        self._plain = plain
        self._lead = lead

    def __missing__(self, text: str) -> str:
        if text.__class__ is not str:
            raise _NotText
        if len(self) >= _MEMO_LIMIT:
            self.clear()
        written = self[text] = self._lead + _write_text(text, self._plain)
        return written


IN_LIST: Final = _Memo(_PLAIN_TEXT)
"""What `in_list` gives for a string."""
IN_FLOW: Final = _Memo(_PLAIN_FLOW)
"""What `in_flow` gives for a string."""
BEHIND_KEY: Final = _Memo(_PLAIN_TEXT, " ")
"""What `behind_key` gives for a string."""
_written: Final[Callable[[Any], str]] = IN_LIST.__getitem__
_written_behind: Final[Callable[[Any], str]] = BEHIND_KEY.__getitem__


def _other(value: object, strings: _Memo) -> str:
    match value:
        case str():
            return strings[str.__str__(value)]
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case int():
            if not _INT_MINIMUM <= value <= _INT_MAXIMUM:
                raise UnwritableError(f"{_shown(value)} does not fit in 64 bits")
            return int.__repr__(value)
        case float():
            return _float(value)
        case Mapping() if not value:
            return "{}"
        case list() | tuple() if not value:
            return "[]"
        case _:
            raise UnwritableError(_refusal(value))


def _float(value: float) -> str:
    """YAML 1.1 asks for a point in the mantissa and a sign in the exponent: `1e-07` becomes `1.0e-07`."""
    if not math.isfinite(value):
        raise UnwritableError(f"{value} is not a finite number")
    match = _FLOAT.match(float.__repr__(value))
    assert match is not None, value  # noqa: S101 - the form of float.__repr__ is fixed
    whole, fraction, exponent = match.groups()
    return f"{whole}{fraction or '.0'}" + (f"e{exponent}" if exponent else "")


def _is_collection(value: object) -> TypeGuard[Mapping[object, object] | list[object] | tuple[object, ...]]:
    return isinstance(value, dict | list | tuple | Mapping)


def _drained(value: object) -> object:
    """What Jinja2's filters (`map`, `select`) hand on as a generator is a list to who wrote the template."""
    return list(value) if isinstance(value, GeneratorType) else value


def _block(value: Mapping[object, object] | list[object] | tuple[object, ...], indent: int) -> str:
    return _mapping(value, indent) if isinstance(value, Mapping) else _sequence(value, indent)


def _sequence(value: list[object] | tuple[object, ...], indent: int) -> str:
    between = f"\n{' ' * indent}- "
    try:
        return between[1:] + between.join(map(_written, value))
    except (_NotText, TypeError):  # not all of them are strings
        return between[1:] + between.join([in_list(item, indent + 2) for item in value])


def _mapping(value: Mapping[object, object], indent: int) -> str:
    try:
        form = _FORMS[indent, *value]
        return form % tuple(map(_written_behind, value.values()))
    except (_NotText, TypeError):  # not all of its values, or not even its keys, are strings
        pad, deeper = " " * indent, indent + 2
        return "\n".join([f"{_key(key, pad)}:{behind_key(item, deeper)}" for key, item in value.items()])


class _Forms(dict[tuple[object, ...], str]):
    """What mappings of the same keys, at the same column, have in common: a text with a `%s` for each value."""

    def __missing__(self, shape: tuple[object, ...]) -> str:
        indent, *keys = shape
        if len(self) >= _MEMO_LIMIT:
            self.clear()
        pad = " " * indent  # type: ignore[operator]
        form = "\n".join([_key(key, pad).replace("%", "%%") + ":%s" for key in keys])
        if all(key.__class__ is str for key in keys):  # a subclass may be equal to others and be written otherwise
            self[shape] = form
        return form


_FORMS: Final = _Forms()


def _key(key: object, pad: str) -> str:
    if not isinstance(key, str):
        raise UnwritableError(f"the key {_shown(key)} of a mapping is not a string")
    written = IN_LIST[key] if key.__class__ is str else _other(key, IN_LIST)
    return f"{pad}? {written}\n{pad}" if len(written) > _KEY_LIMIT else f"{pad}{written}"


def _flow_key(key: object) -> str:
    if not isinstance(key, str):
        raise UnwritableError(f"the key {_shown(key)} of a mapping is not a string")
    written = _other(key, IN_FLOW)
    return f"? {written}" if len(written) > _KEY_LIMIT else written


def _refusal(value: object) -> str:
    kind = type(value).__name__
    fields = [name for name in getattr(type(value), "__struct_fields__", ()) if not name.startswith("_")]
    if fields:
        return f"a whole {kind} cannot be written; name one of its fields: {', '.join(fields[:8])}"
    if isinstance(value, set | frozenset):
        return "a set has no order and cannot be written; sort it"
    str(value)  # an undefined value of Jinja2 raises here, and says best itself what is missing
    return f"a value of type {kind} cannot be written"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
