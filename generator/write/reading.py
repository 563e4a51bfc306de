"""rendered/ → Tree: what stands there now, whoever wrote it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from generator.diagnostics import Code, Diagnostic, Severity
from generator.model.tree import Tree
from generator.source import Location
from generator.write.differences import KEPT, look

NO_FILE: Final = Code(
    "WRT001",
    "something in the rendered output that is no file",
    "Argo CD refuses links that leave the folder and follows others, and no check has looked at what it would find.",
)
UNREADABLE: Final = Code(
    "WRT002", "a rendered file that cannot be opened", "No check has looked at it, and Argo CD may be able to."
)
_HINT: Final = "remove it, then run tenantry render"


def read(folder: Path) -> tuple[Tree, tuple[Diagnostic, ...]]:
    """Every regular file below a folder, and what there is besides: links, which are not followed, pipes and devices,
    which would keep the reader waiting, and files that the system refuses.

    Raises OSError when the folder itself cannot be read.
    """
    tree, faults = opened(folder)
    return Tree(dict(tree.files)), faults


def opened(folder: Path, names: Collection[str] | None = None) -> tuple[Tree, tuple[Diagnostic, ...]]:
    """`read`, with each file read when it is asked for and kept by nobody: memory does not follow the fleet.

    With `names`, only what stands at the top of the folder under one of them, or below it. Raises OSError when the
    folder cannot be read; a file that is taken away meanwhile raises it when it is asked for.
    """
    paths: list[str] = []
    faults: list[Diagnostic] = []
    for path, size in sorted(_present(folder, names).items()):
        if (fault := _fault(folder, path, size)) is None:
            paths.append(path)
        else:
            faults.append(fault)
    return Tree(_Files(folder, tuple(paths))), tuple(faults)


def strays(folder: Path, known: Collection[str]) -> tuple[str, ...]:
    """What stands at the top of a folder under no known name, sorted."""
    if folder.is_symlink() or not folder.is_dir():
        return ()
    return tuple(sorted({entry.name for entry in folder.iterdir()}.difference(known, (KEPT,))))


def _present(folder: Path, names: Collection[str] | None) -> dict[str, int]:
    """What stands in a folder, path → size; negative for what is no file."""
    if names is None:
        return dict(look(folder).files)
    present: dict[str, int] = {}
    for name in names:
        within = folder / name
        if within.is_symlink() or not within.is_dir():
            present.update({name: 0 if within.is_file() and not within.is_symlink() else -1} if _there(within) else {})
        else:
            present.update((f"{name}/{path}", size) for path, size in look(within).files.items())
    return present


def _there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _fault(folder: Path, path: str, size: int) -> Diagnostic | None:
    if size >= 0 and os.access(f"{folder}/{path}", os.R_OK):
        return None
    place, shown = folder / path, Location(f"{folder.name}/{path}")
    if size < 0:
        kind = "a link" if place.is_symlink() else "neither a file nor a folder"
        return Diagnostic(NO_FILE, Severity.ERROR, f"this is {kind}", shown, hint=_HINT)
    try:
        place.open("rb").close()
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        return Diagnostic(UNREADABLE, Severity.ERROR, f"the file cannot be opened: {reason}", shown, hint=_HINT)
    return None


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
