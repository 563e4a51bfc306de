"""One template as it is written: its statements and interpolations, and what of Jinja2 it may use.

Templates are plain Jinja2, but a narrow part of it: every statement and comment stands alone on its lines, so that
the YAML around them can be read without running them, and nothing turns rendered text back into a value.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables
from msgspec import Struct
from msgspec.structs import replace

from generator.diagnostics import Code, Diagnostic, Severity, did_you_mean, listing
from generator.source import Location

SYNTAX = Code("RND001", "a template that Jinja2 cannot read", "Nothing can be rendered from it.")
FORBIDDEN = Code(
    "RND002",
    "a construct that templates may not use",
    "Macros, captured blocks and their like turn rendered text into values, which would then be quoted twice or not "
    "at all; whitespace control moves text to columns where it means something else.",
)
INLINE = Code(
    "RND003",
    "a statement that shares its line",
    "The YAML around statements is checked without running them, which only whole lines allow.",
)
UNKNOWN_FILTER = Code("RND004", "an unknown filter or test", "Rendering would stop at it, or only for some tenants.")
UNREADABLE = Code("RND005", "a template with characters it may not hold", "YAML takes no tabs for indentation.")

_ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Scope,
    nodes.For,
    nodes.If,
    nodes.Assign,
    nodes.Include,
)
_CONTROL_HINT: Final = "remove the sign: lines of statements leave nothing behind anyway"
_STATEMENTS: Final = "for, if, elif, else, set x = …, and include of a constant name"
_QUOTED: Final = "every value is quoted as it needs where it stands, so nothing is to be escaped or marked"
_UNFIT_FILTERS: Final = {
    **dict.fromkeys(("safe", "escape", "e", "forceescape", "xmlattr", "urlize"), _QUOTED),
    "random": "the same inputs must give the same bytes",
    "attr": "write value.name",
}
"""Filters of Jinja2 that templates may not use, and why."""
_FORBIDDEN_CHARACTER: Final = re.compile("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ufeff]")


class Hole(Struct, frozen=True):
    """One `{{ … }}`: where it is in the text (`start` to `end`), where it begins and ends, and its expression.

    Lines count from 1, columns from 0; `last_column` is the one behind the closing braces.
    """

    start: int
    end: int
    line: int
    column: int
    last: int
    last_column: int
    expression: str


class Statement(Struct, frozen=True):
    """One `{% … %}` or `{# … #}`: the lines it covers, its first word ("" for a comment) and what an include names."""

    first: int
    last: int
    word: str
    target: str = ""


class Source(Struct, frozen=True):
    """A template's text, taken apart. `name` is its path below the templates folder, `path` the one shown to people.

    Lines count from 1; `lines[0]` is line 1. `needed` are the variables it reads and nowhere sets, each with the first
    line that names it; `assigned` are those that its statements set, be it in one branch only. `read` are all names
    that its expressions read, set or not. `fleet` are the attributes of the variable of that name that it reads, ""
    among them when it uses the variable in another way.
    """

    name: str
    path: str
    text: str
    lines: tuple[str, ...]
    holes: tuple[Hole, ...]
    statements: tuple[Statement, ...]
    needed: Mapping[str, int]
    assigned: frozenset[str]
    read: frozenset[str] = frozenset()
    fleet: frozenset[str] = frozenset()

    def locate(self, line: int, column: int = 0, width: int = 1) -> Location:
        """A place in this template; `line` counts from 1, `column` from 0."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Location(self.path, line, column + 1, text, max(1, min(width, max(1, len(text) - column))))

    def locate_hole(self, hole: Hole) -> Location:
        """The place of an interpolation, as wide as it is written."""
        return self.locate(hole.line, hole.column, hole.end - hole.start)

    def locate_line(self, line: int) -> Location:
        """The first interpolation or else the text of a line: what a fault of that line is shown at."""
        for hole in self.holes:
            if hole.line <= line <= hole.last:
                return self.locate_hole(hole)
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return self.locate(line, len(text) - len(text.lstrip()), len(text.strip()))

    def locate_word(self, line: int, word: str) -> Location:
        """A word in a line or one of the two after it, behind a bar or `is` if possible: Jinja2 gives no columns."""
        for lead in (r"(?:\|\s*|\bis\s+|\bnot\s+)", r"(?<![\w.])"):
            for number in range(line, min(line + 3, len(self.lines) + 1)):
                if found := re.search(rf"{lead}({re.escape(word)})(?!\w)", self.lines[number - 1]):
                    return self.locate(number, found.start(1), len(word))
        return self.locate_line(line)


