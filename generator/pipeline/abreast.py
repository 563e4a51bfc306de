"""load → resolve → place → render → write of a large fleet by several processes at once, from the first file read.

Each of them reads and resolves a part of the tenants, tells what is between these and all others (`pipeline.narrow`),
and renders them if nothing is wrong: what is rendered for a tenant follows from its own file and the shared files.
Nothing is explained here: at the first sign of an error the answer is None, and the caller does it step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from generator.diagnostics import has_errors
from generator.pipeline.narrow import Told, joined, look, whole
from generator.pipeline.sealing import Sealing, owner, remember
from generator.pipeline.sides import Prepared, prepared
from generator.workers import Team, in_step

if TYPE_CHECKING:
    from generator.load import Listing
    from generator.render.rendering import Rendered
    from generator.write import Differences, Intake, State


class _Ready(Struct, frozen=True):
    """What a process tells of its part before it renders: what is between its tenants and others, the own templates
    that it has read, and how much there is to render. `told` is None where anything is wrong."""

    told: Told | None
    own: dict[str, bytes]
    works: int


class _Step(Struct, frozen=True):
    """Some of what a process has rendered, and the files of those for whom its seals are."""

    rendered: Rendered[State]
    owners: list[str]


_Message: TypeAlias = _Ready | _Step


class Made(Struct, frozen=True):
    """All of a fleet's output: the side that it is of, which lacks tenants, how many files it has, and what they
    changed."""

    after: Prepared
    files: int
    differences: Differences


def everything_abreast(
    root: Path,
    listed: Listing,
    parts: Sequence[Sequence[str]],
    intake: Intake,
    progress: Callable[[int, int], None] | None,
) -> Made | None:
    """Renders everything into an intake, by a process for each of the `parts` that the tenants' files are in
    (`pipeline.narrow.shares`), and keeps what is then known of the fleet and of its output. None where anything is
    wrong; the intake then may have files, and is not settled."""

    def work(number: int) -> Iterator[_Message]:
        return _share(root, listed, parts[number], intake, first=number == 0)

    with in_step(work, range(len(parts))) as team:
        ready = [each for each in team.first() if isinstance(each, _Ready)]
        known = joined(listed, [each.told for each in ready])
        if known is None:
            return None
        team.go_on()
        # They render what is sound by itself while this looks whether it is so beside the others.
        found = whole(root, listed, known)
        after = prepared(root, found.validated) if found is not None else None
        if after is None or after.side is None or any(each.own != after.own for each in ready):
            return None
        steps = _taken(team, sum(each.works for each in ready), progress)
    if steps is None:
        return None
    return _settled(root, listed, intake, after, steps)


def _share(root: Path, listed: Listing, tenants: Sequence[str], intake: Intake, *, first: bool) -> Iterator[_Message]:
    """One process's part, step by step; that of the `first` has what belongs to no tenant, too."""
    from generator.render import everything, reads_all_tenants, render_steps

    found = look(listed, tenants)
    ready = prepared(root, found[0]) if found is not None else None
    if found is None or ready is None or ready.side is None or reads_all_tenants(ready.side.templates):
        yield _Ready(None, {}, 0)
        return
    works = [work for work in everything(ready.side) if first or owner(work)]
    yield _Ready(found[1], ready.own, len(works))
    for some, rendered in render_steps(works, intake.take, intake.turn):
        yield _Step(rendered, [owner(each) for each in some])


def _taken(team: Team[_Message], total: int, progress: Callable[[int, int], None] | None) -> list[_Step] | None:
    """What all processes have rendered, in the order of the tenants' files. None at the first fault."""
    steps: list[tuple[int, _Step]] = []
    done = 0
    for number, step in team.rest():
        if not isinstance(step, _Step) or step.rendered.faults:
            return None
        steps.append((number, step))
        done += len(step.owners)
        if progress is not None:
            progress(done, total)
    return [step for _, step in sorted(steps, key=lambda each: each[0])]


def _settled(root: Path, listed: Listing, intake: Intake, after: Prepared, steps: list[_Step]) -> Made | None:
    from generator.render import joined as joined_files

    if after.side is None:
        return None
    states, found = joined_files([step.rendered for step in steps], after.side.templates)
    if has_errors(found):
        return None
    sealing = Sealing(listed)
    for step in steps:
        for path, seal in zip(step.owners, step.rendered.seals, strict=True):
            sealing.add(path, seal)
    made = Made(after, len(states), intake.settle(states))
    remember(root, listed, after, sealing.with_known({}))
    return made
