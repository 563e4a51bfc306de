"""check → write: definitions of custom resources become schemas of the fleet, and which schemas there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.diagnostics import Diagnostic, has_errors
from generator.pipeline.checks import contracts_of
from generator.pipeline.inputs import CRDS

if TYPE_CHECKING:
    from generator.check.definitions import Source


class Imports(Struct, frozen=True):
    """What an import did: every schema's (kind, apiVersion, file, what happened to the file), and what was wrong.

    `met` are the kinds that the texts define, whether they were asked for or not.
    """

    schemas: tuple[tuple[str, str, str, str], ...]
    met: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


class Known(Struct, frozen=True):
    """One schema that objects are checked by, and where it is from: `crds/…`, `shipped` or `Kubernetes 1.34`."""

    group: str
    kind: str
    version: str
    source: str


def import_schemas(
    root: Path, sources: Iterable[Source], *, groups: Collection[str] = (), kinds: Collection[str] = ()
) -> Imports:
    """Makes schemas of definitions and puts them into crds/; nothing is written when anything is wrong.

    `groups` and `kinds` leave all others out. Raises `generator.write.Busy` while another run of this fleet writes.
    """
    from generator.check.definitions import imported
    from generator.model.tree import Tree
    from generator.write import add, exclusive

    found, diagnostics = imported(sources)
    met = tuple(sorted({f"{each.kind}.{each.group}" for each in found}))
    chosen = [each for each in found if (not groups or each.group in groups) and (not kinds or each.kind in kinds)]
    if has_errors(diagnostics) or not chosen:
        return Imports((), met, diagnostics)
    with exclusive(root):
        written = add(Tree({each.path: each.text for each in chosen}), root / CRDS)
    states = {**dict.fromkeys(written.added, "added"), **dict.fromkeys(written.changed, "changed")}
    rows = ((each.kind, each.api_version, f"{CRDS}/{each.path}", states.get(each.path, "same")) for each in chosen)
    return Imports(tuple(rows), met, diagnostics)


def known_schemas(root: Path, kubernetes: Iterable[str]) -> tuple[tuple[Known, ...], tuple[Diagnostic, ...]]:
    """Every schema that a fleet is checked by, sorted, and those of its own that cannot be used.

    `kubernetes` are the versions whose own kinds are listed as well ("1.34").
    """
    contracts = contracts_of(root)
    rows = [
        Known(version.rpartition("/")[0], kind, version.rpartition("/")[2], path or "shipped")
        for version, kind, path in contracts.sources()
    ]
    rows += (row for version in sorted(set(kubernetes)) for row in _core(version))
    ordered = sorted(rows, key=lambda row: (row.group, row.kind, row.version, row.source))
    return tuple(ordered), contracts.faults


def _core(kubernetes: str) -> Iterator[Known]:
    from generator.check.schemas import api

    found = api(kubernetes)
    for version, kind in found.kinds if found is not None else ():
        group, _, name = version.rpartition("/")
        yield Known(group, kind, name, f"Kubernetes {kubernetes}")
