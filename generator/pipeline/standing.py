"""What is known of a fleet since it was last read as a whole: each tenant's part in the rules that are between tenants.

Most changes touch few tenants' files. Everything that one tenant's file says is judged by that file and the files that
all tenants share; what is left between tenants is: whose a name, a domain and an issuer's keys are, and how full each
cell is. That much of every tenant is kept, with the content that it was read from, so that the others need not be read
and resolved again when one of them changes. Nothing of it is believed of another content, and nothing is kept of a
fleet that has errors, or in which a lost region moves tenants about.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, compress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeGuard

from msgspec import Struct

from generator.diagnostics import Diagnostic, has_errors

if TYPE_CHECKING:
    from generator.load import Listing
    from generator.load.cache import Cache
    from generator.model.document import Document
    from generator.model.fleet import Fleet
    from generator.place import Total

_KIND: Final = "standing"
_PROGRAM: Final = Path(__file__).parents[1]
_JUDGES: Final = (".", "model", "pipeline", "place", "resolve")
"""The program's folders that decide what is said of inputs, besides those that the cache of parsed files counts."""


class Standing(NamedTuple):
    """One tenant's part in what is between tenants. `blob` is git's id of its file. `claims` are what no other tenant
    may have: `domain shop.example`; `issuer` and `keys` belong together in all files. `bundles` is how many cells have
    anything of it, and `taken` what it takes of them (`generator.place.taken`)."""

    blob: str
    claims: list[str]
    issuer: str
    keys: str
    bundles: int
    taken: list[tuple[str, int, int, int]]


class Others(Struct, frozen=True):
    """Tenants that are not looked at again, by the paths of their files, and what they have in all: how many bundles,
    which claims, each issuer's keys, and what they take of each cell."""

    paths: frozenset[str]
    bundles: int
    claims: frozenset[str]
    keys: Mapping[str, str]
    taken: Mapping[str, Total]


class Standings(Struct, frozen=True):
    """A fleet without errors: the content of its shared files and of its tenants' by path. `noted` are the paths that
    its warnings name. What else is known of its tenants stands in columns, in the order of `blobs`: thousands of small
    objects take longer to read than all that is asked of them."""

    shared: Mapping[str, str]
    noted: frozenset[str]
    blobs: Mapping[str, str]
    _columns: Mapping[str, Any]

    def without(self, wanted: Collection[str]) -> Others:
        """All tenants but those of some files."""
        from generator.place import less, totals

        columns = self._columns
        left = [path not in wanted for path in self.blobs]
        gone = [json.loads(pieces) for pieces in compress(columns["taken"], (not each for each in left))]
        issuers, keys = compress(columns["issuers"], left), compress(columns["keys"], left)
        return Others(
            paths=frozenset(self.blobs.keys() - wanted),
            bundles=sum(compress(columns["bundles"], left)),
            claims=frozenset(chain.from_iterable(compress(columns["claims"], left))),
            keys=dict(zip(issuers, keys, strict=True)),
            taken=less(columns["totals"], totals(gone)),
        )


def _columns(tenants: Mapping[str, Standing]) -> dict[str, Any]:
    """What is kept of tenants, as JSON holds it; what each takes is asked of few, and is a text in it."""
    from generator.place import totals

    every = tenants.values()
    return {
        "blobs": {path: one.blob for path, one in tenants.items()},
        "bundles": [one.bundles for one in every],
        "claims": [one.claims for one in every],
        "issuers": [one.issuer for one in every],
        "keys": [one.keys for one in every],
        "taken": [json.dumps(one.taken) for one in every],
        "totals": totals(one.taken for one in every),
    }


def standings(documents: Iterable[Document], fleet: Fleet) -> dict[str, Standing]:
    """The tenants of a fleet without errors, by the paths of their files."""
    from generator.place import taken

    pieces = taken(fleet)
    cells: dict[str, set[str]] = {}
    for assignment in fleet.assignments:
        cells.setdefault(assignment.tenant.path, set()).add(assignment.cluster.name)
    for record in fleet.records:
        cells.setdefault(record.tenant.path, set()).add(record.cluster.name)
    return {
        document.path: Standing(
            blob=document.blob,
            claims=list(_claims(document)),
            issuer=document.data["spec"]["identity"]["issuer"],
            keys=document.data["spec"]["identity"]["jwks"],
            bundles=len(cells.get(document.path, ())),
            taken=pieces[document.path],
        )
        for document in documents
        if document.kind == "Tenant"
    }


