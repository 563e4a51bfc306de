"""Proves, with the YAML parser itself, that each interpolation of a template is one whole YAML value.

The flattened template (`generator.render.flatten`) is parsed; an interpolation passes when exactly one scalar of the
result is its placeholder, plain, alone, and a value or list item that stands behind its key or dash. Written there by
`generator.render.scalars`, no value can end it.

That conclusion must hold for what is rendered as well, where some branches are missing and loops repeat. It does,
because nothing may reach over a statement: no scalar and no flow collection contains one, and the first line behind
a branch is indented no deeper than any line of it, so that it never continues what the branch opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

import yaml
from msgspec import Struct, field

from generator.diagnostics import Code, Diagnostic
from generator.render.flatten import Flat
from generator.render.scalars import is_ambiguous
from generator.render.source import Hole, Source, error

HOLE = Code(
    "RND007",
    "an interpolation that is not one whole YAML value",
    "A value could then change the structure of the manifest around it, or be read as something else.",
)
YAML_SYNTAX = Code("RND008", "a template that is not YAML", "No value could make it a manifest.")
AMBIGUOUS = Code(
    "RND009",
    "a plain word that YAML readers take for different things",
    "Kubernetes reads YAML 1.1: `no` is false, `08` and `1e3` are numbers; people and other tools read text.",
)
SPLIT = Code(
    "RND010",
    "YAML that is split over statements",
    "What is rendered without the branch, or with the loop run twice, would have another structure than was checked.",
)
UNFIT_YAML = Code(
    "RND011",
    "a feature of YAML that templates may not use",
    "Anchors, tags, directives and explicit keys are read differently by different readers, or hide what is rendered.",
)

_READER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ITEM: Final = re.compile(r" *(?:- +)+\Z")
_OPENERS: Final = frozenset(("if", "for"))
_BRANCHES: Final = frozenset(("elif", "else"))
_CLOSERS: Final = frozenset(("endif", "endfor"))


class Manner(StrEnum):
    """How the value of an interpolation is written."""

    BEHIND_KEY = "behind key"
    IN_LIST = "in list"
    IN_FLOW = "in flow"


class Slot(Struct, frozen=True):
    """Where a proven interpolation stands; `indent` is the column of its entries if it is a block collection."""

    manner: Manner
    indent: int


def check_structure(flat: Flat) -> tuple[dict[tuple[str, int], Slot], list[Diagnostic]]:
    """The slot of each interpolation, by template name and offset in its text, and all faults of its structure."""
    try:
        events = list(yaml.parse(flat.text, Loader=_READER))
    except yaml.YAMLError as fault:
        return {}, [_syntax_fault(flat, fault)]
    walk = _Walk(flat)
    for event in events:
        walk.take(event)
    faults = walk.faults + list(_unseen(flat, walk.seen)) + list(_overhanging(flat))
    return walk.slots, faults


class _Collection(Struct):
    """A collection being read: its opening event, and for a mapping its latest key while the value is awaited."""

    opening: Any
    key: Any = None
    awaits_value: bool = False

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.opening, yaml.MappingStartEvent)


class _Walk(Struct):
    flat: Flat
    slots: dict[tuple[str, int], Slot] = field(default_factory=dict)
    faults: list[Diagnostic] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    _open: list[_Collection] = field(default_factory=list)

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            is_key = self._advance(event)
            self._check_scalar(event, is_key)
        elif isinstance(event, yaml.CollectionStartEvent):
            if self._advance(event):
                self._refuse(UNFIT_YAML, "a mapping or list as a key", event, "keys are words")
            self._check_properties(event)
            self._open.append(_Collection(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            opening, end = self._open.pop().opening, event.end_mark
            if opening.flow_style and end is not None:
                self._check_span(opening, opening.start_mark.line, end.line, "a flow collection")
        elif isinstance(event, yaml.AliasEvent):
            self._advance(event)
            self._refuse(UNFIT_YAML, "an alias", event, "write the value out, or use {% set %}")
        elif isinstance(event, yaml.DocumentStartEvent | yaml.DocumentEndEvent):
            self._check_document(event)

    def _advance(self, event: Any) -> bool:
        """Moves the innermost collection on by one node; True when that node is a mapping's key."""
        if not self._open or not self._open[-1].is_mapping:
            return False
        top = self._open[-1]
        top.awaits_value = not top.awaits_value
        if top.awaits_value:
            top.key = event
        return top.awaits_value

    def _check_document(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentEndEvent):
            if event.explicit:
                self._refuse(UNFIT_YAML, "a document end mark", event, "separate documents by a line `---`")
            return
        if event.version or event.tags:
            self._refuse(UNFIT_YAML, "a YAML directive", event, "remove it")
        elif event.explicit:
            line = self.flat.lines[event.start_mark.line].text
            if line.rstrip() != "---" or line != "---":
                self._refuse(UNFIT_YAML, "a document mark that shares its line", event, "write `---` alone")

    def _check_properties(self, event: Any) -> None:
        if event.anchor:
            self._refuse(UNFIT_YAML, "an anchor", event, "write the value out, or use {% set %}")
        if event.tag:
            self._refuse(UNFIT_YAML, "a tag", event, "quote a text; numbers and booleans stand plain")

    def _check_scalar(self, event: Any, is_key: bool) -> None:
        first, last = event.start_mark.line, event.end_mark.line
        if event.style in ("|", ">"):
            while last > first and not (last < len(self.flat.lines) and self._is_within(last, event)):
                last -= 1
            if event.value.endswith("\n\n"):
                self._refuse(
                    UNFIT_YAML, "a block scalar that keeps blank lines at its end", event, "write `|` without `+`"
                )
        if last > first:
            self._check_span(event, first, last, "a text")
        numbers = [int(found) for found in re.findall(rf"{self.flat.mark}(\d+)x", event.value)]
        self.seen.update(numbers)
        if not numbers:
            self._check_properties(event)
            if not event.style and is_ambiguous(event.value):
                width = event.end_mark.column - event.start_mark.column
                self._refuse(
                    AMBIGUOUS,
                    f"the plain word {event.value} means different things to YAML readers",
                    event,
                    f'quote it: "{event.value}"',
                    width,
                )
            return
        reason = self._unfit(event, is_key, numbers)
        for number in numbers:
            source, hole = self.flat.holes[number]
            if reason:
                self.faults.append(_hole_fault(source, hole, *reason))
            else:
                self.slots[source.name, hole.start] = self._slot(event)

    def _is_within(self, line: int, event: Any) -> bool:
        """Whether a line belongs to a block scalar whose end mark lies behind its trailing blank lines."""
        return line < event.end_mark.line and bool(self.flat.lines[line].text.strip())

    def _unfit(self, event: Any, is_key: bool, numbers: list[int]) -> tuple[str, str] | None:
        """Why a scalar with placeholders is not one whole value: a phrase, and a hint. None when it is."""
        whole = "interpolate a whole value: build the text in the expression, as in {{ 'a-' ~ b }}"
        if event.style in ("|", ">"):
            return "inside a block text", "give the whole text as one expression behind its key"
        if event.style:
            return "inside quotes", "remove the quotes: values are quoted as they need; " + whole
        if is_key:
            return "in a key", "interpolate the whole mapping behind its key: labels: {{ tenant.labels }}"
        if event.value != self.flat.placeholder(numbers[0]):
            return "part of a longer text", whole
        if event.anchor or event.tag:
            return "behind an anchor or tag", "remove it"
        line = self.flat.lines[event.start_mark.line].text
        if line.strip() == event.value:
            return "alone on its line", "put it behind its key or dash; a mapping or list is laid out from there"
        if not self._stands_behind(event, line):
            return "not behind a key or dash", "write `key: {{ value }}` or `- {{ value }}`"
        return None

    def _stands_behind(self, event: Any, line: str) -> bool:
        top = self._open[-1] if self._open else None
        if top is None:
            return False
        if top.opening.flow_style:
            return True
        start = event.start_mark.column
        if not top.is_mapping:
            return _ITEM.match(line[:start]) is not None
        end = top.key.end_mark
        return bool(end.line == event.start_mark.line and line[end.column : start].strip() == ":")

    def _slot(self, event: Any) -> Slot:
        top = self._open[-1]
        if top.opening.flow_style:
            return Slot(Manner.IN_FLOW, 0)
        if top.is_mapping:
            return Slot(Manner.BEHIND_KEY, top.key.start_mark.column + 2)
        return Slot(Manner.IN_LIST, event.start_mark.column)

    def _check_span(self, event: Any, first: int, last: int, what: str) -> None:
        for line in range(first, last + 1):
            if self.flat.lines[line].word:
                place = self.flat.locate(line, 0)
                self.faults.append(
                    error(
                        SPLIT,
                        f"{what} goes on over a statement",
                        self.flat.locate(event.start_mark.line, event.start_mark.column),
                        found=f"`{self.flat.lines[line].word}` in line {place.line} of {place.path}",
                        hint="put the whole of it into each branch, or make it an expression",
                    )
                )
                return

    def _refuse(self, code: Code, message: str, event: Any, hint: str, width: int = 1) -> None:
        place = self.flat.locate(event.start_mark.line, event.start_mark.column, width)
        self.faults.append(error(code, message, place, hint=hint))


