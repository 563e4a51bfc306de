"""load → resolve → place for those tenants alone that a change touches, where that tells as much as all of them would.

What is said of a tenant, and what is rendered for it, follows from its own file and the shared files. So as long as
the shared files are those of a fleet that was found to be without errors (`standing`), only tenants whose files differ
from it, and those that it had warnings of, are read; what is between tenants is judged by what is known of the others.

Nothing is explained here: at the first sign of anything else (a shared file that differs, an error, a name that two
have, a full cell, a lost region) the answer is None, and the caller reads the whole fleet, which says what is wrong.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.pipeline.inputs import INPUTS, TEMPLATES, TENANTS, Validated, resolved
from generator.pipeline.standing import (
    Others,
    Standing,
    Standings,
    at_odds,
    is_sound,
    keep,
    noted,
    remembered,
    shared,
    standings,
    together,
)
from generator.workers import can_fork, in_parallel

if TYPE_CHECKING:
    from generator.load import Listing
    from generator.model.document import Document
    from generator.resolve import Earlier

FEWEST_A_PROCESS: Final = 1_000
"""Fewer tenants are read in about the time that it takes to fork a process and to resolve what all of them share."""
MOST: Final = 200
"""The most tenants for whom a part is resolved: with more of them the whole fleet is, and is known from then on."""


class Part(Struct, frozen=True):
    """The inputs with a part of the tenants. Its fleet lacks `others`, who are sound and the same on every side, as
    `known` tells."""

    validated: Validated
    others: Others
    known: Standings

    @property
    def bundles(self) -> int:
        """How many bundles the others have: a bundle is all that a tenant has on one cell."""
        return self.others.bundles


def part(
    root: Path,
    listed: Listing,
    earlier: Earlier | None = None,
    wanted: Collection[str] = (),
    *,
    surveying: bool = True,
) -> Part | None:
    """The inputs of a folder, as far as they have to be looked at, and tenants whose files are wanted. Where nothing is
    known of a large fleet, all of them are looked at (`surveying`)."""
    known = _known(root, listed)
    fresh = survey(listed) if known is None and surveying else None
    if (all_of_it := known or fresh) is None:
        return None
    found = _part(listed, all_of_it, _differing(listed.blobs, all_of_it).union(wanted), earlier)
    if fresh is not None and found is not None:
        keep(root, listed, fresh)
    return found


def parts(
    root: Path, commit: str, listed: Listing, earlier: Earlier, seen: Part | None = None
) -> tuple[Part, Part] | None:
    """The inputs of a commit and those of a folder, with the same part of the tenants: all that differ between them,
    and others. `seen` is the `part` of the folder, resolved with the same `earlier`: it will do if it has all of them.
    Raises `generator.revision.NoRevision`."""
    from generator.load import load_commit
    from generator.revision import blobs

    known = seen.known if seen is not None else _known(root, listed)
    if known is None and (seen := part(root, listed, earlier)) is not None:
        known = seen.known
    files = blobs(root, commit, INPUTS) if known is not None else None
    if known is None or files is None:
        return None
    then = {path: blob for path, blob in files.items() if path.startswith(TENANTS)}
    chosen = _differing(listed.blobs, known) | _differing(then, known)
    if seen is not None and chosen.isdisjoint(seen.others.paths):
        after: Part | None = seen
    else:
        after = _part(listed, known, chosen, earlier)
    if after is None:
        return None
    wanted = chosen | known.noted
    base = {path: blob for path, blob in files.items() if path in wanted or not _is_apart(path)}
    documents, found = load_commit(root, base, after.validated.documents)
    if not _same_shared(documents, after.validated.documents):
        return None
    validated = resolved(documents, found, earlier)
    if not _is_sound(validated, after.others):
        return None
    return Part(validated, after.others, known), after


def shares(listed: Listing, jobs: int | None = None) -> list[list[str]]:
    """The tenants' files of a large fleet in as many parts as processes are worth while, or as there are to be; none
    where one process will do."""
    paths = [file.path for file in listed.files if file.kind == "Tenant"]
    count = min(jobs or os.cpu_count() or 1, len(paths) // FEWEST_A_PROCESS)
    if count < 2 or not can_fork() or not all(file.path in listed.blobs for file in listed.files):
        return []
    size = -(-len(paths) // count)
    return [paths[start : start + size] for start in range(0, len(paths), size)]


class Told(Struct, frozen=True):
    """What there is between some tenants and all others: their standings by path, and the files that findings name."""

    tenants: dict[str, Standing]
    noted: set[str]


def look(listed: Listing, some: Collection[str]) -> tuple[Validated, Told] | None:
    """Reads and resolves some of the tenants, and tells what is between them and others. None where anything is
    wrong."""
    from generator.load import load_part

    others = {file.path for file in listed.files if file.kind == "Tenant"}.difference(some)
    paths = {file.path for file in listed.files}.difference(others)
    documents, found = load_part(listed, paths)
    validated = resolved(documents, found, None, len(others))
    if not is_sound(validated.fleet, validated.diagnostics):
        return None
    told = Told(standings(validated.documents, validated.fleet), noted(validated.diagnostics))
    return validated, told


def joined(listed: Listing, told: Iterable[Told | None]) -> Standings | None:
    """What is known of a fleet, by what was told of all its parts. None where anything is wrong."""
    tenants: dict[str, Standing] = {}
    named: set[str] = set()
    for each in told:
        if each is None:
            return None
        tenants.update(each.tenants)
        named |= each.noted
    return None if at_odds(tenants.values()) else together(listed, tenants, named)


def survey(listed: Listing) -> Standings | None:
    """What there is to know of a large fleet that nothing is known of: each of several processes reads and resolves a
    part of the tenants, and only tells what is between them and others. None where anything is wrong."""
    some = shares(listed)

    def told(share: Collection[str]) -> Told | None:
        found = look(listed, share)
        return found[1] if found is not None else None

    return joined(listed, in_parallel(told, some, len(some))) if some else None


def whole(root: Path, listed: Listing, known: Standings) -> Part | None:
    """The inputs of a folder of which all is known, with no more tenants than have to be looked at; and it is kept what
    is known. None where anything is wrong."""
    found = _part(listed, known, set())
    if found is not None:
        keep(root, listed, known)
    return found


def _known(root: Path, listed: Listing) -> Standings | None:
    """What is known of a fleet with the same shared files."""
    known = remembered(root, listed)
    return known if known is not None and known.shared == shared(listed) else None


def _is_apart(path: str) -> bool:
    """Whether a file of a commit is a tenant's, or no input document at all."""
    return path.startswith((TENANTS, f"{TEMPLATES}/"))


