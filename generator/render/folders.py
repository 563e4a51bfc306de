"""Template folders → the files in them: which are templates, and how people see their paths."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import generator
from generator.diagnostics import Code, Diagnostic
from generator.render import layout
from generator.render.source import UNREADABLE, error
from generator.source import Location

MISPLACED = Code(
    "RND012",
    "a file in a templates folder that renders nothing",
    "Who put it there expects output from it, and would get none.",
)

_PACKAGE: Final = Path(generator.__file__).parent.resolve()
_SHIPPED: Final = f"{_PACKAGE.name}/templates/"
"""What the shown paths of the program's own templates begin with, and no others."""


def is_shipped(path: str) -> bool:
    """Whether a path as it is shown is one of the program's own templates."""
    return path.startswith(_SHIPPED)


def find(folders: Sequence[Path]) -> tuple[dict[str, tuple[str, Path]], list[Diagnostic]]:
    """The files of template folders by name, each with the path shown to people; a file of a later folder replaces the
    one of the same name of an earlier folder. A folder that does not exist counts as empty."""
    files: dict[str, tuple[str, Path]] = {}
    faults: list[Diagnostic] = []
    for folder in folders:
        shown = _shown_folder(folder)
        base = _PACKAGE.anchor if _is_packaged(folder) else folder.resolve()  # installers may link a package's files
        for file in sorted(folder.rglob("*")):
            name = file.relative_to(folder).as_posix()
            if any(part.startswith((".", "__pycache__")) for part in name.split("/")):
                continue
            if file.is_symlink() and not file.resolve().is_relative_to(base):
                faults.append(
                    error(
                        MISPLACED,
                        "a link that leaves the templates folder",
                        Location(f"{shown}/{name}"),
                        hint="copy the file here",
                    )
                )
            elif file.is_dir():
                continue
            elif layout.place(name) or layout.is_partial(name):
                files[name] = (f"{shown}/{name}", file)
            else:
                faults.append(_misplaced(name, f"{shown}/{name}"))
    return files, faults


def _shown_folder(folder: Path) -> str:
    resolved = folder.resolve()
    return resolved.relative_to(_PACKAGE.parent).as_posix() if _is_packaged(folder) else resolved.name


def _is_packaged(folder: Path) -> bool:
    return folder.resolve().is_relative_to(_PACKAGE)


def _misplaced(name: str, path: str) -> Diagnostic:
    hint = f"templates are {', '.join(layout.KNOWN)}"
    if not name.endswith(".yaml"):
        hint = "templates end in .yaml"
    elif layout.place(name.rpartition("/")[0] + "/a.yaml") or layout.is_partial(name.rpartition("/")[0] + "/a.yaml"):
        hint = "names of templates are made of letters, digits, `-`, `.` and `_`"
    return error(MISPLACED, "nothing is rendered from this file", Location(path), hint=hint)


def decode(path: str, data: bytes) -> tuple[str, Diagnostic | None]:
    """The text of a file, or what is wrong with its bytes."""
    try:
        return data.decode().replace("\r\n", "\n"), None
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        text = data.decode(errors="replace").split("\n")[line - 1]
        place = Location(path, line, 1, text, max(1, len(text)))
        return "", error(UNREADABLE, "a template that is not UTF-8", place, hint="save it as UTF-8")
