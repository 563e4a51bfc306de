"""The parser's events → data: one pass, without recursion, with everything that is wrong on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from yaml import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    YAMLError,
)
from yaml.error import MarkedYAMLError

from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.load.aliases import ALIAS, NODES, follow
from generator.load.events import events, is_absent, marks
from generator.load.lines import Source
from generator.load.positions import DEPTH, Positions
from generator.load.scalars import SPECIAL, Ambiguous, plain, shortened
from generator.load.syntax import DEEPER, SYNTAX, TOO_DEEP, syntax_error
from generator.source import Location, Pointer

EMPTY: Final = Code(
    "INP011", "empty file", "a file that was emptied by mistake would silently remove what it described"
)
SEVERAL: Final = Code("INP012", "several documents", "all but the first would be passed over in silence")
NOT_A_MAPPING: Final = Code("INP013", "no mapping", "a list or a single value cannot describe an object")
DUPLICATE_KEY: Final = Code("INP014", "key given twice", "one of the two values would win, and readers differ on which")
KEY_NOT_A_STRING: Final = Code("INP015", "key that is not a string", "JSON has no such keys, so tools would differ")
AMBIGUOUS: Final = Code("INP016", "ambiguous value", "YAML 1.1 and YAML 1.2 readers would see different values")
TAG: Final = Code(
    "INP017", "explicit tag", "a tag changes what a value is, and other tools would change it differently"
)
MERGE: Final = Code("INP018", "merge key", "YAML 1.2 has no merge keys: tools would differ on what the mapping holds")
DIRECTIVE: Final = Code("INP022", "YAML directive", "a directive changes what the lines below it mean")

_TAG: Final = re.compile(r"(?:&\S*\s+)?(!\S*)")
_NO_KEY: Final = object()
"""The next node of the mapping is a key."""
_DROPPED: Final = object()
"""The pending key is refused, so its value goes nowhere."""
_KEY_NODE: Final = object()
"""A mapping or list stands where a key belongs, and has not ended yet."""


class Walk:
    """The state of one pass. `container` is the open mapping or list, `key` the pending key when it is a mapping.

    The outermost container is `root`, a list that takes the document's one value.
    """

    __slots__ = (
        "anchors",
        "broken",
        "container",
        "diagnostics",
        "faulty",
        "incomplete",
        "integral",
        "key",
        "nodes",
        "positions",
        "root",
        "source",
        "stack",
        "watch",
    )

    def __init__(self, source: Source, watch: Callable[[Event], None] | None = None) -> None:
        """`watch` is told of each event first."""
        self.source = source
        self.watch = watch
        self.positions = Positions(source)
        self.diagnostics: list[Diagnostic] = []
        self.faulty: set[Pointer] = set()
        self.incomplete: set[Pointer] = set()
        self.root: list[Any] = []
        self.container: Any = self.root
        self.key: Any = None
        self.stack: list[tuple[Any, Any]] = []
        self.anchors: dict[str, Any] = {}
        self.nodes = 0
        self.broken = False
        self.integral = False

    def run(self) -> None:
        """Takes every event of the file, until it ends or cannot be read any further."""
        handlers: dict[type[Event], Callable[[Any], None]] = {
            ScalarEvent: self.scalar,
            MappingStartEvent: self.mapping,
            SequenceStartEvent: self.sequence,
            MappingEndEvent: self.end,
            SequenceEndEvent: self.end,
            AliasEvent: self.alias,
            DocumentStartEvent: self.document,
        }
        next_event = events(self.source.text)
        try:
            while not self.broken and (event := next_event()) is not None:
                if self.watch is not None:
                    self.watch(event)
                handler = handlers.get(type(event))
                if handler is not None:
                    handler(event)
        except MarkedYAMLError as error:
            self.broken = True
            self.diagnostics.append(syntax_error(self.source, error))
        except YAMLError as error:
            # The reader's own complaints of characters; `decode` refuses them first.
            self.broken = True
            self.report(SYNTAX, str(error).partition("\n")[0], self.source.whole())
        if not self.root and not self.diagnostics:
            self.broken = True
            hint = "describe the object here, or delete the file"
            self.report(EMPTY, "the file holds nothing but blank lines and comments", self.source.whole(), hint=hint)

    def scalar(self, event: ScalarEvent) -> None:
        """A key, or a value that is not a collection."""
        value: Any = event.value
        self.nodes += 1
        if event.tag is not None:
            self.tagged(event)
        if type(self.container) is dict and self.key is _NO_KEY:
            self.take_key(event, value)
            return
        if event.implicit[0] and (not value or value[0] in SPECIAL):
            value = self.plain(event, value)
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        self.attach(value, event)
        if type(self.container) is dict:
            self.key = _NO_KEY

    def plain(self, event: ScalarEvent, text: str) -> Any:
        """What an unquoted value means; its text when that is refused."""
        value = plain(text)
        if type(value) is float and value.is_integer():
            self.integral = True
        if isinstance(value, Ambiguous):
            self.refuse(AMBIGUOUS, f"{shortened(text)} {value.reason}", self.span(event), hint=value.remedy)
            return text
        return value

    def take_key(self, event: ScalarEvent, key: str) -> None:
        """The key of the mapping's next value, when it is one."""
        if event.anchor is not None:
            self.anchors[event.anchor] = key
        if event.implicit[0] and (not key or key[0] in SPECIAL):
            if key == "<<":
                hint = "write the keys out, or use an alias as a value: `key: *name`"
                self.drop(MERGE, "merge keys are not read", self.span(event), hint=hint)
                return
            if type(plain(key)) is not str:
                found = key or "nothing before the `:`"
                hint = f'write "{key}": in quotes' if key else "write the key"
                self.drop(KEY_NOT_A_STRING, "a key must be a string", self.span(event), found=found, hint=hint)
                return
        if key in self.container:
            related: tuple[Related, ...] = ()
            if all(type(outer) is str or outer is None for _, outer in self.stack):
                first = self.positions((*self.pointer()[:-1], key), True)
                related = (Related("first given here", first),)
            hint = "keep one of the two"
            self.drop(DUPLICATE_KEY, f"the key '{key}' is given twice", self.span(event), related=related, hint=hint)
            return
        self.key = key

    def drop(
        self,
        code: Code,
        message: str,
        location: Location,
        *,
        found: str = "",
        related: tuple[Related, ...] = (),
        hint: str,
    ) -> None:
        """Refuses a key together with its value. The mapping around it is not complete then."""
        self.key = _DROPPED
        if any(key is _KEY_NODE for _, key in self.stack):
            return  # All of this is a key that has been refused as a whole.
        self.incomplete.add(self.pointer()[:-1])
        self.report(code, message, location, found=found, related=related, hint=hint)

    def mapping(self, event: MappingStartEvent) -> None:
        """A mapping begins."""
        self.begin(event, {}, _NO_KEY)

    def sequence(self, event: SequenceStartEvent) -> None:
        """A list begins."""
        self.begin(event, [], None)

    def begin(self, event: CollectionStartEvent, value: Any, key: Any) -> None:
        """Attaches a new collection and goes into it."""
        self.nodes += 1
        if event.tag is not None:
            self.tagged(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        if len(self.stack) == DEPTH:
            self.broken = True
            message, hint = DEEPER
            self.report(TOO_DEEP, message, self.span(event), hint=hint)
            return
        if type(self.container) is dict and self.key is _NO_KEY:
            hint = "write a string before the `:`; put text that begins with `[` or `{` in quotes"
            self.drop(
                KEY_NOT_A_STRING, "a key must be a string", self.span(event), found="a mapping or a list", hint=hint
            )
            self.key = _KEY_NODE
        else:
            self.attach(value, event)
        self.stack.append((self.container, self.key))
        self.container, self.key = value, key

    def end(self, _: Event) -> None:
        """A mapping or a list ends: back to what it stands in."""
        self.container, key = self.stack.pop()
        if type(self.container) is dict:
            self.key = _DROPPED if key is _KEY_NODE else _NO_KEY

    def attach(self, value: Any, event: NodeEvent) -> None:
        """Puts a value where it belongs. The document's own value must be a mapping."""
        container = self.container
        if type(container) is dict:
            if self.key is not _DROPPED:
                container[self.key] = value
            return
        if container is self.root and type(value) is not dict:
            self.not_a_mapping(value, event)
        container.append(value)

    def not_a_mapping(self, value: Any, event: NodeEvent) -> None:
        """Reports a document that is a list or a single value, or no value at all."""
        self.broken = True
        if is_absent(event):
            hint = "describe the object here, or delete the file"
            self.report(EMPTY, "the document is empty", self.source.whole(), hint=hint)
            return
        found = "a list" if isinstance(value, list) else "a single value"
        hint = "begin with `apiVersion: tenantry.dev/v1`, on the first column"
        self.report(NOT_A_MAPPING, "the file must be a mapping", self.span(event), found=found, hint=hint)

    def alias(self, event: AliasEvent) -> None:
        """A value that stands elsewhere in the file. As data it is the same object: nothing is copied."""
        name = event.anchor or ""
        if type(self.container) is dict and self.key is _NO_KEY:
            hint = "write the key out"
            self.drop(
                KEY_NOT_A_STRING, "a key must be a string", self.span(event), found=f"the alias *{name}", hint=hint
            )
            return
        value = self.anchors.get(name)
        containers = [container for container, _ in (*self.stack, (self.container, self.key))]
        size, problem = follow(self.anchors, name, containers, self.nodes)
        self.nodes += size
        self.broken = self.nodes > NODES
        if problem:
            self.refuse(ALIAS, problem, self.span(event), hint="write the value out instead of the alias")
            value = None
        self.attach(value, event)
        if type(self.container) is dict:
            self.key = _NO_KEY

    def document(self, event: DocumentStartEvent) -> None:
        """A document begins; there may be one, and no directives before it."""
        if event.version is not None or event.tags:
            location = self.source.at(self.directive_line(), 0, len(self.source.lines[self.directive_line()]))
            self.report(
                DIRECTIVE, "YAML directives are not read", location, hint="delete the line that begins with `%`"
            )
        if self.root:
            self.broken = True
            hint = "one object a file: move what follows into a file of its own"
            self.report(SEVERAL, "a second document begins here", self.span(event), hint=hint)

    def directive_line(self) -> int:
        """The first line of the file that is a directive, from 0."""
        return next((number for number, line in enumerate(self.source.lines) if line.startswith("%")), 0)

    def tagged(self, event: ScalarEvent | CollectionStartEvent) -> None:
        """Reports a tag, by itself: the value is read as if there were none."""
        start, _ = marks(event)
        match = _TAG.match(self.source.lines[start.line], start.column)
        tag = match[1] if match else "!"
        location = self.source.at(start.line, match.start(1) if match else start.column, len(tag))
        hint = "take it away; put the value in quotes when it is text"
        self.refuse(TAG, "tags are not read", location, found=tag, hint=hint)

    def pointer(self) -> Pointer:
        """The pointer of the value that comes next. A key that was refused ends it early, at the mapping around it."""
        steps: list[str | int] = []
        for container, key in (*self.stack[1:], (self.container, self.key)):
            steps.append(key if type(container) is dict else len(container) - (container is not self.container))
            if type(steps[-1]) not in (str, int):
                steps[-1] = ""
                break
        return tuple(steps)

    def refuse(self, code: Code, message: str, location: Location, *, found: str = "", hint: str) -> None:
        """Reports the value that comes next, and marks it so that the schema does not complain of it again."""
        self.faulty.add(self.pointer())
        self.report(code, message, location, found=found, hint=hint)

    def report(
        self,
        code: Code,
        message: str,
        location: Location,
        *,
        found: str = "",
        related: tuple[Related, ...] = (),
        hint: str = "",
    ) -> None:
        """Adds an error."""
        self.diagnostics.append(
            Diagnostic(code, Severity.ERROR, message, location, found=found, related=related, hint=hint)
        )

    def span(self, event: Event) -> Location:
        """Where an event stands."""
        return self.source.of(event)