def read_source(name: str, path: str, text: str, environment: Environment) -> tuple[Source | None, list[Diagnostic]]:
    """Takes a template apart. None where Jinja2 itself cannot read it; otherwise with all that it may not do.

    `environment` is the one it will run in: it says which filters and tests there are. It must not trim blocks.
    """
    lines = tuple(text.split("\n"))
    bare = Source(name, path, text, lines, (), (), {}, frozenset())
    if faults := list(_odd_characters(bare)):
        return None, faults
    try:
        tree = environment.parse(text)
        pieces = _Scanner(bare, environment)
        pieces.scan()
    except TemplateSyntaxError as fault:
        return None, [_syntax_fault(bare, fault)]
    every = tuple(tree.find_all(nodes.Node))
    names = sorted((one for one in every if isinstance(one, nodes.Name)), key=lambda one: one.lineno, reverse=True)
    assigned = frozenset(one.name for one in names if one.ctx != "load")
    faults = pieces.faults + list(_unknown_filters(bare, every, environment))
    if not any(fault.code is FORBIDDEN for fault in faults):
        faults += _forbidden_nodes(bare, every)
    needed: dict[str, int] = {}
    if not any(fault.code is UNKNOWN_FILTER for fault in faults):
        lines_of = {one.name: one.lineno for one in names}
        needed = {unset: lines_of[unset] for unset in find_undeclared_variables(tree) - assigned}
    return replace(
        bare,
        holes=tuple(pieces.holes),
        statements=tuple(pieces.statements),
        needed=needed,
        assigned=assigned,
        read=frozenset(one.name for one in names if one.ctx == "load"),
        fleet=_attributes(every, "fleet"),
    ), faults


def _attributes(every: Iterable[nodes.Node], name: str) -> frozenset[str]:
    """The attributes of a variable that a template reads; "" among them when it does anything else with it."""
    read = [
        one.attr
        for one in every
        if isinstance(one, nodes.Getattr) and isinstance(one.node, nodes.Name) and one.node.name == name
    ]
    uses = sum(isinstance(one, nodes.Name) and one.name == name for one in every)
    return frozenset(read) if uses == len(read) else frozenset((*read, ""))


def error(code: Code, message: str, location: Location, **details: str) -> Diagnostic:
    """A diagnostic of a template: all of them stop the run."""
    return Diagnostic(code, Severity.ERROR, message, location, **details)  # type: ignore[arg-type]


class _Scanner:
    """Walks the lexer's tokens once, keeping where each stands."""

    def __init__(self, source: Source, environment: Environment) -> None:
        self.holes: list[Hole] = []
        self.statements: list[Statement] = []
        self.faults: list[Diagnostic] = []
        self._source = source
        self._environment = environment
        self._starts = [0]
        for line in source.lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def scan(self) -> None:
        begin, position = 0, 0
        words: list[tuple[str, str]] = []
        for _, kind, value in self._environment.lex(self._source.text):
            start = self._source.text.index(value, position)
            position = start + len(value)
            if kind.endswith("_begin"):
                begin, words = start, []
                self._refuse_control(kind, value, start)
            elif kind in ("name", "operator", "string"):
                words.append((kind, value))
            elif kind == "variable_end":
                self._add_hole(begin, start + 2 + (value[0] in "-+"))
            elif kind in ("block_end", "comment_end", "raw_end"):
                self._add_statement(begin, start + len(value.rstrip()), words if kind == "block_end" else [])

    def _at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1]

    def _refuse(self, code: Code, message: str, start: int, width: int, hint: str) -> None:
        self.faults.append(error(code, message, self._source.locate(*self._at(start), width), hint=hint))

    def _refuse_control(self, kind: str, value: str, start: int) -> None:
        if kind == "raw_begin":
            self._refuse(
                FORBIDDEN,
                "a raw block is not allowed",
                start,
                len(value),
                "write the braces in a quoted YAML string from an expression: {{ '{{ x }}' }}",
            )
        elif value[-1] in "-+":
            self._refuse(FORBIDDEN, f"whitespace control `{value}` is not allowed", start, len(value), _CONTROL_HINT)

    def _refuse_control_at_end(self, end: int) -> None:
        closer = self._source.text[end - 3 : end]
        if closer[0] in "-+":
            self._refuse(FORBIDDEN, f"whitespace control `{closer}` is not allowed", end - 3, 3, _CONTROL_HINT)

    def _add_hole(self, start: int, end: int) -> None:
        self._refuse_control_at_end(end)
        self.holes.append(Hole(start, end, *self._at(start), *self._at(end), self._source.text[start + 2 : end - 2]))

    def _add_statement(self, start: int, end: int, words: list[tuple[str, str]]) -> None:
        text = self._source.text
        self._refuse_control_at_end(end)
        (first, column), (last, stop) = self._at(start), self._at(end)
        head, tail = self._source.lines[first - 1][:column], self._source.lines[last - 1][stop:]
        what = "a comment" if text.startswith("{#", start) else "a statement"
        if head.strip() or tail.strip():
            width = len(self._source.lines[first - 1]) - column if last != first else end - start
            hint = "put it on a line of its own"
            if words and words[0][1] == "if":
                hint += ", or write a conditional value: {{ a if condition else b }}"
            self._refuse(INLINE, f"{what} shares its line with other text", start, width, hint)
        word = words[0][1] if words else ""
        target = ""
        if word == "include" and len(words) == 2 and words[1][0] == "string":
            target = words[1][1][1:-1]
        elif word == "include":
            self._refuse(
                FORBIDDEN,
                "an include that is not of one constant name",
                start,
                end - start,
                'write {% include "partials/name.yaml" %}',
            )
        self.statements.append(Statement(first, last, word, target))


