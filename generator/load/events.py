"""The events of libyaml's parser, which PyYAML makes available without reading anything into them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from yaml import Event, ScalarEvent
from yaml._yaml import CParser


class Mark(Protocol):
    """A place in the text: line and column count from 0, in characters."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


def events(text: str) -> Callable[[], Event | None]:
    """A function that gives the next event each time, and None after the last.

    The parser looks ahead no further than it must, so whoever stops asking at a depth of his choice never pays for
    deeper nesting (libyaml takes time with the square of it). Raises yaml.YAMLError at a mistake in the text.
    """
    return CParser(text).get_event


def marks(event: Event) -> tuple[Mark, Mark]:
    """Where an event begins and where it ends. libyaml's events always say."""
    return cast("tuple[Mark, Mark]", (event.start_mark, event.end_mark))


def is_absent(event: Event) -> bool:
    """Whether the event is a value that was left out (`key:` with nothing behind it)."""
    if not isinstance(event, ScalarEvent) or event.value or not event.implicit[0]:
        return False
    start, end = marks(event)
    return (start.line, start.column) == (end.line, end.column)
