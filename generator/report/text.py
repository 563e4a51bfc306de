"""Findings for people at a terminal: the place, the source line with a caret, what was found and what to write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from generator.diagnostics import Diagnostic, Severity
from generator.report.content import Report
from generator.source import Location

LIMIT: Final = 500
"""The most characters of a message, or of a line below it: names and values from a file may be of any length."""
LONGEST: Final = 160
"""The most characters of a source line that are shown; of a longer one, those around the place."""

_BEFORE: Final = 60
"""How many characters of a long line stand before the place."""

_BOLD: Final = "1"
_FRAME: Final = "1;34"
_COLORS: Final = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}
_UNSHOWN: Final = re.compile(r"[^\x20-\x7e]")


def write(report: Report) -> str:
    """The findings for a terminal; "" for none. What the command counts stands in its summary, on standard error."""
    return text(report.findings, color=report.color)


def text(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """The findings in the order given, a blank line between them, with a line break at the end; "" for none.

    Nothing of a file's content reaches the terminal as anything but visible characters: what is not printable, moves
    the cursor or turns the direction of writing is shown by its number.
    """
    return "\n".join("".join(f"{line}\n" for line in _finding(diagnostic, color)) for diagnostic in diagnostics)


def visible(content: str) -> str:
    r"""The content with everything that a terminal would act on, or not show, written as `\t`, `\x1b` or `\u202e`."""
    return _UNSHOWN.sub(lambda match: _escaped(match[0]), content)


def _clipped(content: str) -> str:
    return visible(content if len(content) <= LIMIT else f"{content[:LIMIT]}…")


def _escaped(character: str) -> str:
    """A character as it is shown. Categories C (control, format, surrogate, unassigned) and Z but the space are not."""
    if unicodedata.category(character)[0] not in "CZ":
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def _finding(diagnostic: Diagnostic, color: bool) -> Iterator[str]:
    """The lines of one finding."""

    def paint(content: str, style: str) -> str:
        return f"\x1b[{style}m{content}\x1b[0m" if color else content

    location = diagnostic.location
    gutter = " " * len(str(location.line)) if location.line else " "
    head = paint(f"{diagnostic.severity}[{diagnostic.code.id}]", _COLORS[diagnostic.severity])
    yield f"{head}{paint(': ' + _clipped(diagnostic.message), _BOLD)}"
    yield f"{gutter}{paint(' -->', _FRAME)} {visible(str(location))}"
    if location.line:
        bar = paint("|", _FRAME)
        line, offset, width = _window(location)
        yield f"{gutter}  {bar}"
        yield f" {paint(str(location.line), _FRAME)} {bar} {line}".rstrip()
        yield f"{gutter}  {bar} {' ' * offset}{paint('^' * width, _COLORS[diagnostic.severity])}"
    for name, content in _details(diagnostic):
        yield f"{gutter}  {paint('=', _FRAME)} {paint(name + ':', _BOLD)} {_clipped(content)}"


def _details(diagnostic: Diagnostic) -> Iterator[tuple[str, str]]:
    """What stands below the source line."""
    if diagnostic.found:
        yield "found", diagnostic.found
    if diagnostic.expected:
        yield "expected", diagnostic.expected
    if diagnostic.declared is not None:
        yield "declared", str(diagnostic.declared)
    for related in diagnostic.related:
        yield "see", f"{related.location}: {related.message}"
    if diagnostic.hint:
        yield "hint", diagnostic.hint


def _window(location: Location) -> tuple[str, int, int]:
    """The source line as shown, and from where (0 is its first character) and how far the caret underlines it."""
    start = min(location.column - 1, len(location.text))
    end = min(start + location.width, len(location.text))
    first, last = 0, len(location.text)
    if last > LONGEST:
        first = max(0, min(start - _BEFORE, last - LONGEST))
        last = first + LONGEST
    before = ("…" if first else "") + visible(location.text[first:start])
    marked = visible(location.text[start : min(end, last)])
    after = visible(location.text[min(end, last) : last]) + ("…" if last < len(location.text) else "")
    return before + marked + after, len(before), max(1, len(marked))