def _claims(document: Document) -> Iterator[str]:
    yield f"name {document.name}"
    for domain in document.data["spec"].get("domains", ()):
        yield f"domain {domain['name'].lower()}"


def remembered(root: Path, listed: Listing) -> Standings | None:
    """What was kept of the fleet in this folder, of whatever content; None where nothing is."""
    from generator.load.cache import parsed

    with parsed(len(listed.files)) as cache:
        data = cache.get(cache.key(_KIND, str(root.resolve()), _judges())) if cache else None
    if data is None:
        return None
    return Standings(data["shared"], frozenset(data["noted"]), data["tenants"]["blobs"], data["tenants"])


def remember(
    root: Path, listed: Listing, documents: Iterable[Document], fleet: Fleet | None, found: Iterable[Diagnostic]
) -> None:
    """Keeps what is known of a fleet that has been read as a whole, if it has no errors and no lost region."""
    from generator.load.cache import parsed

    found = tuple(found)
    if not is_sound(fleet, found):
        return
    with parsed(len(listed.files)) as cache:
        if cache:
            _keep(cache, root, together(listed, standings(documents, fleet), noted(found)))


def keep(root: Path, listed: Listing, known: Standings) -> None:
    """Keeps what is known of a fleet that has no errors and no lost region."""
    from generator.load.cache import parsed

    with parsed(len(listed.files)) as cache:
        if cache:
            _keep(cache, root, known)


def _keep(cache: Cache, root: Path, known: Standings) -> None:
    data: dict[str, Any] = {"shared": dict(known.shared), "tenants": known._columns, "noted": sorted(known.noted)}
    cache.keep(cache.key(_KIND, str(root.resolve()), _judges()), data)


def together(listed: Listing, tenants: Mapping[str, Standing], named: Collection[str]) -> Standings:
    """What is known of a fleet, of all its tenants; its findings name some files."""
    columns = _columns(tenants)
    return Standings(shared(listed), frozenset(named), columns["blobs"], columns)


def at_odds(tenants: Iterable[Standing]) -> bool:
    """Whether two of some tenants have what only one may have, or say otherwise of one issuer."""
    claimed: set[str] = set()
    keys: dict[str, str] = {}
    for one in tenants:
        if not claimed.isdisjoint(one.claims) or keys.setdefault(one.issuer, one.keys) != one.keys:
            return True
        claimed.update(one.claims)
    return False


def shared(listed: Listing) -> dict[str, str]:
    """The content of all files but the tenants', by path."""
    return {file.path: listed.blobs.get(file.path, "") for file in listed.files if file.kind != "Tenant"}


def is_sound(fleet: Fleet | None, found: Iterable[Diagnostic]) -> TypeGuard[Fleet]:
    """Whether a fleet has no errors and no lost region: where the tenants of a lost one go depends on all others."""
    from generator.model.cell import RegionState

    if fleet is None or has_errors(found):
        return False
    return all(region.state is not RegionState.FAILED for region in fleet.regions)


def noted(found: Iterable[Diagnostic]) -> set[str]:
    """The files that findings name."""
    return {path for each in found for path in _named(each)}


def _named(found: Diagnostic) -> Iterator[str]:
    """The files that a finding names."""
    yield found.location.path
    yield from (related.location.path for related in found.related)
    if found.declared is not None:
        yield found.declared.path


@cache
def _judges() -> bytes:
    """A digest of what decides whether a fleet has faults."""
    digest = hashlib.blake2b(digest_size=32)
    for folder in _JUDGES:
        for source in sorted((_PROGRAM / folder).glob("*.py")):
            digest.update(f"{folder}/{source.name}\0".encode() + source.read_bytes())
    return digest.digest()
