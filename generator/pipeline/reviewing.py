"""load → resolve → place → render → write → check → compare, at once: all that a change has to pass to be merged.

What `validate`, `render --since`, `check --since` and `diff` find one after another, in one run: the program starts
once, reads both sides once, and asks git once what of rendered/ is not as the base has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.diagnostics import Code, Diagnostic, Severity, in_order
from generator.pipeline.batch import uncollected
from generator.pipeline.changes import Diffed, between_parts, between_sides
from generator.pipeline.checks import REGIONS, Checked, Looking, checked_folder, contracts_of, schemas_changed, touched
from generator.pipeline.inputs import RENDERED
from generator.pipeline.output import Plan, Wanted, since, whole
from generator.pipeline.settling import Settled, settle_plan
from generator.pipeline.sides import Narrowed, Prepared, committed, narrowed, now
from generator.source import Location

if TYPE_CHECKING:
    from generator.check import Ahead
    from generator.load import Listing
    from generator.write import Differences

STALE: Final = Code(
    "WRT003",
    "output that is not what the inputs render to",
    "Argo CD would not get what the inputs say, and what was checked is not what will be.",
)
MOST_AHEAD: Final = 2
"""The most cells that are read before git has answered: it takes no longer to look than to read so many."""
Moved = Callable[[], tuple[str, ...] | None]
"""Which files of rendered/ and regions/ are not as the base has them; None where it has no such folders."""


class Reviewing(Struct, frozen=True):
    """How a change is looked at. With `check`, nothing is written: rendered/ has to be right already. `when` are the
    first and the last instant of the change, in UTC, and `today` is a day: what is known until yesterday fails.
    `looking` is how the output is checked; its `since`, `clusters` and `shard` are not asked."""

    when: tuple[datetime, datetime]
    today: date
    looking: Looking
    check: bool = False


class Reviewed(Struct, frozen=True):
    """What came out against `base`. `files` is the number of input files. `checked` and `diffed` are None when the
    inputs cannot be rendered. `stale` says that rendered/ was not right, where nothing was to be written."""

    base: str
    files: int
    settled: Settled
    checked: Checked | None = None
    diffed: Diffed | None = None
    stale: tuple[Diagnostic, ...] = ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What all steps found, in order."""
        steps = (self.settled, self.checked, self.diffed)
        return in_order([*self.stale, *(found for step in steps if step is not None for found in step.diagnostics)])


class _Sides(Struct, frozen=True):
    """Both sides of the change, and what to render of the second; `narrow` is set where they lack tenants that are the
    same on both. `ahead` is what was read while git looked."""

    before: Prepared
    after: Prepared
    plan: Plan
    narrow: Narrowed | None = None
    ahead: Ahead | None = None


@uncollected()
def review(root: Path, base: str | None, how: Reviewing) -> Reviewed:
    """Renders what the inputs change against a revision, checks the cells whose output is another, and says what that
    does. `base` is None for where this branch left the main one.

    Raises `generator.revision.NoRevision`, and `generator.write.Busy` while another run of this fleet writes.
    """
    from generator.revision import NoRevision, changing, commit_of, default_base

    try:
        commit = commit_of(root, base or default_base(root))
    except NoRevision:
        after, _ = now(root)
        if after.side is None:  # what is wrong with the inputs is said first
            return _broken(base or "", after)
        raise
    name = base or commit[:12]
    with changing(root, commit, root / RENDERED, root / REGIONS, ignored=True, yielding=True) as moved:
        from generator.load import listing  # not before: git looks while the rest of the program is imported

        sides = _sides(root, name, commit, listing(root), moved)
        if isinstance(sides, Prepared):
            return _broken(name, sides)
        contracts = contracts_of(root)  # which imports all that checks need while git still looks
        looking, wanted = how.looking, Wanted(since=name)
        settled = settle_plan(root, sides.plan, wanted, check=how.check, jobs=looking.jobs, progress=looking.progress)
        if settled.differences is None:
            return Reviewed(name, sides.after.validated.files, settled)
        written = (*settled.differences.added, *settled.differences.changed, *settled.differences.removed)
        paths = None if schemas_changed(root, commit) else moved()
    if paths is not None:
        paths = (*paths, *(f"{RENDERED}/{path}" for path in written))
    clusters = touched(None, paths)
    checked = checked_folder(root, sides.after.validated, contracts, clusters, how.today, looking, sides.ahead)
    diffed = _diffed(root, name, commit, sides, how)
    stale = tuple(_stale(settled.differences)) if how.check else ()
    return Reviewed(name, sides.after.validated.files, settled, checked, diffed, stale)


def _stale(differences: Differences) -> Iterator[Diagnostic]:
    changes = (("added", differences.added), ("changed", differences.changed), ("removed", differences.removed))
    paths = sorted(path for _, some in changes for path in some)
    if paths:
        yield Diagnostic(
            STALE,
            Severity.ERROR,
            "rendered/ is not what the inputs render to",
            Location(f"{RENDERED}/{paths[0]}"),
            found=", ".join(f"{len(some)} {word}" for word, some in changes if some),
            hint="run tenantry render and commit rendered/",
        )


def _broken(base: str, after: Prepared) -> Reviewed:
    """What is said of inputs that cannot be rendered."""
    return Reviewed(base, after.validated.files, Settled(after.validated.fleet, None, after.diagnostics))


def _sides(root: Path, name: str, commit: str, listed: Listing, moved: Moved) -> _Sides | Prepared:
    """Both sides, with those tenants alone that can differ where that tells as much; the second where it has errors."""
    from generator.revision import NoRevision

    ahead = None
    try:
        parts = narrowed(root, commit, listed)
        if parts is not None:
            ahead = _read_ahead(root, parts)
            plan = since(root, name, commit, (parts.before, parts.after), moved, narrow=True)
            if plan is not None:
                return _Sides(parts.before, parts.after, plan, parts, ahead)
    except NoRevision:  # what is wrong with the inputs is said first
        pass
    after, earlier = now(root, listed)
    if after.side is None:
        return after
    before = committed(root, commit, after, earlier)
    return _Sides(before, after, since(root, name, commit, (before, after), moved) or whole(after), ahead=ahead)


def _read_ahead(root: Path, parts: Narrowed) -> Ahead | None:
    """The output of the cells that the change reaches, as it stands, read while git looks: most of it will stay so."""
    from generator.check import read_ahead
    from generator.render import reach
    from generator.write import opened

    if parts.before.side is None or parts.after.side is None:
        return None
    found = reach(parts.before.side, parts.after.side)
    cells = {work.subject.words["cluster"] for work in (*found.before, *found.after)}
    return read_ahead(opened(root / RENDERED, cells)[0]) if 0 < len(cells) <= MOST_AHEAD else None


def _diffed(root: Path, name: str, commit: str, sides: _Sides, how: Reviewing) -> Diffed:
    """compare, with whole sides where the guards ask for shares of the fleet."""
    if sides.narrow is not None:
        diffed = between_parts(name, sides.narrow, how.when, how.looking.jobs)
        if diffed is not None:
            return diffed
        after, earlier = now(root)
        return between_sides(name, (committed(root, commit, after, earlier), after), how.when, how.looking.jobs)
    return between_sides(name, (sides.before, sides.after), how.when, how.looking.jobs)
