"""load → … → write for a fleet that is not there yet: its folder, ready to be committed."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.diagnostics import Diagnostic, has_errors
from generator.pipeline.checks import Looking, check
from generator.pipeline.inputs import RENDERED
from generator.pipeline.output import render, write

if TYPE_CHECKING:
    from generator.scaffold import NewFleet


class Begun(Struct, frozen=True):
    """A new fleet: the paths of its `files`, those that were `kept` as they stood there, and how many were `rendered`
    from them. Nothing is written when there are errors."""

    files: tuple[str, ...]
    kept: tuple[str, ...]
    rendered: int
    diagnostics: tuple[Diagnostic, ...]


def begin_fleet(folder: Path, wish: NewFleet, *, today: date) -> Begun:
    """Makes a fleet in a folder, which may exist; nothing in it is written over.

    The fleet is made, rendered and checked beside the folder first, so that what arrives in it passes its own
    checks. `today` is a day in UTC.
    """
    from generator.scaffold import SPARED, fleet_files, in_the_way

    files = fleet_files(wish)
    taken = [path for path in (*files, RENDERED) if (folder / path).exists() or (folder / path).is_symlink()]
    if against := tuple(in_the_way(path) for path in taken if path not in SPARED):
        return Begun((), (), 0, against)
    with tempfile.TemporaryDirectory(prefix="tenantry-") as made:
        draft = Path(made)
        for path, content in files.items():
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            (draft / path).write_bytes(content)
        output = render(draft)
        if output.tree is None:
            return Begun((), (), 0, output.diagnostics)
        write(draft, output.tree)
        found = check(draft, today=today, looking=Looking(kubeconform=False)).diagnostics
        if has_errors(found):
            return Begun((), (), 0, found)
        new = [path for path in files if path not in taken]
        for path in (*new, *(f"{RENDERED}/{path}" for path in output.tree.files)):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(draft / path, folder / path)
    return Begun(tuple(new), tuple(taken), len(output.tree.files), found)
