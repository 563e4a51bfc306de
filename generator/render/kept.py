"""The program's own templates, compiled, kept where Python keeps its compiled modules and for the same reason.

That is `__pycache__` beside this file, or wherever Python is told to keep such. It is never the user's cache: what is
kept here is code, and whoever can write here can change the program anyway. So templates of a fleet's own are compiled
in each run. Like Python, this is content not to be able to write, and writes nothing where Python is told not to.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType
from typing import Any, Final

from generator.render.compiling import Compiled
from generator.render.remembered import reader
from generator.render.templates import Template

_TAG: Final = "templates"
"""What tells the file from the compiled form of this module."""
_DIGEST: Final = 32


@dataclass(frozen=True, slots=True)
class Ready:
    """A template as it is run: its code, None for one that only Jinja2 can run, and whether what it gives is tidy
    (`generator.render.documents`)."""

    tidy: bool
    compiled: Compiled | None


class Kept:
    """The templates that are kept. `add` takes in another, and `write` keeps what was added, too."""

    def __init__(self) -> None:
        self._added: dict[bytes, tuple[bool, CodeType, dict[str, tuple[str, str]]]] = {}

    def get(self, template: Template) -> Ready | None:
        """A template; None where it is not kept."""
        if not template.is_shipped:
            return None
        found = self._known.get(_key(template))
        return None if found is None else Ready(found[0], Compiled(found[1], found[2]))

    def add(self, template: Template, ready: Ready) -> None:
        """Takes in a template that was not kept, if it is the program's own."""
        if template.is_shipped and ready.compiled is not None:
            self._added[_key(template)] = (ready.tidy, ready.compiled.code, dict(ready.compiled.bound))

    def write(self) -> None:
        """Keeps what was added, if there is a place for it."""
        place = _place()
        if not self._added or place is None or sys.dont_write_bytecode:
            return
        content = marshal.dumps((reader(), {**self._known, **self._added}))
        new = place.with_name(f"{place.name}.{os.getpid()}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(_digest(content) + content)
            new.replace(place)
        except OSError:
            with suppress(OSError):
                new.unlink()

    @cached_property
    def _known(self) -> Mapping[bytes, Any]:
        place = _place()
        try:
            content = place.read_bytes() if place is not None else b""
        except OSError:
            return {}
        if content[:_DIGEST] != _digest(content[_DIGEST:]):
            return {}  # cut off: the disk was full, or another version wrote it
        of, known = marshal.loads(content[_DIGEST:])  # noqa: S302 - as Python reads its compiled modules
        return known if of == reader() else {}


def _place() -> Path | None:
    try:
        return Path(cache_from_source(__file__, optimization=_TAG))
    except NotImplementedError:  # a Python that keeps nothing
        return None


def _key(template: Template) -> bytes:
    """All that a template's code follows from, beside `reader`: its text and those of its partials as they are
    compiled."""
    digest = hashlib.blake2b(template.name.encode(), digest_size=32)
    loader = template.environment.loader
    for part in template.parts:
        text = loader.get_source(template.environment, part.name)[0] if loader is not None else part.text
        for piece in (part.name, part.path, text):
            raw = piece.encode()
            digest.update(b"%d:" % len(raw) + raw)
    return digest.digest()


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST).digest()
