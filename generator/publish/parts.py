"""Parts of a publish: what each machine rendered and checked, as a file, and all of them put together.

A part is a ZIP archive `<number>-of-<count>.zip`: `part.json`, which says what it is of, and below `rendered/` the
files of its cells. One that is of another commit, fleet, program or shard, that lacks a file or has one too many, or
whose bytes are others, is refused: what is joined is what one machine alone would have rendered.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from generator.diagnostics import Code, Diagnostic, Severity, listing
from generator.model.shard import Shard
from generator.model.tree import Tree
from generator.source import Location

MISSING: Final = Code(
    "PUB016",
    "a part of the publish is missing",
    "Argo CD would delete everything on the cells of a part that is left out.",
)
ANOTHER: Final = Code(
    "PUB017",
    "a part of something else",
    "Parts of two commits, or of two versions of the program, make a fleet that nobody has ever rendered.",
)
DAMAGED: Final = Code(
    "PUB018",
    "a part that is not whole",
    "Its files are not those that were rendered and checked.",
)

_MANIFEST: Final = "part.json"
_FOLDER: Final = "rendered/"
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""The date of every member: the same files give the same archive."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a part was rendered from: the fleet's name, its commit, and the program (`generator.installed.program`)."""

    fleet: str
    source: str
    program: str


def write_part(folder: Path, shard: Shard, origin: Origin, tree: Tree) -> Path:
    """Writes a part, whole or not at all, and gives its path. The tree has been checked and holds no error."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _name(shard)
    temporary = folder / f".{path.name}-{os.getpid()}.tmp"
    about = {**asdict(origin), "shard": str(shard), "files": len(tree.files), "sha256": _digest(tree.files)}
    try:
        with zipfile.ZipFile(temporary, "w") as archive:
            _add(archive, _MANIFEST, (json.dumps(about, indent=2) + "\n").encode())
            for name, content in tree.files.items():
                _add(archive, _FOLDER + name, content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def join(
    folder: Path, shown: str, origin: Origin, shards: Sequence[Iterable[str]]
) -> tuple[Tree | None, tuple[Diagnostic, ...]]:
    """What all parts hold together, or everything that is wrong with them. `shown` is the folder as people are told of
    it; `shards` are the cells of each part."""
    files: dict[str, bytes] = {}
    faults: list[Diagnostic] = []
    for number, cells in enumerate(shards, 1):
        shard = Shard(number, len(shards))
        found = _read(folder / _name(shard), Location(f"{shown}/{_name(shard)}"), shard, origin, frozenset(cells))
        if isinstance(found, Diagnostic):
            faults.append(found)
        else:
            files.update(found)
    return (None if faults else Tree({path: files[path] for path in sorted(files)})), tuple(faults)


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, _LONG_AGO)
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, content, compresslevel=1)


def _read(
    path: Path, place: Location, shard: Shard, origin: Origin, cells: frozenset[str]
) -> Mapping[str, bytes] | Diagnostic:
    if not path.is_file():
        return Diagnostic(
            MISSING,
            Severity.ERROR,
            f"there is no part {shard}",
            place,
            found=listing(each.name for each in path.parent.glob("*.zip")) or "no part at all",
            hint=f"let `tenantry publish --shard {shard}` succeed, and bring its part here",
        )
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read(_MANIFEST))
            names = [each for each in archive.namelist() if each != _MANIFEST]
            files = {each.removeprefix(_FOLDER): archive.read(each) for each in names}
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError) as fault:
        return _fault(DAMAGED, place, shard, "cannot be read", found=" ".join(str(fault).split()))
    if not isinstance(about, dict):
        return _fault(DAMAGED, place, shard, "does not say what it is of", found=_MANIFEST)
    another = _another(place, shard, origin, about)
    if another is not None:
        return another
    if about.get("files") != len(files) or about.get("sha256") != _digest(files):
        return _fault(DAMAGED, place, shard, "does not hold what was rendered", found=f"{len(files)} files")
    held = {name.partition("/")[0] for name in files}
    if held != cells:
        wanted = listing(sorted(cells)) or "none"
        return _fault(
            ANOTHER, place, shard, "is of other cells", found=listing(sorted(held)) or "none", expected=wanted
        )
    return files


def _another(place: Location, shard: Shard, origin: Origin, about: Mapping[str, Any]) -> Diagnostic | None:
    """Why a part is not one of this publish."""
    for key, word, expected in (
        ("fleet", "fleet", origin.fleet),
        ("source", "commit", origin.source),
        ("program", "version of the program", origin.program),
        ("shard", "shard", str(shard)),
    ):
        if about.get(key) != expected:
            return _fault(ANOTHER, place, shard, f"is of another {word}", found=str(about.get(key)), expected=expected)
    return None


def _fault(code: Code, place: Location, shard: Shard, what: str, *, found: str, expected: str = "") -> Diagnostic:
    hint = f"make it again: tenantry publish --shard {shard}"
    message = f"part {shard} {what}"
    return Diagnostic(code, Severity.ERROR, message, place, found=found, expected=expected, hint=hint)


def _digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 of all paths and contents, each behind its length, by path."""
    digest = hashlib.sha256()
    for path in sorted(files):
        for piece in (path.encode(), files[path]):
            digest.update(b"%d\n" % len(piece))
            digest.update(piece)
    return digest.hexdigest()


def _name(shard: Shard) -> str:
    return f"{shard.number}-of-{shard.of}.zip"
