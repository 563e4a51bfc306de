"""What libyaml's scanner and parser complain of, in a sentence that says what to do about it.

libyaml names the rule of its grammar that failed ("did not find expected key"); the person needs the likely mistake.
"""

from __future__ import annotations

from typing import Final

from yaml.error import MarkedYAMLError

from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.load.events import Mark
from generator.load.lines import Source
from generator.load.positions import DEPTH

SYNTAX: Final = Code("INP010", "not YAML", "nothing in the file could be trusted to mean what it says")
ESCAPE: Final = Code(
    "INP021", "unusable escape in a string", "half a character, or none at all, would reach the clusters"
)
TOO_DEEP: Final = Code("INP020", "nested too deeply", "tools that read recursively would crash on the file")

DEEPER: Final = (f"mappings and lists nest deeper than {DEPTH} levels", "the schemas need no more than ten levels")
"""What is said of it, and what to do."""
_TOO_DEEP: Final = "exceeded maximum nesting depth"
"""libyaml's own limit of 1,000 levels, since 0.2.6: its scanner reaches it before it has told of the first level."""
_AT_CONTEXT: Final = frozenset(
    {
        "could not find expected ':'",
        "found unexpected end of stream",
        "did not find expected ',' or '}'",
        "did not find expected ',' or ']'",
    }
)
"""Problems that libyaml marks where it gave up; what must be mended is where the construct began."""

_ESCAPES: Final = frozenset(
    {
        "found invalid Unicode character escape code",
        "found unknown escape character",
        "did not find expected hexdecimal number",
    }
)

_SENTENCES: Final = {
    _TOO_DEEP: DEEPER,
    "mapping values are not allowed in this context": (
        "a second `: ` stands in one value, or this line is indented too far",
        "put a value that contains `: ` in quotes; line the keys of one mapping up",
    ),
    "could not find expected ':'": ("this line has no `:` after its key", "write `key: value`, or `- value` in a list"),
    "did not find expected key": (
        "this line does not continue the mapping that it is indented under",
        "line the keys of one mapping up; close every quote and bracket above",
    ),
    "did not find expected '-' indicator": (
        "this line does not continue the list that it is indented under",
        "line the dashes of one list up",
    ),
    "did not find expected ',' or '}'": (
        "the brace that opens here is not closed, or lacks a comma",
        "write {a: 1, b: 2}",
    ),
    "did not find expected ',' or ']'": ("the bracket that opens here is not closed, or lacks a comma", "write [a, b]"),
    "did not find expected node content": ("a value is missing here", "write the value, or take the comma away"),
    "found unexpected end of stream": ("the quote that opens here is never closed", "close the quote"),
    "found unexpected document indicator": ("the quote is not closed before the document ends", "close the quote"),
    "found character that cannot start any token": (
        "a value cannot begin with this character",
        "put the value in quotes",
    ),
    "block sequence entries are not allowed in this context": (
        "a list cannot begin here",
        "put the list on a line of its own below the key, or write it as [a, b]",
    ),
    "mapping keys are not allowed in this context": ("a mapping cannot begin here", "write `key: value`"),
    "did not find expected comment or line break": (
        "only a comment may follow here",
        "put the text on the next line, indented; put a value that begins with `|` or `>` in quotes",
    ),
    "did not find expected alphabetic or numeric character": (
        "`*` and `&` begin the name of an alias or an anchor, and no name follows",
        "put the value in quotes",
    ),
    "did not find expected <document start>": (
        "something follows the end of the document, or stands before its begin",
        "take it away, or indent it as a part of what is above",
    ),
    "found undefined tag handle": ("a `!` begins a tag here, and tags are not used", "put the value in quotes"),
    "found unknown escape character": (
        "the string has an escape that YAML does not know",
        "write `\\\\` for a backslash, or put the string in single quotes",
    ),
    "found invalid Unicode character escape code": (
        "the string has an escape that stands for no character (half of a surrogate pair, or too large)",
        "write the character itself, or all of it as \\UXXXXXXXX",
    ),
    "did not find expected hexdecimal number": (
        "the string has an escape with too few hexadecimal digits",
        "write \\xXX, \\uXXXX or \\UXXXXXXXX, or put the string in single quotes",
    ),
}

_CONTEXTS: Final = {
    "while parsing a block mapping": "the mapping begins here",
    "while parsing a block collection": "the list begins here",
    "while parsing a flow mapping": "it cannot go on like this",
    "while parsing a flow sequence": "it cannot go on like this",
}


def syntax_error(source: Source, error: MarkedYAMLError) -> Diagnostic:
    """The diagnostic of what the parser raised: at the mistake, with the begin of what it is in as the second place."""
    problem, context = error.problem or "", error.context or ""
    mark, begin = error.problem_mark, error.context_mark
    if begin is not None and (mark is None or problem in _AT_CONTEXT):
        mark, begin = begin, mark if context in _CONTEXTS else None
    message, hint = _SENTENCES.get(problem, (f"{problem} {context}".strip() or "the file is not YAML", ""))
    if mark is not None and problem == "did not find expected key" and _behind_a_value(source, mark):
        message, hint = "the value has ended before this", "put all of the value in quotes"
    related: tuple[Related, ...] = ()
    if mark is not None and begin is not None and begin.line != mark.line and context in _CONTEXTS:
        related = (Related(_CONTEXTS[context], source.at(begin.line, begin.column)),)
    location = source.whole() if mark is None else source.at(mark.line, mark.column)
    code = ESCAPE if problem in _ESCAPES else TOO_DEEP if problem == _TOO_DEEP else SYNTAX
    return Diagnostic(code, Severity.ERROR, message, location, related=related, hint=hint)


def _behind_a_value(source: Source, mark: Mark) -> bool:
    """Whether something stands before a place on its line."""
    return mark.line < len(source.lines) and bool(source.lines[mark.line][: mark.column].strip())
