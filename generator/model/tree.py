"""The rendered output in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tree:
    """Every rendered file: path below rendered/ (forward slashes) → its bytes, in the order of the paths."""

    files: Mapping[str, bytes]
