"""load → resolve → place → render → write: the rendered output, in memory and in its folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.pipeline.batch import uncollected
from generator.pipeline.inputs import RENDERED, Validated, validate
from generator.pipeline.sides import SHIPPED, Prepared, committed, narrowed, now, prepared

if TYPE_CHECKING:
    from generator.model.fleet import Fleet
    from generator.model.tree import Tree
    from generator.render import Work
    from generator.write import Differences, Intake

ASSIGNMENTS_A_WORKER: Final = 200
"""The fewest tenants on cells that a further worker process pays for."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The output in memory; None when there are errors, for half a tree must never reach a branch.

    `part` are the paths below rendered/ that were rendered, those that came to nothing too, where not all of them
    were. `whole` says why all were although a part was asked for.
    """

    fleet: Fleet | None
    tree: Tree | None
    diagnostics: tuple[Diagnostic, ...]
    part: frozenset[str] | None = None
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
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
    `generator.load.revision.NoRevision`.
    """
    from generator.render import render_part as render_works

    plan = _planned(root, wanted)
    after = plan.after
    if after.side is None:
        return Rendered(after.validated.fleet, None, after.diagnostics)
    works, part = _chosen(plan, wanted)
    tree, found = render_works(works, after.side.templates, jobs_for(len(works), jobs), progress)
    diagnostics = in_order([*after.diagnostics, *found])
    return Rendered(after.side.fleet, None if has_errors(diagnostics) else tree, diagnostics, part, plan.whole)


@dataclass(frozen=True, slots=True)
class Settled:
    """What rendering does, or did, to rendered/; `differences` is None when there are errors, and nothing was done.

    `files` is how many were rendered. `part` is whether not all of them were; `whole` says why all were although a
    part was asked for.
    """

    fleet: Fleet | None
    differences: Differences | None
    diagnostics: tuple[Diagnostic, ...]
    files: int = 0
    part: bool = False
    whole: str = ""


class Unknown(LookupError):  # noqa: N818  it is a wish that cannot be met, not a fault
    """A tenant or a cell (`word`) that is wanted and that the fleet does not have; `known` are those that it has."""

    def __init__(self, word: str, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name)
        self.word = word
        self.name = name
        self.known = known


@uncollected()
def settle(
    root: Path,
    wanted: Wanted = EVERYTHING,
    *,
    check: bool = False,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Settled:
    """load → resolve → place → render → write, without ever holding the output: each file is compared with the one in
    its place by whoever rendered it, waits beside rendered/ if it differs, and is moved there when all are rendered and
    none is at fault. With `check`, nothing is written.

    `wanted` is as for `render_part`. Raises `Unknown`, `generator.load.revision.NoRevision`, and `generator.write.Busy`
    while another run of this fleet writes.
    """
    from generator.write import Intake, staging

    plan = _planned(root, wanted)
    after, whole = plan.after, plan.whole
    if after.side is None:
        return Settled(after.validated.fleet, None, after.diagnostics)
    _refuse_unknown(after.side.fleet, wanted)
    works, part = _chosen(plan, wanted)
    if check:
        return rendered_into(Intake(root / RENDERED, part), after, works, part, whole, jobs, progress)
    with staging(root, root / RENDERED, part) as stage:
        return rendered_into(stage, after, works, part, whole, jobs, progress)


def rendered_into(
    intake: Intake,
    after: Prepared,
    works: Sequence[Work],
    part: frozenset[str] | None,
    whole: str,
    jobs: int | None,
    progress: Callable[[int, int], None] | None,
) -> Settled:
    """render → write, for a side without errors; the rest is as in `Settled`."""
    from generator.render import render_each

    if after.side is None:
        raise ValueError("only what has no errors can be rendered")
    states, found = render_each(works, after.side.templates, intake.take, jobs_for(len(works), jobs), progress)
    diagnostics = in_order([*after.diagnostics, *found])
    differences = None if has_errors(diagnostics) else intake.settle(states)
    return Settled(after.side.fleet, differences, diagnostics, len(states), part is not None, whole)


def _refuse_unknown(fleet: Fleet, wanted: Wanted) -> None:
    """Stops at a name that the fleet does not have: rendering nothing for it would look like success."""
    for word, names, known in (
        ("tenant", wanted.tenants, tuple(each.name for each in fleet.tenants)),
        ("cell", wanted.clusters, tuple(each.name for each in fleet.clusters)),
    ):
        for name in sorted(names.difference(known)):
            raise Unknown(word, name, known)


def _chosen(plan: _Plan, wanted: Wanted) -> tuple[tuple[Work, ...], frozenset[str] | None]:
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


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to render of a side, which other files to remove, and why it is everything, if it is."""

    after: Prepared
    works: tuple[Work, ...] = ()
    others: frozenset[str] = frozenset()
    whole: str = ""


def _planned(root: Path, wanted: Wanted) -> _Plan:
    from generator.load import listing
    from generator.load.revision import NoRevision, commit_of
    from generator.render import everything

    listed = listing(root)
    if wanted.since and not wanted.tenants and not wanted.clusters:
        try:
            commit = commit_of(root, wanted.since)
            sides = narrowed(root, commit, listed)
            plan = _since(root, wanted.since, commit, sides.before, sides.after, narrow=True) if sides else None
        except NoRevision:  # what is wrong with the inputs is said first
            plan = None
        if plan is not None:
            return plan
    after, earlier = now(root, listed)
    if after.side is None:
        return _Plan(after)
    if not wanted.since:
        return _Plan(after, everything(after.side))
    commit = commit_of(root, wanted.since)
    before = committed(root, commit, after, earlier)
    return _since(root, wanted.since, commit, before, after) or _Plan(after, everything(after.side))


def _since(
    root: Path, revision: str, commit: str, before: Prepared, after: Prepared, *, narrow: bool = False
) -> _Plan | None:
    """What to render of a side since a commit. None where that is more than tenants which narrow sides have."""
    from generator.installed import schema_folder
    from generator.load.revision import changed
    from generator.render import everything, owners, path_of, reach

    if after.side is None:
        raise ValueError("only what has no errors can be rendered")
    everywhere = everything(after.side)
    if before.side is None:
        return _Plan(after, everywhere, whole=f"{revision} has errors")
    own = changed(root, commit, Path(__file__).parents[1], Path(str(schema_folder())), ignored=False) or ()
    shipped = os.path.relpath(SHIPPED, root)
    if not all(path.startswith(f"{shipped}/") for path in own):
        return None if narrow else _Plan(after, everywhere, whole=f"the program has changed since {revision}")
    moved = changed(root, commit, root / RENDERED, ignored=True)
    if moved is None:
        return None if narrow else _Plan(after, everywhere, whole=f"{revision} has no {RENDERED}/")
    elsewhere = {path.removeprefix(f"{RENDERED}/") for path in moved}
    if narrow and not elsewhere.issubset(path for work in everywhere for path in path_of(work)):
        return None
    found = reach(before.side, after.side)
    paths = frozenset(path for work in found.before for path in path_of(work)) | elsewhere
    return _Plan(after, owners(found.after, everywhere, elsewhere), paths)


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