def _unseen(flat: Flat, seen: set[int]) -> Iterator[Diagnostic]:
    """Interpolations that are in no scalar: in comments, and in the names of anchors, tags and directives."""
    for number, (source, hole) in enumerate(flat.holes):
        if number not in seen:
            in_comment = "#" in source.lines[hole.line - 1][: hole.column]
            where = "in a comment" if in_comment else "in no value at all"
            yield _hole_fault(source, hole, where, "remove it, or write a comment of the template: {# … #}")


def _hole_fault(source: Source, hole: Hole, where: str, hint: str) -> Diagnostic:
    return error(HOLE, f"an interpolation is {where}", source.locate_hole(hole), hint=hint)


def _syntax_fault(flat: Flat, fault: yaml.YAMLError) -> Diagnostic:
    line, column, message = 0, 0, ""
    if isinstance(fault, yaml.MarkedYAMLError):
        if mark := fault.problem_mark or fault.context_mark:
            line, column = mark.line, mark.column
        message = ", ".join(part for part in (fault.context, fault.problem) if part)
    hint = "without its statements the template must be YAML; check indentation and quotes"
    if line < len(flat.lines) and "{" in flat.lines[line].text:
        hint += "; a brace opens a mapping unless it is quoted"
    return error(YAML_SYNTAX, message or "not YAML", flat.locate(line, column), hint=hint)


