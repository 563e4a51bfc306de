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
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict

from generator.diagnostics import Code, Diagnostic, Severity, listing
from generator.model.shard import Shard
from generator.model.tree import Tree
from generator.publish.archives import BROKEN, Archives, Packed
from generator.publish.blobs import blob_id
from generator.publish.held import SHA1, Held
from generator.source import Location
from generator.workers import in_parallel

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


class Origin(Struct, frozen=True):
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
    folder: Path, shown: str, origin: Origin, shards: Sequence[Iterable[str]], jobs: int = 1
) -> tuple[Tree | None, tuple[Diagnostic, ...]]:
    """What all parts hold together, or everything that is wrong with them. `shown` is the folder as people are told of
    it; `shards` are the cells of each part. Files are read from the parts when they are asked for; before that, by up
    to `jobs` processes, to see that they are right."""
    archives = Archives([folder / _name(Shard(number, len(shards))) for number in range(1, len(shards) + 1)])

    def read(number: int) -> Mapping[str, Packed] | Diagnostic:
        shard = Shard(number + 1, len(shards))
        place = Location(f"{shown}/{_name(shard)}")
        return _read(archives, number, place, shard, origin, frozenset(shards[number]), folder)

    places: dict[str, Packed] = {}
    faults: list[Diagnostic] = []
    for found in in_parallel(read, range(len(shards)), jobs):
        if isinstance(found, Diagnostic):
            faults.append(found)
        else:
            places.update(found)
    return (None if faults else Tree(Held(places, archives.read))), tuple(faults)


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, _LONG_AGO)
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, content, compresslevel=1)


def _read(
    archives: Archives, number: int, place: Location, shard: Shard, origin: Origin, cells: frozenset[str], folder: Path
) -> Mapping[str, Packed] | Diagnostic:
    """Where the files of a part are, when all of them are right."""
    if not archives.has(number):
        return Diagnostic(
            MISSING,
            Severity.ERROR,
            f"there is no part {shard}",
            place,
            found=listing(each.name for each in folder.glob("*.zip")) or "no part at all",
            hint=f"let `tenantry publish --shard {shard}` succeed, and bring its part here",
        )
    try:
        members = archives.members(number)
        about = json.loads(archives.read(members.pop(_MANIFEST)))
        places = {name.removeprefix(_FOLDER): members[name] for name in sorted(members)}
        digest = hashlib.sha256()
        for path in sorted(places):
            content = archives.read(places[path])
            _add_to(digest, path, content)
            places[path] = places[path]._replace(blob=blob_id(content, SHA1))
    except BROKEN as fault:
        return _fault(DAMAGED, place, shard, "cannot be read", found=" ".join(str(fault).split()))
    if not isinstance(about, dict):
        return _fault(DAMAGED, place, shard, "does not say what it is of", found=_MANIFEST)
    another = _another(place, shard, origin, about)
    if another is not None:
        return another
    if about.get("files") != len(places) or about.get("sha256") != digest.hexdigest():
        return _fault(DAMAGED, place, shard, "does not hold what was rendered", found=f"{len(places)} files")
    held = {name.partition("/")[0] for name in places}
    if held != cells:
        wanted = listing(sorted(cells)) or "none"
        return _fault(
            ANOTHER, place, shard, "is of other cells", found=listing(sorted(held)) or "none", expected=wanted
        )
    return places


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
        _add_to(digest, path, files[path])
    return digest.hexdigest()


def _add_to(digest: hashlib._Hash, path: str, content: bytes) -> None:
    for piece in (path.encode(), content):
        digest.update(b"%d\n" % len(piece))
        digest.update(piece)


def _name(shard: Shard) -> str:
    return f"{shard.number}-of-{shard.of}.zip"