def _odd_characters(source: Source) -> Iterator[Diagnostic]:
    for number, line in enumerate(source.lines, 1):
        if found := _FORBIDDEN_CHARACTER.search(line):
            tab = found.group() == "\t"
            message = "a tab" if tab else f"the character U+{ord(found.group()):04X}"
            hint = "indent with spaces" if tab else "remove it; lines end in a line feed alone, and text is UTF-8"
            yield error(UNREADABLE, f"{message} in a template", source.locate(number, found.start()), hint=hint)


def _syntax_fault(source: Source, fault: TemplateSyntaxError) -> Diagnostic:
    message = (fault.message or "unreadable").rstrip(".")
    message = message[0].lower() + message[1:]
    unknown = re.match(r"encountered unknown tag '(\w+)'", message)
    hint = "look for a bracket, a quote or a tag that is not closed"
    if unknown:
        hint = f"the statements of templates are {_STATEMENTS}"
    elif "innermost block" in message:
        hint = "end the statement that begins here"
    elif 0 < fault.lineno <= len(source.lines) and "{{{" in source.lines[fault.lineno - 1]:
        hint = "put a blank between the brace of YAML and those of the interpolation"
    location = source.locate_word(fault.lineno, unknown[1]) if unknown else source.locate_line(fault.lineno)
    return error(SYNTAX, message, location, hint=hint)


def _forbidden_nodes(source: Source, every: Iterable[nodes.Node]) -> list[Diagnostic]:
    faults = []
    for node in every:
        if not isinstance(node, nodes.Stmt):
            continue
        name = type(node).__name__.lower()
        if isinstance(node, nodes.For) and node.recursive:
            name = "recursive for"
        elif isinstance(node, _ALLOWED):
            continue
        shown = {
            "assignblock": "set block",
            "callblock": "call block",
            "filterblock": "filter block",
            "fromimport": "import",
            "scopedevalcontextmodifier": "autoescape",
        }.get(name, name)
        faults.append(
            error(
                FORBIDDEN,
                f"the construct `{shown}` is not allowed",
                source.locate_line(node.lineno or 0),
                hint=f"use {_STATEMENTS}; shared text goes into partials/",
            )
        )
    return faults


def _unknown_filters(source: Source, every: Iterable[nodes.Node], environment: Environment) -> Iterator[Diagnostic]:
    for kind, node_type, known in (
        ("filter", nodes.Filter, environment.filters),
        ("test", nodes.Test, environment.tests),
    ):
        for node in every:
            if not isinstance(node, node_type) or (node.name in known and node.name not in _UNFIT_FILTERS):
                continue
            fit = [name for name in known if name not in _UNFIT_FILTERS]
            hint = _UNFIT_FILTERS.get(node.name) or did_you_mean(node.name, fit)
            yield error(
                UNKNOWN_FILTER,
                f"there is no {kind} '{node.name}' in templates",
                source.locate_word(node.lineno, node.name),
                hint=hint,
                expected="" if hint else listing(fit, 12),
            )
