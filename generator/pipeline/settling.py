"""load → resolve → place → render → write, without ever holding the output: all of rendered/, or a part of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.pipeline.abreast import everything_abreast
from generator.pipeline.batch import uncollected
from generator.pipeline.inputs import RENDERED, TENANTS
from generator.pipeline.narrow import part as narrow_part
from generator.pipeline.narrow import shares
from generator.pipeline.output import EVERYTHING, Plan, Wanted, chosen, jobs_for, planned
from generator.pipeline.sealing import Sealing, owner, remember, remembered, standing
from generator.pipeline.sides import Prepared, prepared

if TYPE_CHECKING:
    from generator.load import Listing
    from generator.model.fleet import Fleet
    from generator.render import Work
    from generator.write import Differences, Intake


class Settled(Struct, frozen=True):
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

    `wanted` is as for `render_part`. Raises `Unknown`, `generator.revision.NoRevision`, and `generator.write.Busy`
    while another run of this fleet writes.
    """
    listed = None
    if wanted == EVERYTHING:
        from generator.load import listing

        listed = listing(root)
    if listed is not None and (known := _settled_by_seals(root, listed, jobs, progress, check=check)) is not None:
        return known
    if listed is not None and (made := _settled_abreast(root, listed, jobs, progress, check=check)) is not None:
        return made
    plan = planned(root, wanted, listed)
    # Not before: git looks at the output while the rest of the program is imported.
    from generator.render import reads_all_tenants

    after = plan.after
    if after.side is None:
        return Settled(after.validated.fleet, None, after.diagnostics)
    _refuse_unknown(after.side.fleet, wanted)
    sealing = Sealing(listed) if listed is not None and not reads_all_tenants(after.side.templates) else None
    settled = settle_plan(root, plan, wanted, check=check, jobs=jobs, progress=progress, sealing=sealing)
    if listed is not None and sealing is not None and settled.differences is not None:
        remember(root, listed, after, sealing.with_known({}))
    return settled


def settle_plan(
    root: Path,
    plan: Plan,
    wanted: Wanted,
    *,
    check: bool,
    jobs: int | None,
    progress: Callable[[int, int], None] | None,
    sealing: Sealing | None = None,
) -> Settled:
    """render → write, for what is wanted of a plan whose side has no errors. Raises `generator.write.Busy`."""
    from generator.write import Intake, staging

    works, part = chosen(plan, wanted)
    task = Task(plan.after, works, jobs, progress, sealing)
    if check:
        settled = rendered_into(Intake(root / RENDERED, part), task)
    else:
        with staging(root, root / RENDERED, part) as stage:
            settled = rendered_into(stage, task)
    return replace(settled, part=part is not None, whole=plan.whole)


class Task(Struct, frozen=True):
    """What to render, and how."""

    after: Prepared
    works: Sequence[Work]
    jobs: int | None
    progress: Callable[[int, int], None] | None
    sealing: Sealing | None = None


def rendered_into(intake: Intake, task: Task) -> Settled:
    """render → write, for a side without errors: the files of its works, and what that does to where they go."""
    from generator.render import render_each

    side = task.after.side
    if side is None:
        raise ValueError("only what has no errors can be rendered")
    sealed = task.sealing.take if task.sealing is not None else None
    jobs = jobs_for(len(task.works), task.jobs)
    states, found = render_each(task.works, side.templates, intake.take, jobs, task.progress, sealed, intake.turn)
    diagnostics = in_order([*task.after.diagnostics, *found])
    differences = None if has_errors(diagnostics) else intake.settle(states)
    return Settled(side.fleet, differences, diagnostics, len(states))


def _settled_abreast(
    root: Path, listed: Listing, jobs: int | None, progress: Callable[[int, int], None] | None, *, check: bool
) -> Settled | None:
    """`settle`, by processes that each read and render a part of the tenants. None where one process will do, and where
    anything is wrong."""
    from generator.write import Intake, staging

    if not (parts := shares(listed, jobs)):
        return None
    with nullcontext(Intake(root / RENDERED)) if check else staging(root, root / RENDERED) as intake:
        made = everything_abreast(root, listed, parts, intake, progress)
    if made is None or made.after.side is None:
        return None
    return Settled(made.after.side.fleet, made.differences, made.after.diagnostics, made.files)


def _settled_by_seals(
    root: Path, listed: Listing, jobs: int | None, progress: Callable[[int, int], None] | None, *, check: bool
) -> Settled | None:
    """`settle`, by what is known of the last run: only what has changed since is rendered, and what does not stand
    there as it was; the other files are looked at alone. None where too little is known for that."""
    from generator.render import everything
    from generator.write import Intake, exclusive, stage

    after = _known_side(root, listed)
    known = remembered(root, listed, after) if after is not None else None
    if after is None or known is None:
        return None
    staying = {path: one for path, one in known.by_file.items() if _stays(path, one[0], listed)}
    with nullcontext() if check else exclusive(root):
        there = standing(root, listed, staying, jobs_for(len(staying), jobs), progress)
        staying = {path: one for path, one in staying.items() if path not in there.broken}
        # Who is to be rendered has to be read.
        wanted = {path for path in listed.blobs if path.startswith(TENANTS)} - staying.keys()
        if not wanted.issubset(document.path for document in after.validated.documents):
            after = _known_side(root, listed, wanted)
        if after is None or after.side is None:
            return None
        sealing = Sealing(listed)
        works = tuple(work for work in everything(after.side) if owner(work) not in staying)
        task = Task(after, works, jobs, None, sealing)
        if check:
            settled = rendered_into(Intake(root / RENDERED, None, there.beside), task)
        else:
            paths = [path for _, seals in staying.values() for seal in seals for path in seal.paths]
            with stage(root, root / RENDERED, None, there.beside, paths) as staging:
                settled = rendered_into(staging, task)
    if settled.differences is not None and (works or len(staying) != len(known.by_file)):
        remember(root, listed, after, sealing.with_known(staying))
    return replace(settled, files=settled.files + there.files)


def _known_side(root: Path, listed: Listing, wanted: Collection[str] = ()) -> Prepared | None:
    """The side with no more tenants than have to be read, and those whose files are wanted. None where it takes all of
    them to say what is rendered."""
    from generator.render import reads_all_tenants

    found = narrow_part(root, listed, None, wanted, surveying=False)  # else all of them are rendered
    if found is None:
        return None
    ready = prepared(root, found.validated)
    return None if ready.side is None or reads_all_tenants(ready.side.templates) else ready


def _stays(path: str, blob: str, listed: Listing) -> bool:
    """Whether what a file's seals are for has not changed: that of no file changes with all of them."""
    return listed.blobs.get(path, "") == blob


def _refuse_unknown(fleet: Fleet, wanted: Wanted) -> None:
    """Stops at a name that the fleet does not have: rendering nothing for it would look like success."""
    for word, names, known in (
        ("tenant", wanted.tenants, tuple(each.name for each in fleet.tenants)),
        ("cell", wanted.clusters, tuple(each.name for each in fleet.clusters)),
    ):
        for name in sorted(names.difference(known)):
            raise Unknown(word, name, known)
