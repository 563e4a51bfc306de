"""load → resolve → place → render → check → publish, for the cells of one shard; and the parts put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.model.shard import cells_by_shard, cells_of
from generator.pipeline.batch import uncollected
from generator.pipeline.checks import checked_tree, contracts_of, names_of
from generator.pipeline.inputs import validate
from generator.pipeline.output import Rendered, jobs_for
from generator.pipeline.sides import prepared

if TYPE_CHECKING:
    from generator.model.fleet import Fleet
    from generator.model.shard import Shard
    from generator.publish.parts import Origin

PARTS: Final = ".tenantry/parts"
"""Where parts are, from the fleet's folder: git ignores it, and so does the look for uncommitted inputs."""


@dataclass(frozen=True, slots=True)
class Part:
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
    from generator.render import everything
    from generator.render import render_part as render_works

    ready = prepared(root, validate(root))
    if ready.side is None:
        return Rendered(ready.validated.fleet, None, ready.diagnostics)
    cells = frozenset(cells_of(ready.side.fleet, shard))
    works = tuple(work for work in everything(ready.side) if work.subject.words["cluster"] in cells)
    tree, found = render_works(works, ready.side.templates, jobs_for(len(works), jobs), progress)
    diagnostics = in_order([*ready.diagnostics, *found])
    part = frozenset((*names_of(root, ready.side.fleet, shard), *tree.files))
    return Rendered(ready.side.fleet, None if has_errors(diagnostics) else tree, diagnostics, part)


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
    from generator.publish.parts import write_part

    rendered = render_shard(root, shard, jobs=jobs, progress=progress)
    if rendered.fleet is None or rendered.tree is None:
        return Part(None, (), 0, rendered.diagnostics)
    cells = cells_of(rendered.fleet, shard)
    origin = _origin(root, rendered.fleet)
    if isinstance(origin, Diagnostic):
        return Part(None, cells, 0, in_order([*rendered.diagnostics, origin]))
    checked = checked_tree(rendered.fleet, rendered.tree, contracts_of(root), today, cells)
    if has_errors(checked.diagnostics):
        return Part(None, cells, 0, in_order([*rendered.diagnostics, *checked.diagnostics]))
    path = write_part(folder, shard, origin, rendered.tree)
    return Part(path, cells, len(rendered.tree.files), rendered.diagnostics)


def join_parts(root: Path, of: int, folder: Path) -> Rendered:
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
    tree, faults = join(folder, shown, origin, cells_by_shard(validated.fleet, of))
    return replace(rendered, tree=tree, diagnostics=in_order([*validated.diagnostics, *faults]))


def _origin(root: Path, fleet: Fleet) -> Origin | Diagnostic:
    """What is rendered now; the inputs must be as a commit has them."""
    from generator.installed import program
    from generator.publish.origin import read_source
    from generator.publish.parts import Origin
    from generator.publish.request import Request

    source = read_source(Request(root, "", ""))
    return source if isinstance(source, Diagnostic) else Origin(fleet.name, source.commit, program())