def _differing(blobs: Mapping[str, str], known: Standings) -> set[str]:
    """The tenants' files that are not as they are known, new and gone ones too."""
    gone = {path for path in known.blobs if path not in blobs}
    return gone | {path for path, blob in blobs.items() if path.startswith(TENANTS) and known.blobs.get(path) != blob}


def _part(listed: Listing, known: Standings, chosen: set[str], earlier: Earlier | None = None) -> Part | None:
    from generator.load import load_part

    if len(chosen) > MOST:
        return None
    wanted = chosen | known.noted
    others = known.without(wanted)
    documents, found = load_part(listed, {*known.shared, *wanted})
    validated = resolved(documents, found, earlier, len(others.paths))
    return Part(validated, others, known) if _is_sound(validated, others) else None


def _is_sound(validated: Validated, others: Others) -> bool:
    """Whether the part is without errors, and nothing in it is at odds with the others."""
    from generator.place import holds, totals

    fleet = validated.fleet
    if not is_sound(fleet, validated.diagnostics):
        return False
    here = standings(validated.documents, fleet).values()
    for one in here:
        if not others.claims.isdisjoint(one.claims) or others.keys.get(one.issuer, one.keys) != one.keys:
            return False
    return holds(fleet, (totals(one.taken for one in here), others.taken))


def _same_shared(one: Iterable[Document], other: Iterable[Document]) -> bool:
    """Whether two sides have the very same documents but for those of tenants."""
    mine, its = ([each for each in documents if each.kind != "Tenant"] for documents in (one, other))
    return len(mine) == len(its) and all(map(_is, mine, its))


def _is(one: Document, other: Document) -> bool:
    return one is other
