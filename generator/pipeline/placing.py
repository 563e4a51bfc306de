"""load → resolve → place: the cells for a tenant, best first, and what the loss of a region would do. Nothing moves."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from generator.diagnostics import Diagnostic, has_errors
from generator.pipeline.edits import Edited, edit, loaded
from generator.pipeline.inputs import Validated, resolved, validate
from generator.pipeline.lifecycle import NoTenant
from generator.source import Location

if TYPE_CHECKING:
    from generator.model.fleet import Fleet
    from generator.place import Candidate, Lost, Refused
    from generator.scaffold import Change

_DRAFTED: Final = "tenants"


class Ranked(Struct, frozen=True):
    """The cells for a tenant: those that may hold it, best first, and all others. `here` are the roles of the cells
    that it stands on; `nameless` the cells where it needs a cloud identity that nobody has named yet."""

    tenant: str
    candidates: tuple[Candidate, ...]
    refused: tuple[Refused, ...]
    here: dict[str, str]
    nameless: frozenset[str]
    diagnostics: tuple[Diagnostic, ...]


class Failover(Struct, frozen=True):
    """What the loss of a region would do, None when the inputs have errors. `edited` is the region's file as edited."""

    lost: Lost | None
    edited: Edited | None
    diagnostics: tuple[Diagnostic, ...]


class NoRegion(LookupError):  # noqa: N818
    """The fleet has no region of that name; `names` are those that it has."""

    def __init__(self, name: str, names: Iterable[str]) -> None:
        super().__init__(name)
        self.name, self.names = name, tuple(names)


def place(root: Path, name: str, *, standby: bool = False) -> Ranked:
    """Ranks the cells for a tenant that there is, as if it stood nowhere. Raises NoTenant.

    Placements that break a rule are no hindrance: they are what asks for others.
    """
    from generator.place import CELL_DEPENDENT

    validated = validate(root)
    faults = tuple(each for each in validated.diagnostics if each.code not in CELL_DEPENDENT)
    if validated.fleet is None or has_errors(faults):
        return Ranked(name, (), (), {}, frozenset(), faults)
    if name not in (names := {each.name for each in validated.fleet.tenants}):
        raise NoTenant(name, names)
    return _ranked(validated.fleet, name, standby, here=True)


def place_new(root: Path, spec: bytes, path: str, *, standby: bool = False) -> Ranked:
    """Ranks the cells for a tenant that is not there yet. `spec` is the content of its file, whose placements may be
    left out; `path` is what diagnostics call it."""
    from generator.load.reader import read
    from generator.place import CELL_DEPENDENT
    from generator.scaffold import Put, edited

    reading = read(path, spec)
    before = validate(root)
    found = (*before.diagnostics, *reading.diagnostics)
    if before.fleet is None or has_errors(found):
        return Ranked("", (), (), {}, frozenset(), found)
    metadata = reading.data.get("metadata")
    name = str(metadata.get("name", "")) if isinstance(metadata, dict) else ""
    declared = reading.data.get("spec")
    text = spec
    if isinstance(declared, dict) and "placements" not in declared:
        # Where it stands decides nothing: the cells are ranked as if it stood nowhere.
        stand_in = next((each.name for each in before.fleet.clusters if each.provider.identity_derived), "")
        placements = [{"cluster": stand_in, "role": "primary"}]
        text = (edited(spec.decode(), [Put(("spec", "placements"), placements)]) or spec.decode()).encode()
    draft = f"{_DRAFTED}/{name}.yaml"
    after = _with(root, draft, text)
    faults = tuple(_at(each, draft, path) for each in after.diagnostics if each.code not in CELL_DEPENDENT)
    if after.fleet is None or has_errors(faults):
        return Ranked(name, (), (), {}, frozenset(), faults)
    return _ranked(after.fleet, name, standby, here=False)


def failover(root: Path, region: str, to: str, *, write: bool) -> Failover:
    """Compares the fleet with the same one whose region has failed, and writes that into the region's file when asked
    and when nothing else would break. `to` is the region that takes tenants in first, "" for the file's own order.

    Raises NoRegion.
    """
    from generator.place import lost
    from generator.scaffold import Put

    validated, document = loaded(root, "Region", region)
    if validated.fleet is None or has_errors(validated.diagnostics):
        return Failover(None, None, validated.diagnostics)
    names = [each.name for each in validated.fleet.regions]
    for name in (region, to):
        if name and name not in names:
            raise NoRegion(name, names)
    if document is None:
        raise NoRegion(region, names)
    changes: list[Change] = [Put(("spec", "state"), "failed")]
    peers: list[Any] = document.data["spec"]["failover"]
    if to and peers[:1] != [to]:
        changes.append(Put(("spec", "failover"), [to, *(each for each in peers if each != to)]))
    edited = edit(root, document, changes, write=write)
    if edited.after is None or edited.after.fleet is None:
        return Failover(None, edited, edited.diagnostics)
    found = lost(region, validated.fleet, edited.after.fleet, _reasons(edited.after))
    return Failover(found, edited, edited.diagnostics)


def _ranked(fleet: Fleet, name: str, standby: bool, *, here: bool) -> Ranked:
    from generator.model.tenant import Role
    from generator.place import PRODUCTION, Search, demand, needs_of, rank

    tenant = next(each for each in fleet.tenants if each.name == name)
    own = [each for each in fleet.assignments if each.tenant.name == name]
    primary = next((each for each in own if each.role is Role.PRIMARY), None)
    without = replace(fleet, assignments=tuple(each for each in fleet.assignments if each.tenant.name != name))
    named = {each.cluster.name for each in own} if here else set()
    search = Search(
        needs=needs_of(tenant),
        demand=demand(primary.workloads if primary else ()),
        environment=primary.cluster.environment if primary and here else PRODUCTION,
        identities=frozenset(each.name for each in fleet.clusters),
        outside_region=primary.cluster.region.name if standby and here and primary else "",
    )
    candidates, refused = rank(without, search)
    return Ranked(
        tenant=name,
        candidates=candidates,
        refused=refused,
        here={each.cluster.name: str(each.role) for each in own} if here else {},
        nameless=frozenset(
            each.name for each in fleet.clusters if not each.provider.identity_derived and each.name not in named
        ),
        diagnostics=(),
    )


def _with(root: Path, path: str, content: bytes) -> Validated:
    from generator.load import load_documents

    return resolved(*load_documents(root, drafts={path: content}))


def _at(diagnostic: Diagnostic, draft: str, path: str) -> Diagnostic:
    """A finding about the draft, at the file that the person named."""
    place = diagnostic.location
    if place.path != draft:
        return diagnostic
    return replace(diagnostic, location=Location(path, place.line, place.column, place.text, place.width))


def _reasons(after: Validated) -> dict[str, str]:
    """Why nobody takes in the tenants that are stranded, by their names."""
    from generator.place import NO_REFUGE

    paths = {document.path: document.name for document in after.documents if document.kind == "Tenant"}
    return {
        paths[each.location.path]: each.found
        for each in after.diagnostics
        if each.code == NO_REFUGE and each.location.path in paths
    }
