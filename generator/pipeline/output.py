"""load → resolve → place → render → write: the rendered output, in memory and in its folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.pipeline.batch import uncollected
from generator.pipeline.inputs import RENDERED, Validated, validate
from generator.pipeline.sides import SHIPPED, Prepared, committed, narrowed, now, prepared

if TYPE_CHECKING:
    from generator.load import Listing
    from generator.model.fleet import Fleet
    from generator.model.tree import Tree
    from generator.render import Work
    from generator.write import Differences

ASSIGNMENTS_A_WORKER: Final = 200
"""The fewest tenants on cells that a further worker process pays for."""


class Rendered(Struct, frozen=True):
    """The output in memory; None when there are errors, for half a tree must never reach a branch.

    `part` are the paths below rendered/ that were rendered, those that came to nothing too, where not all of them
    were. `whole` says why all were although a part was asked for.
    """

    fleet: Fleet | None
    tree: Tree | None
    diagnostics: tuple[Diagnostic, ...]
    part: frozenset[str] | None = None
    whole: str = ""


class Wanted(Struct, frozen=True):
    """What part of the output to render: what differs since a revision, of these tenants, on these cells."""

    since: str = ""
    tenants: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()


EVERYTHING: Final = Wanted()


@uncollected()
def render(
    root: Path,
    *,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    templates: Path | None = None,
) -> Rendered:
    """load → resolve → place → render. `jobs` is the number of worker processes; None chooses by the fleet's size.

    `templates` stand in for the program's own, as they were at another time.
    """
    return rendered_from(root, validate(root), jobs, progress, templates)


@uncollected()
def render_part(
    root: Path, wanted: Wanted, *, jobs: int | None = None, progress: Callable[[int, int], None] | None = None
) -> Rendered:
    """`render`, for a part of the output. All inputs are validated: a change can break a rule with any other tenant.

    With `wanted.since`, the part is every file that can differ from what that revision's inputs render to, and every
    file of rendered/ that is not as that revision has it. All others are right if they were right there. Raises
    `generator.revision.NoRevision`.
    """
    from generator.render import render_part as render_works

    plan = planned(root, wanted)
    after = plan.after
    if after.side is None:
        return Rendered(after.validated.fleet, None, after.diagnostics)
    works, part = chosen(plan, wanted)
    tree, found = render_works(works, after.side.templates, jobs_for(len(works), jobs), progress)
    diagnostics = in_order([*after.diagnostics, *found])
    return Rendered(after.side.fleet, None if has_errors(diagnostics) else tree, diagnostics, part, plan.whole)


def chosen(plan: Plan, wanted: Wanted) -> tuple[tuple[Work, ...], frozenset[str] | None]:
    """What of a plan to render, and the paths that are looked at: None for all."""
    from generator.render import path_of

    works = tuple(work for work in plan.works if _is_wanted(work.subject.words, wanted))
    if plan.whole or wanted == EVERYTHING:
        return works, None
    others = frozenset[str]() if wanted.tenants or wanted.clusters else plan.others
    return works, others.union(path for work in works for path in path_of(work))


def _is_wanted(words: Mapping[str, str], wanted: Wanted) -> bool:
    chosen = (("tenant", wanted.tenants), ("cluster", wanted.clusters))
    return all(not names or words.get(word) in names for word, names in chosen)


class Plan(Struct, frozen=True):
    """What to render of a side, which other files to remove, and why it is everything, if it is."""

    after: Prepared
    works: tuple[Work, ...] = ()
    others: frozenset[str] = frozenset()
    whole: str = ""


def planned(root: Path, wanted: Wanted, listed: Listing | None = None) -> Plan:
    """What to render of the inputs of a folder, which may have been `listed` before."""
    from generator.revision import NoRevision, changing, commit_of

    if not wanted.since:
        after, _ = now(root, listed or _listing(root))
        return whole(after)
    try:
        commit = commit_of(root, wanted.since)
    except NoRevision:
        after, _ = now(root, listed or _listing(root))
        if after.side is None:  # what is wrong with the inputs is said first
            return Plan(after)
        raise
    with changing(root, commit, root / RENDERED, ignored=True) as moved:
        listed = listed or _listing(root)
        narrowly = not wanted.tenants and not wanted.clusters
        plan = _narrowly(root, wanted.since, commit, listed, moved) if narrowly else None
        if plan is not None:
            return plan
        after, earlier = now(root, listed)
        if after.side is None:
            return Plan(after)
        before = committed(root, commit, after, earlier)
        return since(root, wanted.since, commit, (before, after), moved) or whole(after)


def _listing(root: Path) -> Listing:
    from generator.load import listing  # not before: git looks at the output while the rest of the program is imported

    return listing(root)


def whole(after: Prepared) -> Plan:
    """All that there is to render of a side."""
    from generator.render import everything

    return Plan(after, everything(after.side) if after.side is not None else ())


def _narrowly(
    root: Path, revision: str, commit: str, listed: Listing, moved: Callable[[], tuple[str, ...] | None]
) -> Plan | None:
    """`since`, by the tenants that differ alone; None where it takes whole sides to say what to render."""
    from generator.revision import NoRevision

    try:
        sides = narrowed(root, commit, listed)
        return since(root, revision, commit, (sides.before, sides.after), moved, narrow=True) if sides else None
    except NoRevision:  # what is wrong with the inputs is said first
        return None


def since(
    root: Path,
    revision: str,
    commit: str,
    sides: tuple[Prepared, Prepared],
    moved: Callable[[], tuple[str, ...] | None],
    *,
    narrow: bool = False,
) -> Plan | None:
    """What to render of the second of two sides, the first of which is that of a commit; `moved` tells which files of
    rendered/ (and of other folders) are not as the commit has them, None where it has no rendered/. None where that is
    more than tenants which narrow sides have."""
    from generator.installed import schema_folder
    from generator.render import everything, owners, path_of, reach
    from generator.revision import changed

    before, after = sides
    if after.side is None:
        raise ValueError("only what has no errors can be rendered")
    everywhere = everything(after.side)
    if before.side is None:
        return Plan(after, everywhere, whole=f"{revision} has errors")
    found = reach(before.side, after.side)
    own = changed(root, commit, Path(__file__).parents[1], schema_folder(), ignored=False) or ()
    shipped = os.path.relpath(SHIPPED, root)
    if not all(path.startswith(f"{shipped}/") for path in own):
        return None if narrow else Plan(after, everywhere, whole=f"the program has changed since {revision}")
    paths_moved = moved()
    if paths_moved is None:
        return None if narrow else Plan(after, everywhere, whole=f"{revision} has no {RENDERED}/")
    output = f"{RENDERED}/"
    elsewhere = {path.removeprefix(output) for path in paths_moved if path.startswith(output)}
    if narrow and not elsewhere.issubset(path for work in everywhere for path in path_of(work)):
        return None
    paths = frozenset(path for work in found.before for path in path_of(work)) | elsewhere
    return Plan(after, owners(found.after, everywhere, elsewhere), paths)


def compare(root: Path, tree: Tree, part: Collection[str] | None = None) -> Differences:
    """How rendered/ differs from a tree; with `part`, in those paths alone. Writes nothing."""
    from generator.write import compare as compare_folder

    return compare_folder(tree, root / RENDERED, part)


def write(root: Path, tree: Tree, part: Collection[str] | None = None) -> Differences:
    """Makes rendered/ equal to a tree; with `part`, in those paths alone. Raises `generator.write.Busy` while another
    run of this fleet writes."""
    from generator.write import exclusive
    from generator.write import write as write_folder

    with exclusive(root):
        return write_folder(tree, root / RENDERED, part)


def rendered_from(
    root: Path,
    validated: Validated,
    jobs: int | None,
    progress: Callable[[int, int], None] | None,
    shipped: Path | None,
) -> Rendered:
    """render, for inputs that have been resolved."""
    from generator.render import render as render_fleet

    ready = prepared(root, validated, shipped)
    if ready.side is None:
        return Rendered(validated.fleet, None, ready.diagnostics)
    jobs = jobs_for(len(ready.side.fleet.assignments), jobs)
    tree, about_output = render_fleet(ready.side.fleet, ready.side.templates, jobs, progress)
    diagnostics = in_order([*ready.diagnostics, *about_output])
    return Rendered(validated.fleet, None if has_errors(diagnostics) else tree, diagnostics)


def jobs_for(subjects: int, jobs: int | None) -> int:
    """Worker processes for so many tenants on cells, where nobody chose a number: one for few, for which forking costs
    more than it gains."""
    return min(os.cpu_count() or 1, max(1, subjects // ASSIGNMENTS_A_WORKER)) if jobs is None else jobs
