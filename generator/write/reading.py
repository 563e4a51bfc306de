"""rendered/ → Tree: what stands there now, whoever wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from generator.diagnostics import Code, Diagnostic, Severity
from generator.model.tree import Tree
from generator.source import Location
from generator.write.differences import look

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
    files: dict[str, bytes] = {}
    faults: list[Diagnostic] = []
    for path, size in sorted(look(folder).files.items()):
        place = folder / path
        shown = Location(f"{folder.name}/{path}")
        if size < 0:
            kind = "a link" if place.is_symlink() else "neither a file nor a folder"
            faults.append(Diagnostic(NO_FILE, Severity.ERROR, f"this is {kind}", shown, hint=_HINT))
            continue
        try:
            files[path] = place.read_bytes()
        except OSError as error:
            reason = (error.strerror or "no reason given").lower()
            message = f"the file cannot be opened: {reason}"
            faults.append(Diagnostic(UNREADABLE, Severity.ERROR, message, shown, hint=_HINT))
    return Tree(files), tuple(faults)
