"""A template as one YAML text: statements dropped, includes put in, each interpolation a placeholder.

Both branches of an `if` stay, one below the other, and the body of a `for` stays once. `generator.render.structure`
says what can be concluded from such a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from generator.diagnostics import Code, Diagnostic, did_you_mean
from generator.render.source import Hole, Source, error
from generator.source import Location

MISSING = Code("RND006", "an include of a partial that is not there", "Rendering would stop at it.")

_DEPTH_LIMIT: Final = 8
"""How deep includes may go. A partial that includes itself is found by it as well."""


class FlatLine(Struct, frozen=True):
    """One line of the flattened text, and the line it was. `word` is the statement that stood there, "" for none.

    `holes` are the interpolations of the line with the columns their placeholders start at.
    """

    text: str
    source: Source
    number: int
    word: str = ""
    holes: tuple[tuple[int, Hole], ...] = ()


class Flat(Struct, frozen=True):
    """A flattened template: `holes[n]` is the interpolation whose placeholder is `placeholder(n)`."""

    lines: tuple[FlatLine, ...]
    holes: tuple[tuple[Source, Hole], ...]
    mark: str

    @property
    def text(self) -> str:
        """The YAML text."""
        return "\n".join(line.text for line in self.lines) + "\n"

    def placeholder(self, number: int) -> str:
        """A plain word that occurs nowhere else in the text."""
        return f"{self.mark}{number}x"

    def locate(self, line: int, column: int, width: int = 1) -> Location:
        """Where a place of the flattened text (both from 0) was written."""
        if not self.lines:
            return Location("")
        flat = self.lines[min(line, len(self.lines) - 1)]
        for start, hole in reversed(flat.holes):
            if start <= column:
                stop = start + len(self.placeholder(0))
                return flat.source.locate(flat.number, max(hole.column, column - stop + hole.column), width)
        return flat.source.locate(flat.number, column, width)


def flatten(
    source: Source, sources: Mapping[str, Source], known: Mapping[str, object]
) -> tuple[Flat, list[Diagnostic]]:
    """Flattens a template with the partials it includes.

    `sources` are the readable templates by name; `known` also names those that could not be read, whose faults have
    been reported and whose place stays empty here.
    """
    mark = "hole"
    while any(mark in other.text for other in sources.values()):
        mark += "z"
    walk = _Walk(sources, known, mark)
    lines = tuple(walk.lines(source, 0))
    return Flat(lines, tuple(walk.holes), mark), walk.faults


class _Walk:
    def __init__(self, sources: Mapping[str, Source], known: Mapping[str, object], mark: str) -> None:
        self.holes: list[tuple[Source, Hole]] = []
        self.faults: list[Diagnostic] = []
        self._sources = sources
        self._known = known
        self._mark = mark

    def lines(self, source: Source, depth: int) -> Iterator[FlatLine]:
        covered = {line: s for s in source.statements for line in range(s.first, s.last + 1)}
        holes: dict[int, list[Hole]] = {}
        for hole in source.holes:
            holes.setdefault(hole.line, []).append(hole)
        inside = {line for hole in source.holes for line in range(hole.line + 1, hole.last + 1)}
        for number in range(1, len(source.lines) + (source.lines[-1] != "")):
            statement = covered.get(number)
            if statement is None and number not in inside:
                yield self._filled(source, number, holes)
            elif statement is not None and number == statement.first:
                yield FlatLine("", source, number, statement.word)
                if statement.target:
                    yield from self._included(source, number, statement.target, depth)

    def _filled(self, source: Source, number: int, holes: Mapping[int, Sequence[Hole]]) -> FlatLine:
        """A line with placeholders; where an interpolation spans lines, with what follows it on its last line."""
        text, last, column = "", number, 0
        places: list[tuple[int, Hole]] = []
        while True:
            for hole in holes.get(last, ()):
                text += source.lines[last - 1][column : hole.column]
                places.append((len(text), hole))
                text += f"{self._mark}{len(self.holes)}x"
                self.holes.append((source, hole))
                column = hole.last_column
                if hole.last > last:
                    last = hole.last
                    break
            else:
                return FlatLine(text + source.lines[last - 1][column:], source, number, "", tuple(places))

    def _included(self, source: Source, number: int, target: str, depth: int) -> Iterator[FlatLine]:
        partial = self._sources.get(target)
        if partial is None:
            if target not in self._known:
                self.faults.append(
                    error(
                        MISSING,
                        f"there is no template '{target}' to include",
                        source.locate_word(number, target),
                        hint=did_you_mean(target, self._known)
                        or "names are paths below the templates folder, such as partials/labels.yaml",
                    )
                )
        elif depth >= _DEPTH_LIMIT:
            self.faults.append(
                error(
                    MISSING,
                    f"includes are more than {_DEPTH_LIMIT} deep at '{target}'",
                    source.locate_word(number, target),
                    hint="a partial may not include itself",
                )
            )
        else:
            yield from self.lines(partial, depth + 1)
