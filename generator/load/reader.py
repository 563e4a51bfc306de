"""Bytes → data, or what is wrong with them.

Not by `yaml.compose`: its C code recurses and ends the process on a file of 100,000 dashes. Nor by a loader: they read
YAML 1.1, keep the last of two equal keys and say nothing. `generator.load.walk` reads the events of the same C parser.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from generator.diagnostics import Diagnostic
from generator.load.characters import decode
from generator.load.lines import Source
from generator.load.positions import Positions
from generator.load.walk import Walk
from generator.source import Pointer


class Reading(Struct, frozen=True):
    """What one file holds. `data` has what could be read, and is empty when nothing could.

    `faulty` are the pointers of values that a diagnostic already refuses: what stands there in `data` is a stand-in.
    `incomplete` are the pointers of mappings that lack a key because it was refused.
    `broken` is whether reading stopped before the end, so that what is missing from `data` means nothing.
    `integral` is whether a number is written with a fraction that is zero (JSON Schema takes `8080.0` for an integer).
    """

    data: dict[str, Any]
    positions: Positions
    diagnostics: tuple[Diagnostic, ...] = ()
    faulty: frozenset[Pointer] = frozenset()
    incomplete: frozenset[Pointer] = frozenset()
    broken: bool = False
    integral: bool = False


def read(path: str, raw: bytes) -> Reading:
    """Reads one file. `path` is what diagnostics call it. Never raises for any content."""
    source, found = decode(path, raw)
    if source is None:
        return unread(path, found)
    walk = Walk(source)
    walk.run()
    data = walk.root[0] if walk.root and type(walk.root[0]) is dict else {}
    diagnostics = (*found, *walk.diagnostics)
    return Reading(
        data,
        walk.positions,
        diagnostics,
        frozenset(walk.faulty),
        frozenset(walk.incomplete),
        walk.broken,
        walk.integral,
    )


def unread(path: str, diagnostics: tuple[Diagnostic, ...]) -> Reading:
    """What there is of a file without a text: nothing but the reasons. All its places are the file as a whole."""
    return Reading({}, Positions(Source(path, "")), diagnostics, broken=True)
