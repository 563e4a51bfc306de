"""Renders one file once more and keeps where each of its lines was written.

The templates are compiled a second time with a mark at the head of each line that can come out. Marks are made of
control characters, which no template may hold and no value is written with, so taking them out again leaves the very
bytes that rendering gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

import jinja2
from msgspec import Struct

from generator.model.fleet import Fleet
from generator.render.documents import documents
from generator.render.layout import Place
from generator.render.rendering import header
from generator.render.source import Source
from generator.render.subjects import Subject, subjects
from generator.render.templates import Template, Templates, compiled
from generator.source import Location

_MARK: Final = re.compile("\x01(\\d+):(\\d+)\x02")


class Output(Struct, frozen=True):
    """One file that a fleet renders to: for what, by which template."""

    subject: Subject
    template: Template

    @property
    def path(self) -> str:
        """The path below rendered/."""
        return _path(self.template.place, self.subject)


class Traced(Struct, frozen=True):
    """A rendered file, and for each of its lines the template's line that wrote it; None for lines of no template."""

    text: str
    written: tuple[tuple[Source, int] | None, ...]

    def place(self, line: int) -> Location | None:
        """Where a line (from 1) was written: its first interpolation, or its text."""
        found = self.written[line - 1] if 0 < line <= len(self.written) else None
        return found[0].locate_line(found[1]) if found is not None else None

    def expressions(self, line: int) -> tuple[str, ...]:
        """The expressions on the template's line."""
        found = self.written[line - 1] if 0 < line <= len(self.written) else None
        if found is None:
            return ()
        source, number = found
        return tuple(hole.expression.strip() for hole in source.holes if hole.line <= number <= hole.last)


def outputs(fleet: Fleet, templates: Templates) -> Iterator[Output]:
    """Every file that a fleet may render to; those without an object are among them."""
    for subject in subjects(fleet):
        for template in templates.by_scope[subject.scope]:
            yield Output(subject, template)


def same(output: Output, among: Iterable[Subject]) -> Subject | None:
    """Who the file is for in a fleet that differs a little; the one of the same name, or else of the same files."""
    alike = [other for other in among if other.scope is output.subject.scope and other.origin == output.subject.origin]
    named = [other for other in alike if other.words.get("cluster") == output.subject.words.get("cluster")]
    found = named or (alike if len(alike) == 1 else [])
    return found[0] if found else None


def text_of(template: Template, subject: Subject) -> str:
    """A file's text, as `render` writes it; "" for one without an object, or where an expression fails."""
    body = _body(template.compiled, subject)
    return header(subject.inputs, template.name) + body if body else ""


def trace(templates: Templates, output: Output) -> Traced:
    """Renders a file, keeping where its lines were written; nothing where `text_of` gives nothing."""
    environment, sources = _marked(templates)
    body = _body(environment.get_template(output.template.name), output.subject)
    if not body:
        return Traced("", ())
    head = header(output.subject.inputs, output.template.name)
    written: list[tuple[Source, int] | None] = [None] * head.count("\n")
    last: tuple[Source, int] | None = None
    for line in body.removesuffix("\n").split("\n"):
        if found := _MARK.match(line):
            last = sources[int(found[1])], int(found[2])
        elif line == "---":
            last = None
        written.append(last)
    return Traced(head + _MARK.sub("", body), tuple(written))


def _body(compiled: jinja2.Template, subject: Subject) -> str:
    try:
        return documents(compiled.render(subject.variables))
    except Exception:  # noqa: BLE001 - whatever an expression raises is its author's mistake, and `render` reports it
        return ""


@lru_cache(maxsize=2)
def _marked(templates: Templates) -> tuple[jinja2.Environment, tuple[Source, ...]]:
    """The templates with a mark on each line, and their sources by the number that marks give."""
    sources = tuple(templates.sources.values())
    numbers = {source.name: number for number, source in enumerate(sources)}
    environment = compiled(
        {source.name: source for source in sources},
        templates.slots,
        lambda source, text: _with_marks(source, text, numbers[source.name]),
    )
    return environment, sources


def _with_marks(source: Source, text: str, number: int) -> str:
    """A mark on each line with content: not on statements, separators, comments and blank lines, whose handling depends
    on how they begin; nor within an interpolation of several lines."""
    taken = {line for each in source.statements for line in range(each.first, each.last + 1)}
    taken |= {line for hole in source.holes for line in range(hole.line + 1, hole.last + 1)}
    lines = text.split("\n")
    for index, line in enumerate(lines):
        shown = line.strip()
        if index + 1 not in taken and shown and shown != "---" and not shown.startswith("#"):
            lines[index] = f"\x01{number}:{index + 1}\x02{line}"
    return "\n".join(lines)


def _path(place: Place, subject: Subject) -> str:
    return place.pattern.format(**subject.words)
