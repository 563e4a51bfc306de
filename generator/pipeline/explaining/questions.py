"""load → resolve → render, asked backwards: what is behind a value, and what a line reaches.

`explain` answers for a tenant's resolved values and for the objects rendered for it; `reach` for a line of a file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.diagnostics import did_you_mean, listing
from generator.model.explanation import Explained, Field, Puzzled, Reached, Said
from generator.pipeline.explaining.values import EVERYWHERE, files_of, values_of
from generator.pipeline.inputs import Validated

if TYPE_CHECKING:
    from generator.model.document import Document
    from generator.model.fleet import Fleet
    from generator.resolve.provenance import Origin


def explain(
    root: Path, validated: Validated, tenant: str, path: str = "", field: str = "", cluster: str = ""
) -> Explained | Puzzled:
    """What is behind a tenant's values.

    `path` is a resolved value (`limits.cpu`, or `limits` for all below it), or an object rendered for the tenant
    (`Rollout/api`) with `field` for a part of it; "" asks for every resolved value. `cluster` is "" for all cells;
    of an object, the one on the tenant's first cell is explained then.
    """
    fleet = validated.fleet
    if fleet is None:
        return Puzzled("the fleet cannot be resolved", "run tenantry validate")
    there = {each.name: each for each in fleet.tenants}
    if tenant not in there:
        return Puzzled(f"no tenant '{tenant}'", did_you_mean(tenant, there) or f"there is {listing(there)}")
    own = there[tenant].path
    cells = _cells(fleet, own)
    if cluster and cluster not in cells:
        return Puzzled(f"{tenant} is on no cluster '{cluster}'", did_you_mean(cluster, cells) or _there(cells))
    if "/" in path:
        from generator.pipeline.explaining.objects import explain_object

        return explain_object(root, validated, tenant, path, field, [cluster] if cluster else cells)
    if field:
        return Puzzled(f"'{path}' is no object", "name one by its kind: Rollout/api")
    return _resolved(validated, fleet, tenant, own, path, cluster)


def reach(root: Path, validated: Validated, path: str, line: int) -> Reached | Puzzled:
    """What the line of a file reaches: an input file by its path from the fleet's folder, or a template."""
    from generator.pipeline.explaining.reaching import reach_from

    return reach_from(root, validated, path, line)


def _cells(fleet: Fleet, path: str) -> list[str]:
    """A tenant's cells, the serving one first."""
    here = [each for each in fleet.assignments if each.tenant.path == path]
    here.sort(key=lambda each: (not each.serving, each.role.value, each.cluster.name))
    kept = [each.cluster.name for each in fleet.records if each.tenant.path == path]
    return list(dict.fromkeys([*(each.cluster.name for each in here), *kept]))


def _there(cells: list[str]) -> str:
    return f"it is on {', '.join(cells)}" if cells else "it is on none"


def _resolved(
    validated: Validated, fleet: Fleet, tenant: str, own: str, path: str, cluster: str
) -> Explained | Puzzled:
    from generator.load.variants import Variants
    from generator.pipeline.explaining.causes import Search, lines_of

    values = values_of(fleet, own)
    wanted = {key for key in values if _asked(key[1], path) and cluster in (key[0], "")}
    if cluster and not path:
        wanted |= {key for key in values if key[0] == EVERYWHERE}
    if path and not wanted:
        wanted = {key for key in values if _asked(key[1], path)}
    if not wanted:
        known = {part for _, name in values for part in _prefixes(name)}
        return Puzzled(f"{tenant} has no value '{path}'", did_you_mean(path, known) or f"there is {listing(known)}")
    files = files_of(fleet, own)
    search = Search(
        [document for document in validated.documents if document.path in files],
        validated.documents,
        Variants(validated.documents),
        lambda made: {key: value for key, value in values_of(made, own).items() if key in wanted},
        list(lines_of(document for document in validated.documents if document.path in files)),
    )
    search.run()
    histories = {cell: _histories(validated.documents, tenant, cell) for cell in _cells(fleet, own)}
    fields = []
    for key, value in values.items():
        if key in wanted:
            lines, presence = search.behind(key)
            found = Field(path=key[1], cluster=key[0], value=value, lines=lines, presence=presence)
            history = histories.get(key[0] or next(iter(histories), ""), {}).get(key[1])
            fields.append(_settled(found, history) if history is not None else found)
    return Explained(tenant, tuple(fields))


def _histories(documents: tuple[Document, ...], tenant: str, cell: str) -> dict[str, Origin]:
    from generator.resolve.provenance import origins

    return origins(documents, tenant, cell)


def _settled(field: Field, history: Origin) -> Field:
    """A setting, with what its layers and floors say."""
    from msgspec.structs import replace

    def said(choice: Any) -> Said:
        return Said(choice.value, choice.document.locate(choice.pointer))

    return replace(
        field,
        decided=said(history.chosen),
        overrode=tuple(map(said, history.overrode)),
        raised_from=said(history.raised_from) if history.raised_from is not None else None,
        held=tuple(map(said, history.held)),
    )


def _asked(name: str, path: str) -> bool:
    """Whether a value is the one asked for, or one below it."""
    return not path or name == path or name.startswith((f"{path}.", f"{path}["))


def _prefixes(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
