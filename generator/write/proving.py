"""Whether what stands in a folder of the output is what was rendered before, by the seals of that."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from generator.model.seal import Seal, digest_of
from generator.write.differences import Present, content_of
from generator.write.marks import Marked, marked


class Proven(Struct, frozen=True):
    """One folder at the top of the output: for whom a seal is `broken`, and what stands there beside the files of all
    others. `files` is how many those are. `mark` is what the folder is known by as long as nobody writes there, if
    all seals hold and nothing stands there besides; else it is ""."""

    broken: frozenset[str]
    files: int
    beside: Present
    mark: str


def prove(folder: Path, name: str, seals: Collection[tuple[str, Seal]], known: str = "") -> Proven:
    """Looks at `folder`/`name`, where a cell's output stands, without following links. `seals` come with whom they are
    for; their paths are those below `folder`. Where the folder is `known` by its mark, its files are not read.

    Raises OSError when it cannot be read.
    """
    place = folder / name
    odd = place.is_symlink() or (place.exists() and not place.is_dir())
    there = place.is_dir() and not odd
    found = marked(place) if there else Marked(Present({}, (), ()), "")
    mark = _mark_of(found.mark, seals)
    present = found.present
    folders = (*((name,) if there else ()), *(f"{name}/{path}" for path in present.folders))
    if mark and mark == known:
        return Proven(frozenset(), len(present.files), Present({}, folders, ()), mark)
    files = {name: -1} if odd else {f"{name}/{path}": size for path, size in present.files.items()}
    broken: set[str] = set()
    by_owner: dict[str, list[str]] = {}
    for owner, seal in seals:
        paths = seal.paths
        by_owner.setdefault(owner, []).extend(paths)
        # What can be read and was not listed stands behind a link.
        if not (files.keys() >= set(paths) and digest_of(_contents(folder, paths)) == seal.digest):
            broken.add(owner)
    sealed = {path for owner, paths in by_owner.items() if owner not in broken for path in paths}
    beside = {path: size for path, size in files.items() if path not in sealed}
    temporaries = tuple(f"{name}/{path}" for path in present.temporaries)
    mark = "" if broken or beside else mark
    return Proven(frozenset(broken), len(sealed), Present(beside, folders, temporaries), mark)


def _mark_of(mark: str, seals: Iterable[tuple[str, Seal]]) -> str:
    """The mark of a folder and of the seals that it is held against; "" for one without a mark."""
    if not mark:
        return ""
    digest = hashlib.sha256(mark.encode())
    for owner, seal in sorted(seals, key=lambda each: (each[0], each[1].digest)):
        digest.update(repr((owner, seal.patterns, sorted(seal.words.items()), seal.digest)).encode())
    return digest.hexdigest()


def _contents(folder: Path, paths: Iterable[str]) -> Iterator[bytes]:
    """The files, up to the first that is missing: the digest of fewer files is another."""
    top = str(folder)
    for path in paths:
        content = content_of(f"{top}/{path}")
        if content is None:
            return
        yield content
