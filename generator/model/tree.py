"""The rendered output in memory."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Tree(Struct, frozen=True):
    """Every rendered file: path below rendered/ (forward slashes) → its bytes, in the order of the paths."""

    files: Mapping[str, bytes]
