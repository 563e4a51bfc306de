"""What is made of the program's own templates, kept where Python keeps its compiled modules and for the same reason.

That is `__pycache__` beside this file, or wherever Python is told to keep such. It is never the user's cache: code is
among it, and whoever can write here can change the program anyway. So templates of a fleet's own are compiled in each
run. Like Python, this is content not to be able to write, and writes nothing where Python is told not to.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, cached_property
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, Final

_PACKAGES: Final = ("Jinja2", "PyYAML")
"""What reads templates, besides this package."""
_DIGEST: Final = 32


class Kept:
    """Things of one kind (letters and digits) by keys that are made of all that they follow from, beside `reader`: what
    `marshal` takes. `add` takes in another, and `write` keeps what was added, too."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._added: dict[bytes, Any] = {}

    def get(self, key: bytes) -> Any:
        """What was kept; None where nothing was."""
        return self._known.get(key)

    def add(self, key: bytes, value: Any) -> None:
        """Takes in what was not kept."""
        self._added[key] = value

    def write(self) -> bool:
        """Keeps what was added, if there is a place for it; whether all of it is kept."""
        place = self.place()
        if not self._added or place is None or sys.dont_write_bytecode:
            return not self._added
        content = marshal.dumps((reader(), {**self._known, **self._added}))
        new = place.with_name(f"{place.name}.{os.getpid()}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(_digest(content) + content)
            new.replace(place)
        except OSError:
            with suppress(OSError):
                new.unlink()
            return False
        return True

    def place(self) -> Path | None:
        """The file; None for a Python that keeps nothing."""
        try:
            # The kind tells it from the compiled form of this module.
            return Path(cache_from_source(__file__, optimization=self._kind))
        except NotImplementedError:
            return None

    @cached_property
    def _known(self) -> Mapping[bytes, Any]:
        place = self.place()
        try:
            content = place.read_bytes() if place is not None else b""
        except OSError:
            return {}
        if content[:_DIGEST] != _digest(content[_DIGEST:]):
            return {}  # cut off: the disk was full, or another version wrote it
        of, known = marshal.loads(content[_DIGEST:])  # noqa: S302 - as Python reads its compiled modules
        return known if of == reader() else {}


@cache
def reader() -> bytes:
    """A digest of all that decides what is made of a template's text."""
    digest = hashlib.blake2b(digest_size=32)
    for source in (*sorted(Path(__file__).parent.glob("*.py")), *sorted(Path(__file__).parents[1].glob("*.py"))):
        digest.update(f"{source.name}\0".encode() + source.read_bytes() + b"\0")
    for package in _PACKAGES:
        digest.update(f"{package} {version(package)}\0".encode())
    digest.update(sys.version.encode())
    return digest.digest()


def key_of(*texts: str) -> bytes:
    """A key for what follows from some texts: no other texts have the same."""
    digest = hashlib.blake2b(digest_size=32)
    for text in texts:
        raw = text.encode()
        digest.update(b"%d:" % len(raw) + raw)
    return digest.digest()


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST).digest()
