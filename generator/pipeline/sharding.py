"""load → resolve → place → render → write or publish, for the cells of one shard; and the parts put together."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.model.shard import cells_by_shard, cells_of
from generator.pipeline.batch import uncollected
from generator.pipeline.checks import checked_tree, contracts_of, names_of
from generator.pipeline.inputs import RENDERED, validate
from generator.pipeline.output import Rendered, jobs_for
from generator.pipeline.settling import Settled, Task, rendered_into
from generator.pipeline.sides import prepared
from generator.pipeline.stamped import without_tenants

if TYPE_CHECKING:
    from generator.model.fleet import Fleet
    from generator.model.shard import Shard
    from generator.publish.parts import Origin
    from generator.render import Side, Work

PARTS: Final = ".tenantry/parts"
"""Where parts are, from the fleet's folder: git ignores it, and so does the look for uncommitted inputs."""


class Part(Struct, frozen=True):
    """A part of a publish: its file (None when there are errors), its cells and how many files it holds."""

    path: Path | None
    cells: tuple[str, ...]
    files: int
    diagnostics: tuple[Diagnostic, ...]


@uncollected()
def render_shard(
    root: Path, shard: Shard, *, jobs: int | None = None, progress: Callable[[int, int], None] | None = None
) -> Rendered:
    """`render`, for the cells of a shard. All inputs are validated: a change can break a rule with any other cell.

    The part is the folders of its cells; for the first shard, whatever in rendered/ belongs to no cell, too.
    """
    from generator.render import render_part as render_works

    ready = prepared(root, validate(root))
    if ready.side is None:
        return Rendered(ready.validated.fleet, None, ready.diagnostics)
    works = _works(ready.side, shard)
    tree, found = render_works(works, ready.side.templates, jobs_for(len(works), jobs), progress)
    diagnostics = in_order([*ready.diagnostics, *found])
    part = frozenset((*names_of(root, ready.side.fleet, shard), *tree.files))
    return Rendered(ready.side.fleet, None if has_errors(diagnostics) else tree, diagnostics, part)


@uncollected()
def settle_shard(
    root: Path,
    shard: Shard,
    *,
    check: bool = False,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Settled:
    """`settle`, for the cells of a shard and what `render_shard` counts as its part."""
    from generator.write import Intake, staging

    ready = prepared(root, validate(root))
    if ready.side is None:
        return Settled(ready.validated.fleet, None, ready.diagnostics)
    works, folder = _works(ready.side, shard), root / RENDERED
    part = frozenset(names_of(root, ready.side.fleet, shard))
    with nullcontext(Intake(folder, part)) if check else staging(root, folder, part) as intake:
        return replace(rendered_into(intake, Task(ready, works, jobs, progress)), part=True)


@uncollected()
def make_part(
    root: Path,
    shard: Shard,
    folder: Path,
    *,
    today: date,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Part:
    """Renders and checks the cells of a shard and writes them to a file in a folder, for `join_parts`. `today` is a day
    in UTC: what is known until then passes."""
    from generator.model.tree import Tree
    from generator.publish import spool
    from generator.publish.parts import write_part
    from generator.render import render_each

    ready = prepared(root, validate(root))
    if ready.side is None:
        return Part(None, (), 0, ready.diagnostics)
    cells, fleet = cells_of(ready.side.fleet, shard), without_tenants(ready.side.fleet)
    works, kept = _works(ready.side, shard), spool()
    places, found = render_each(works, ready.side.templates, kept.take, jobs_for(len(works), jobs), progress)
    diagnostics = in_order([*ready.diagnostics, *found])
    if has_errors(diagnostics):
        return Part(None, (), 0, diagnostics)
    del ready, works  # checking needs the room
    origin = _origin(root, fleet)
    if isinstance(origin, Diagnostic):
        return Part(None, cells, 0, in_order([*diagnostics, origin]))
    tree = Tree(kept.held(places))
    checked = checked_tree(fleet, tree, contracts_of(root), today, cells, jobs=jobs)
    if has_errors(checked.diagnostics):
        return Part(None, cells, 0, in_order([*diagnostics, *checked.diagnostics]))
    path = write_part(folder, shard, origin, tree)
    return Part(path, cells, len(tree.files), diagnostics)


def join_parts(root: Path, of: int, folder: Path, *, jobs: int | None = None) -> Rendered:
    """What the parts in a folder hold together: the whole output, each file as it was rendered and checked. Nothing is
    rendered; the inputs say which cells there are."""
    from generator.publish.parts import join

    validated = validate(root)
    rendered = Rendered(validated.fleet, None, validated.diagnostics)
    if validated.fleet is None or has_errors(validated.diagnostics):
        return rendered
    origin = _origin(root, validated.fleet)
    if isinstance(origin, Diagnostic):
        return replace(rendered, diagnostics=in_order([*validated.diagnostics, origin]))
    shown = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else str(folder)
    cells, fleet = cells_by_shard(validated.fleet, of), without_tenants(validated.fleet)
    diagnostics = validated.diagnostics
    del validated, rendered
    tree, faults = join(folder, shown, origin, cells, (os.cpu_count() or 1) if jobs is None else jobs)
    return Rendered(fleet, tree, in_order([*diagnostics, *faults]))


def _works(side: Side, shard: Shard) -> tuple[Work, ...]:
    """What there is to render for a shard."""
    from generator.render import everything

    cells = frozenset(cells_of(side.fleet, shard))
    return tuple(work for work in everything(side) if work.subject.words["cluster"] in cells)


def _origin(root: Path, fleet: Fleet) -> Origin | Diagnostic:
    """What is rendered now; the inputs must be as a commit has them."""
    from generator.installed import program
    from generator.publish.origin import read_source
    from generator.publish.parts import Origin
    from generator.publish.request import Request

    source = read_source(Request(root, "", ""))
    return source if isinstance(source, Diagnostic) else Origin(fleet.name, source.commit, program())
