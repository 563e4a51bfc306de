"""rendered/ → Tree: what stands there now, whoever wrote it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from generator.model.tree import Tree
from generator.write.differences import look


def read(folder: Path) -> Tree:
    """Every regular file below a folder. Links are not followed: what is behind them is not in the output.

    Raises OSError when the folder or a file in it cannot be read.
    """
    present = look(folder)
    return Tree({path: (folder / path).read_bytes() for path, size in sorted(present.files.items()) if size >= 0})


def opened(folder: Path, names: Collection[str] | None = None) -> Tree:
    """`read`, with each file read when it is asked for and kept by nobody: memory does not follow the fleet.

    With `names`, only what stands at the top of the folder under one of them, or below it. Raises OSError when the
    folder cannot be read; a file that cannot raises it when it is asked for.
    """
    if names is None:
        present = look(folder).files
    else:
        present = {}
        for name in names:
            within = folder / name
            if within.is_file() and not within.is_symlink():
                present[name] = 0
            elif within.is_dir() and not within.is_symlink():
                present.update((f"{name}/{path}", size) for path, size in look(within).files.items())
    return Tree(_Files(folder, tuple(path for path, size in sorted(present.items()) if size >= 0)))


class _Files(Mapping[str, bytes]):
    """The files of a folder by their paths, in order."""

    __slots__ = ("_known", "_paths", "_prefix")

    def __init__(self, folder: Path, paths: tuple[str, ...]) -> None:
        self._prefix = f"{folder}/"
        self._paths = paths
        self._known = frozenset(paths)

    def __getitem__(self, path: str) -> bytes:
        if path not in self._known:
            raise KeyError(path)
        with open(self._prefix + path, "rb") as file:  # noqa: PTH123 - a Path for each of a million files costs more
            return file.read()

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __contains__(self, path: object) -> bool:
        return path in self._known
