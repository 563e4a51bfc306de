"""Whether what stands in a folder of the output is what was rendered before, by the seals of that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from generator.model.seal import Seal, digest_of
from generator.write.differences import Present, content_of, look


class Proven(Struct, frozen=True):
    """One folder at the top of the output: for whom a seal is `broken`, and what stands there beside the files of all
    others. `files` is how many those are."""

    broken: frozenset[str]
    files: int
    beside: Present


def prove(folder: Path, name: str, seals: Iterable[tuple[str, Seal]]) -> Proven:
    """Looks at `folder`/`name`, where a cell's output stands, without following links. `seals` come with whom they are
    for; their paths are those below `folder`.

    Raises OSError when it cannot be read.
    """
    place = folder / name
    odd = place.is_symlink() or (place.exists() and not place.is_dir())
    present = Present({}, (), ()) if odd else look(place, sizes=False, top=False)
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
    top = (name,) if place.is_dir() and not odd else ()
    folders = (*top, *(f"{name}/{path}" for path in present.folders))
    temporaries = tuple(f"{name}/{path}" for path in present.temporaries)
    return Proven(frozenset(broken), len(sealed), Present(beside, folders, temporaries))


def _contents(folder: Path, paths: Iterable[str]) -> Iterator[bytes]:
    """The files, up to the first that is missing: the digest of fewer files is another."""
    top = str(folder)
    for path in paths:
        content = content_of(f"{top}/{path}")
        if content is None:
            return
        yield content
