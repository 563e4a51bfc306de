"""What a fleet rendered to, known from run to run, so that only what has changed since is rendered again.

What is rendered for a subject follows from the program, the templates, the shared inputs and, for a tenant, its own
file (`pipeline.narrow` says why). So the seal of its files, kept with the content of all of these, tells what rendering
would give without doing it; whether the files stand there is seen by reading them. It is believed only of a fleet that
is known as a whole (`pipeline.standing`), and nothing is kept where a template reads all tenants.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.model.seal import Seal
from generator.pipeline.inputs import RENDERED, TENANTS
from generator.pipeline.standing import shared
from generator.workers import in_parallel

if TYPE_CHECKING:
    from generator.load import Listing
    from generator.pipeline.sides import Prepared
    from generator.render import Work
    from generator.write import Present

_KIND: Final = "sealed"
_MARKS: Final = "marked"
_SHARED: Final = ""
"""Stands for the file of what belongs to no tenant."""


class Seals(Struct, frozen=True):
    """The seals of a fleet's output by the file of whom they are for, each with that file's blob id; those of cells and
    platforms under no file."""

    by_file: Mapping[str, tuple[str, tuple[Seal, ...]]]


def remembered(root: Path, listed: Listing, ready: Prepared) -> Seals | None:
    """The seals that were kept for this folder, if nothing has changed since but tenants' files."""
    from generator.load.cache import parsed

    with parsed(len(listed.files)) as cache:
        data = cache.get(cache.key(_KIND, str(root.resolve()), b"")) if cache else None
    if data is None or data["of"] != _origin(listed, ready):
        return None
    tables: list[tuple[str, ...]] = [tuple(patterns) for patterns in data["patterns"]]
    return Seals(
        {
            path: (blob, tuple(Seal(tables[table], words, digest) for table, words, digest in seals))
            for path, (blob, seals) in data["seals"].items()
        }
    )


def remember(root: Path, listed: Listing, ready: Prepared, seals: Seals) -> None:
    """Keeps the seals of all that a fleet without errors renders to."""
    from generator.load.cache import parsed

    tables: dict[tuple[str, ...], int] = {}
    packed = {
        path: (
            blob,
            [(tables.setdefault(seal.patterns, len(tables)), seal.words, seal.digest) for seal in its_seals],
        )
        for path, (blob, its_seals) in seals.by_file.items()
    }
    with parsed(len(listed.files)) as cache:
        if cache:
            data: dict[str, Any] = {"of": _origin(listed, ready), "patterns": list(tables), "seals": packed}
            cache.keep(cache.key(_KIND, str(root.resolve()), b""), data)


class Sealing:
    """Collects seals while works are rendered: `take` is told of each."""

    def __init__(self, listed: Listing) -> None:
        self._blobs = listed.blobs
        self._found: dict[str, list[Seal]] = {}

    def take(self, work: Work, seal: Seal) -> None:
        """Keeps what a subject gave."""
        self.add(owner(work), seal)

    def add(self, path: str, seal: Seal) -> None:
        """Keeps what the subject of a tenant's file gave, of "" what belongs to none."""
        self._found.setdefault(path, []).append(seal)

    def with_known(self, known: Mapping[str, tuple[str, tuple[Seal, ...]]]) -> Seals:
        """The collected seals and others that are known already. All other tenants have no files."""
        none = {path: (blob, ()) for path, blob in self._blobs.items() if path.startswith(TENANTS)}
        new = {path: (self._blobs.get(path, ""), tuple(seals)) for path, seals in self._found.items()}
        return Seals({**none, **known, **new})


def owner(work: Work) -> str:
    """The file of the tenant that a work is for; "" for a cell's or a platform's."""
    tenant = work.subject.variables.get("tenant")
    return _SHARED if tenant is None else tenant.path


class Standing(Struct, frozen=True):
    """rendered/ beside the files of those whose seals all hold: `files` is how many those are. `broken` are the files
    of those for whom one does not."""

    beside: Present
    files: int
    broken: frozenset[str]


def standing(
    root: Path,
    listed: Listing,
    by_file: Mapping[str, tuple[str, tuple[Seal, ...]]],
    jobs: int,
    progress: Callable[[int, int], None] | None,
) -> Standing:
    """What stands in rendered/ beside the files of some seals, which come by whom they are for (`Seals`). The marks of
    cells in which nothing does are kept, so that next time their files need not be read."""
    from generator.write import Present, Proven, look, prove

    folder = root / RENDERED
    by_cell: dict[str, list[tuple[str, Seal]]] = {}
    for path, (_, seals) in by_file.items():
        for seal in seals:
            by_cell.setdefault(seal.words["cluster"], []).append((path, seal))
    top = look(folder, sizes=False, beside=by_cell)
    cells = sorted(by_cell, key=lambda name: -len(by_cell[name]))
    files, folders, temporaries = dict(top.files), list(top.folders), list(top.temporaries)
    sealed, broken = 0, dict[str, set[str]]()
    known, marks = _marks(root, listed), dict[str, str]()

    def proven_in(name: str) -> Proven:
        return prove(folder, name, by_cell[name], known.get(name, ""))

    for number, proven in enumerate(in_parallel(proven_in, cells, jobs), 1):
        marks[cells[number - 1]] = proven.mark
        sealed += proven.files
        for path in proven.broken:
            broken.setdefault(path, set()).add(cells[number - 1])
        files.update(proven.beside.files)
        folders += proven.beside.folders
        temporaries += proven.beside.temporaries
        if progress is not None:
            progress(number, len(cells))
    if marks != known:
        _keep_marks(root, listed, marks)
    for path, where in broken.items():
        held = [one for seal in by_file[path][1] if seal.words["cluster"] not in where for one in seal.paths]
        files.update(dict.fromkeys(held, 0))
        sealed -= len(held)
    return Standing(Present(files, tuple(sorted(folders)), tuple(sorted(temporaries))), sealed, frozenset(broken))


def _marks(root: Path, listed: Listing) -> Mapping[str, str]:
    """The marks of cells that were kept for this folder."""
    from generator.load.cache import parsed

    with parsed(len(listed.files)) as cache:
        return (cache.get(cache.key(_MARKS, str(root.resolve()), b"")) if cache else None) or {}


def _keep_marks(root: Path, listed: Listing, marks: Mapping[str, str]) -> None:
    from generator.load.cache import parsed

    with parsed(len(listed.files)) as cache:
        if cache:
            cache.keep(cache.key(_MARKS, str(root.resolve()), b""), dict(marks))


def _origin(listed: Listing, ready: Prepared) -> str:
    """A digest of all that seals follow from but tenants' files."""
    from generator.installed import program

    digest = hashlib.sha256(program().encode())
    for path, blob in sorted(shared(listed).items()):
        digest.update(f"\0{path}\0{blob}".encode())
    for path, content in sorted(ready.own.items()):
        digest.update(f"\0{path}\0{hashlib.sha256(content).hexdigest()}".encode())
    return digest.hexdigest()
