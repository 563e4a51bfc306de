"""Bytes → text: what may stand in a file before anything is made of it."""

from __future__ import annotations

import bisect
import re
import string
from typing import Final

from yaml import ScalarEvent, YAMLError

from generator.diagnostics import Code, Diagnostic, Severity
from generator.load.events import events, marks
from generator.load.lines import Source
from generator.source import Location

TOO_LARGE: Final = Code(
    "INP006", "file too large", "a file that nobody can review, or that was made to stall the reader, would be accepted"
)
NOT_UTF8: Final = Code("INP007", "not UTF-8", "the text would be guessed, and names would differ from what was written")
CONTROL: Final = Code(
    "INP008", "control character", "what a reviewer sees on the screen would not be what the generator reads"
)
TAB: Final = Code("INP009", "tab character", "YAML gives tabs no width, so indentation would not be what it looks like")

LIMIT: Final = 256 * 1024
"""The most bytes of an input file."""

_PLAIN_BYTES: Final = (string.ascii_letters + string.digits + string.punctuation + " \n\r").encode()
_REFUSED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Controls (C0, DEL, C1), U+2028 and U+2029 (line breaks to YAML 1.1 only), byte order marks inside, non-characters."""
_COMMENT_LINE: Final = re.compile(r"(?:^|\s)#")
_BLOCK_STYLES: Final = ("|", ">")


def decode(path: str, raw: bytes) -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """The text of a file and what is wrong with its characters; no text when no YAML can be read from it.

    A text with tabs comes back with spaces in their place, so that the rest of the file can be looked at as well.
    """
    if len(raw) > LIMIT:
        hint = "split it: one object a file"
        return None, (_error(TOO_LARGE, "the file is larger than 256 KiB", Location(path), hint=hint),)
    if not raw.translate(None, _PLAIN_BYTES):
        return Source(path, raw.decode("ascii")), ()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, (_not_utf8(path, raw, error.start),)
    source = Source(path, text.removeprefix("\ufeff"))
    control = _REFUSED.search(source.text)
    if control:
        return None, (_control(source, control.start()),)
    if "\t" not in source.text:
        return source, ()
    return _without_tabs(source)


def _error(code: Code, message: str, location: Location, *, found: str = "", hint: str = "") -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, location, found=found, hint=hint)


def _place(source: Source, index: int, width: int = 1) -> Location:
    """The place of the character at an index of the text."""
    before = source.text[:index]
    line = before.count("\n") + before.count("\r") - before.count("\r\n")
    return source.at(line, index - max(before.rfind("\n"), before.rfind("\r")) - 1, width)


def _not_utf8(path: str, raw: bytes, index: int) -> Diagnostic:
    before = raw[:index].decode("utf-8").removeprefix("\ufeff")
    source = Source(path, raw.decode("utf-8", errors="replace").removeprefix("\ufeff"))
    utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    hint = "the file looks like UTF-16; save it as UTF-8" if utf16 else "save the file as UTF-8"
    return _error(
        NOT_UTF8, "the file is not UTF-8", _place(source, len(before)), found=f"the byte 0x{raw[index]:02X}", hint=hint
    )


def _control(source: Source, index: int) -> Diagnostic:
    character = source.text[index]
    return _error(
        CONTROL,
        "a control character stands in the file",
        _place(source, index),
        found=f"U+{ord(character):04X}",
        hint=f'remove it, or write it as "\\u{ord(character):04X}" in double quotes',
    )


def _without_tabs(source: Source) -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """The text with spaces for tabs, and one diagnostic for the tabs outside comments, at the first of them."""
    spaced = Source(source.path, source.text.replace("\t", " "), source.text)
    scalars, readable = _scalar_spans(spaced)
    lines = [
        (number, column)
        for number, line in enumerate(source.lines)
        if "\t" in line
        for column in (_tab_outside_comment(line, number, scalars),)
        if column is not None
    ]
    if not lines:
        return spaced, ()
    number, column = lines[0]
    others = len(lines) - 1
    found = f"{others} more {'line' if others == 1 else 'lines'} with tabs below" if others else ""
    diagnostic = _error(
        TAB,
        "a tab stands outside a comment",
        source.at(number, column),
        found=found,
        hint='use spaces, or "\\t" in double quotes',
    )
    return (spaced if readable else None), (diagnostic,)


def _scalar_spans(source: Source) -> tuple[dict[int, list[tuple[int, int]]], bool]:
    """By line, the columns that scalars cover, ascending; and whether the text could be parsed to its end."""
    spans: dict[int, list[tuple[int, int]]] = {}
    next_event = events(source.text)
    depth = 0
    try:
        while depth <= 64 and (event := next_event()) is not None:
            if isinstance(event, ScalarEvent):
                start, end = marks(event)
                first = start.line + 1 if event.style in _BLOCK_STYLES else start.line
                for line in range(first, end.line + 1):
                    begin = start.column if line == start.line else 0
                    spans.setdefault(line, []).append((begin, end.column if line == end.line else len(source.text)))
            else:
                name = type(event).__name__
                depth += name.endswith("StartEvent") - name.endswith("EndEvent")
    except YAMLError:
        return spans, False
    return spans, True


def _tab_outside_comment(line: str, number: int, spans: dict[int, list[tuple[int, int]]]) -> int | None:
    """The column of the line's first tab that is not in a comment."""
    covered = spans.get(number, [])
    comment = len(line)
    for match in _COMMENT_LINE.finditer(line):
        column = match.end() - 1
        before = bisect.bisect_right(covered, column, key=lambda span: span[0])
        if not before or column >= covered[before - 1][1]:
            comment = column
            break
    column = line.find("\t")
    return column if 0 <= column < comment else None
