"""Whether what stands in a folder of the output is what was rendered before, by the seals of that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from generator.model.seal import Seal, digest_of
from generator.write.differences import Present, content_of, look


@dataclass(frozen=True, slots=True)
class Proven:
    """One folder at the top of the output: whether all of its seals hold, and what stands there beside their files.
    `files` is how many they are."""

    holds: bool
    files: int
    beside: Present = field(repr=False)


def prove(folder: Path, name: str, seals: Iterable[Seal]) -> Proven:
    """Looks at `folder`/`name`, where a cell's output stands, without following links. Paths are those below `folder`.

    Raises OSError when it cannot be read.
    """
    present = look(folder / name, sizes=False, top=False)
    sealed: set[str] = set()
    holds = True
    for seal in seals:
        paths = seal.paths
        sealed.update(paths)
        holds = holds and digest_of(_contents(folder, paths)) == seal.digest
    beside = {path: size for inner, size in present.files.items() if (path := f"{name}/{inner}") not in sealed}
    folders = (name, *(f"{name}/{inner}" for inner in present.folders))
    temporaries = tuple(f"{name}/{inner}" for inner in present.temporaries)
    # What can be read and was not listed stands behind a link.
    holds = holds and len(present.files) - len(beside) == len(sealed)
    return Proven(holds, len(sealed), Present(beside, folders, temporaries))


def _contents(folder: Path, paths: Iterable[str]) -> Iterator[bytes]:
    """The files, up to the first that is missing: the digest of fewer files is another."""
    top = str(folder)
    for path in paths:
        content = content_of(f"{top}/{path}")
        if content is None:
            return
        yield content
