"""rendered/ → Tree: what stands there now, whoever wrote it."""

from __future__ import annotations

from pathlib import Path

from generator.model.tree import Tree
from generator.write.differences import look


def read(folder: Path) -> Tree:
    """Every regular file below a folder. Links are not followed: what is behind them is not in the output.

    Raises OSError when the folder or a file in it cannot be read.
    """
    present = look(folder)
    return Tree({path: (folder / path).read_bytes() for path, size in sorted(present.files.items()) if size >= 0})
