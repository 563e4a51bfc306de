"""render → compare: what a change does to the fleet, and what the guards say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.pipeline.batch import uncollected
from generator.pipeline.inputs import FLEET_FILE, INPUTS, RENDERED, TENANTS, Validated, validate
from generator.pipeline.output import jobs_for
from generator.pipeline.sides import Narrowed, Prepared, narrowed, now, prepared
from generator.pipeline.sides import committed as committed_side

if TYPE_CHECKING:
    from generator.compare import Impact, Passed
    from generator.load import Listing
    from generator.model.document import Document
    from generator.model.tree import Tree


class Diffed(Struct, frozen=True):
    """What the inputs change against `base`; `impact` is None when a side has errors. `passed` is what was approved."""

    base: str
    impact: Impact | None
    diagnostics: tuple[Diagnostic, ...]
    passed: tuple[Passed, ...] = ()


@uncollected()
def diff(
    root: Path,
    base: str | None,
    *,
    committed: bool,
    when: tuple[datetime, datetime],
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Diffed:
    """render → compare for the inputs as they are and as they are in `base`, and what the guards say of it.

    `base` is a revision, a folder, or None for where this branch left the main one. `committed` compares rendered/
    itself; otherwise only those files are rendered that can differ. `when` are the first and the last instant of the
    change, in UTC. Raises `generator.revision.NoRevision`.
    """
    from generator.load import listing
    from generator.revision import commit_of, default_base, export

    listed = listing(root)
    if not committed and (narrow := _narrowly(root, base, listed, when, jobs, progress)) is not None:
        return narrow
    after, earlier = now(root, listed)
    if after.side is None:
        return Diffed(base or "", None, after.diagnostics)
    if base and (Path(base) / FLEET_FILE).is_file():
        other = Path(base)
        if committed:
            return _judged(base, (_standing(other), _standing(root, after)), when)
        return between_sides(base, (prepared(other, validate(other, earlier=earlier)), after), when, jobs, progress)
    commit = commit_of(root, base or default_base(root))
    name = base or commit[:12]
    if not committed:
        return between_sides(name, (committed_side(root, commit, after, earlier), after), when, jobs, progress)
    import tempfile

    with tempfile.TemporaryDirectory(prefix="tenantry-") as folder:
        export(root, commit, (RENDERED, *INPUTS), Path(folder))
        return _judged(name, (_standing(Path(folder)), _standing(root, after)), when)


def between(root: Path, before: Validated, after: Validated, when: tuple[datetime, datetime]) -> Diffed:
    """render → compare for inputs as they are, and as an edit would make them."""
    return between_sides("the files as they are", (prepared(root, before), prepared(root, after)), when)


def between_sides(
    name: str,
    sides: tuple[Prepared, Prepared],
    when: tuple[datetime, datetime],
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Diffed:
    """render → compare for whole sides, the first of which has a name."""
    return _judged(name, _rendered(*sides, jobs, progress), when)


def _narrowly(
    root: Path,
    base: str | None,
    listed: Listing,
    when: tuple[datetime, datetime],
    jobs: int | None,
    progress: Callable[[int, int], None] | None,
) -> Diffed | None:
    """`diff`, by the tenants that differ alone; None where it takes whole sides to say what the change does."""
    from generator.revision import NoRevision, commit_of, default_base

    if base and (Path(base) / FLEET_FILE).is_file():
        return None
    try:
        commit = commit_of(root, base or default_base(root))
        sides = narrowed(root, commit, listed)
    except NoRevision:  # what is wrong with the inputs is said first
        return None
    return between_parts(base or commit[:12], sides, when, jobs, progress) if sides is not None else None


def between_parts(
    name: str,
    sides: Narrowed,
    when: tuple[datetime, datetime],
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Diffed | None:
    """render → compare for sides with those tenants alone that can differ, the first of which has a name. None where it
    takes whole sides to say what the change does."""
    from generator.resolve.guards import guards_of

    before, after = sides.before, sides.after
    guards = guards_of(before.validated.documents) or guards_of(after.validated.documents)
    changed = [path for path in _changed(before, after) if path.startswith(TENANTS)]
    if guards is not None and len(changed) >= guards.minimum_tenants:
        return None  # shares are of the whole fleet
    states = _rendered(before, after, jobs, progress, sides.bundles)
    diffed = _judged(name, states, when)
    if diffed.impact is None:
        return None
    tenants = diffed.impact.tenants
    total = tenants.total + after.validated.others
    return replace(diffed, impact=replace(diffed.impact, tenants=replace(tenants, total=total)))


class _State(Struct, frozen=True):
    """One side with its output, as far as it is needed. `bundles` are how many bundles differ, and how many there are,
    where that is known: a bundle is all that a cell itself, a platform or a tenant has on one cell."""

    prepared: Prepared
    tree: Tree | None
    diagnostics: tuple[Diagnostic, ...]
    bundles: tuple[int, int] | None = None


def _standing(root: Path, known: Prepared | None = None) -> _State:
    """A side whose output is what stands in its rendered/."""
    from generator.write import read

    inputs = known or prepared(root, validate(root))
    if has_errors(inputs.validated.diagnostics):
        return _State(inputs, None, inputs.validated.diagnostics)
    tree, faults = read(root / RENDERED)
    return _State(inputs, tree, in_order([*inputs.validated.diagnostics, *faults]))


def _rendered(
    before: Prepared,
    after: Prepared,
    jobs: int | None,
    progress: Callable[[int, int], None] | None,
    bundles_of_others: int = 0,
) -> tuple[_State, _State]:
    """Both sides, with those files that can differ and the others of the same subjects: what a subject asks for in all
    is in the report. `bundles_of_others` are those of tenants that both sides lack."""
    from generator.render import bundles, reach, render_part

    if before.side is None or after.side is None:
        return _State(before, None, before.diagnostics), _State(after, None, after.diagnostics)
    found = reach(before.side, after.side, whole=True)
    states = []
    total = len(found.before) + len(found.after)
    for side, works, first in ((before, found.before, 0), (after, found.after, len(found.before))):
        report = partial(_shifted, progress, first, total) if progress is not None else None
        templates = side.side.templates if side.side is not None else after.side.templates
        tree, faults = render_part(works, templates, jobs_for(len(works), jobs), report)
        diagnostics = in_order([*side.diagnostics, *faults])
        states.append(_State(side, None if has_errors(diagnostics) else tree, diagnostics))
    old, new = states
    if old.tree is None or new.tree is None:
        return old, new
    before_files, after_files = old.tree.files, new.tree.files
    differ = {path for path in {*before_files, *after_files} if before_files.get(path) != after_files.get(path)}
    return old, replace(
        new, bundles=(bundles((*found.before, *found.after), differ), found.bundles + bundles_of_others)
    )


def _shifted(progress: Callable[[int, int], None], first: int, total: int, done: int, _: int) -> None:
    progress(first + done, total)


def _changed(before: Prepared, after: Prepared) -> frozenset[str]:
    """The paths of the input files and own templates that differ, formatting apart."""
    paths = {path for path in {*before.own, *after.own} if before.own.get(path) != after.own.get(path)}
    old, new = _by_path(before.validated.documents), _by_path(after.validated.documents)
    return frozenset(paths | {path for path in {*old, *new} if not _say_the_same(old.get(path, []), new.get(path, []))})


def _by_path(documents: Iterable[Document]) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for document in documents:
        found.setdefault(document.path, []).append(document)
    return found


def _say_the_same(one: list[Document], other: list[Document]) -> bool:
    return len(one) == len(other) and all(
        old is new or repr(old.data) == repr(new.data) for old, new in zip(one, other, strict=True)
    )


def _judged(base: str, states: tuple[_State, _State], when: tuple[datetime, datetime]) -> Diffed:
    """compare, for two sides that have been rendered. The guards of the base hold: a change cannot loosen its own."""
    from generator.compare import Rules, Side, judge, no_base
    from generator.resolve.guards import approvals_of, guards_of

    before, after = states
    inputs_before, inputs_after = before.prepared.validated, after.prepared.validated
    old, new = inputs_before.fleet, inputs_after.fleet
    if old is None or before.tree is None:
        return Diffed(base, None, (*after.diagnostics, no_base(before.diagnostics, base)))
    if new is None or after.tree is None:
        return Diffed(base, None, after.diagnostics)
    rules = Rules(
        guards=guards_of(inputs_before.documents) or guards_of(inputs_after.documents),
        approvals=approvals_of(inputs_after.documents),
        documents=inputs_after.documents,
        changed=_changed(before.prepared, after.prepared),
        start=when[0],
        end=when[1],
    )
    impact, found, passed = judge(Side(old, before.tree), Side(new, after.tree), rules, after.bundles)
    return Diffed(base, impact, in_order([*after.diagnostics, *found]), passed)
