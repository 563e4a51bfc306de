"""load → resolve → place for a publish: the inputs as they are and as the branches were rendered from, with digests of
what was read on either side, so that the next publish can tell whether that is still what a commit holds.

As long as that tells as much, only the tenants that a change touches are read and resolved (`pipeline.narrow`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from generator.load.listing import ChangedMeanwhile
from generator.pipeline.inputs import INPUTS, TEMPLATES
from generator.pipeline.narrow import Part, part
from generator.pipeline.sides import Prepared, committed, narrowed, now, prepared

if TYPE_CHECKING:
    from generator.model.fleet import Fleet
    from generator.render import Side
    from generator.resolve import Earlier


class Stamped(Struct, frozen=True):
    """A side without errors, and a digest of all input files and own templates of it, whether or not it has all
    tenants."""

    side: Side
    read: str


class Publishable:
    """The inputs of a fleet's folder, read when they are needed."""

    __slots__ = ("_listed", "_root", "_seen", "_whole")

    def __init__(self, root: Path) -> None:
        from generator.load import listing

        self._root = root
        self._listed = listing(root)
        self._seen: tuple[Part, Prepared, Earlier] | None = None
        self._whole: tuple[Prepared, Earlier] | None = None

    def seen(self, *, whole: bool) -> Prepared:
        """The inputs as far as it takes to know that nothing is wrong with them, or, with `whole`, all of them."""
        from generator.resolve import Earlier

        earlier = Earlier()
        found = None if whole else part(self._root, self._listed, earlier)
        if found is not None:
            narrow = prepared(self._root, found.validated)
            if narrow.side is not None:
                self._seen = found, narrow, earlier
                return narrow
        return self.whole()[0]

    def whole(self) -> tuple[Prepared, Earlier]:
        """All inputs as they are, and what helps to resolve those of a commit. Raises ChangedMeanwhile."""
        if self._whole is None:
            self._whole = now(self._root, self._listed)
            if self._seen is not None and self._seen[1].own != self._whole[0].own:
                raise ChangedMeanwhile(f"{TEMPLATES}/ was changed while it was published; run this again")
        return self._whole

    def let_go(self) -> None:
        """Forgets what was read and resolved: it is more than the rest of a publish needs."""
        self._seen = self._whole = None
        self._listed = self._listed.without_contents()

    def since(self, commit: str) -> tuple[Stamped, Stamped] | None:
        """Both sides of a change, with the tenants that can differ and some more; None where it takes all of them to
        know what it reaches. Raises `generator.revision.NoRevision`."""
        if self._seen is None:
            return None
        sides = narrowed(self._root, commit, self._listed, self._seen)
        if sides is None or sides.before.side is None or sides.after.side is None:
            return None
        before = Stamped(sides.before.side, self._read_of(commit, sides.before))
        return before, self.stamped(sides.after, sides.after.side)

    def wholly_since(self, commit: str) -> Stamped | None:
        """The inputs of a commit, all of them; None when it has errors. Raises `generator.revision.NoRevision`."""
        before = committed(self._root, commit, *self.whole())
        return None if before.side is None else Stamped(before.side, self._read_of(commit, before))

    def stamped(self, prepared: Prepared, side: Side) -> Stamped:
        """A side of the inputs as they are."""
        listed = self._listed
        return Stamped(side, _digest({file.path: listed.blobs.get(file.path, "") for file in listed.files}, prepared))

    def _read_of(self, commit: str, before: Prepared) -> str:
        from generator.load import committed_inputs
        from generator.revision import blobs

        files = blobs(self._root, commit, INPUTS)
        if files is None or any(len(blob) != _SHA1 for blob in files.values()):
            # A link among them, or ids by another digest than documents have.
            return _digest({document.path: document.blob for document in before.validated.documents}, before)
        return _digest(committed_inputs(files), before)


def without_tenants(fleet: Fleet) -> Fleet:
    """A fleet with all that its output is checked by: cells, policies and what is known."""
    return replace(fleet, tenants=(), installations=(), assignments=(), records=())


_SHA1 = hashlib.sha1(usedforsecurity=False).digest_size * 2


def _digest(read: Mapping[str, str], prepared: Prepared) -> str:
    """Of input files, path → blob id, and of own templates as they were read."""
    digest = hashlib.sha256()
    for path, blob in sorted(read.items()):
        digest.update(f"{path}\0{blob}\n".encode())
    for path, content in sorted(prepared.own.items()):
        digest.update(f"{path}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()