class _Frame(Struct):
    """An open statement: the least indentation of all its lines, and of its first line."""

    word: str
    least: int | None = None
    first: int | None = None


def _overhanging(flat: Flat) -> Iterator[Diagnostic]:
    """Lines behind a branch that are indented deeper than some line of it, and loops that begin so."""
    frames: list[_Frame] = []
    limit: int | None = None
    for number, line in enumerate(flat.lines):
        if line.word in _OPENERS:
            frames.append(_Frame(line.word))
        elif (line.word in _BRANCHES or line.word in _CLOSERS) and frames:
            frame = frames[-1]
            if frame.least is not None:
                limit = frame.least
            if frame.word == "for" and frame.first is not None and frame.least is not None:
                if frame.first > frame.least:
                    yield _overhang(flat, number, "the lines of a loop end further left than they begin")
                frame.first = None
            if line.word in _CLOSERS:
                frames.pop()
        text = line.text.strip()
        if not text or text.startswith("#"):
            continue
        indent = len(line.text) - len(line.text.lstrip(" "))
        if limit is not None and indent > limit:
            yield _overhang(flat, number, "a line continues what a branch above it began")
        limit = None
        for frame in frames:
            frame.least = indent if frame.least is None else min(frame.least, indent)
            frame.first = indent if frame.first is None else frame.first


def _overhang(flat: Flat, number: int, message: str) -> Diagnostic:
    line = flat.lines[number]
    return error(
        SPLIT,
        message,
        line.source.locate_line(line.number),
        hint="a branch or loop holds whole entries: move the line into it, or its beginning out",
    )
