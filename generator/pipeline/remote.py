"""load → resolve → place → render → write, with a Dask cluster to render."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.pipeline.batch import uncollected
from generator.pipeline.inputs import RENDERED, validate
from generator.pipeline.output import Rendered
from generator.pipeline.settling import Settled
from generator.pipeline.sides import prepared

if TYPE_CHECKING:
    from generator.render import Side
    from generator.render.rendering import Rendered as Batch

_BATCH: Final = 200
"""The most subjects a task: a lost worker's tasks are done again, so they should not be long."""
_TASKS: Final = 4
"""The fewest tasks a thread of the cluster, so that all end together."""
Taken = TypeVar("Taken")


@uncollected()
def render_on(root: Path, address: str, *, progress: Callable[[int, int], None] | None = None) -> Rendered:
    """`render`, by the workers of the Dask cluster whose scheduler is at an address. Inputs are read and resolved here.

    Raises `generator.remote.ClusterUnavailable`.
    """
    from generator.model.tree import Tree

    ready = prepared(root, validate(root))
    if ready.side is None:
        return Rendered(ready.validated.fleet, None, ready.diagnostics)
    files, found = _rendered(ready.side, address, lambda _, content: content, progress)
    diagnostics = in_order([*ready.diagnostics, *found])
    tree = None if has_errors(diagnostics) else Tree({path: files[path] for path in sorted(files)})
    return Rendered(ready.side.fleet, tree, diagnostics)


@uncollected()
def settle_on(
    root: Path, address: str, *, check: bool = False, progress: Callable[[int, int], None] | None = None
) -> Settled:
    """`settle`, by the workers of a Dask cluster as in `render_on`. What they send is compared and waits here."""
    from generator.write import Intake, staging

    ready = prepared(root, validate(root))
    if ready.side is None:
        return Settled(ready.validated.fleet, None, ready.diagnostics)
    folder = root / RENDERED
    with nullcontext(Intake(folder)) if check else staging(root, folder) as intake:
        states, found = _rendered(ready.side, address, intake.take, progress)
        diagnostics = in_order([*ready.diagnostics, *found])
        differences = None if has_errors(diagnostics) else intake.settle(states)
    return Settled(ready.side.fleet, differences, diagnostics, len(states))


def _rendered(
    side: Side,
    address: str,
    take: Callable[[str, bytes], Taken],
    progress: Callable[[int, int], None] | None,
) -> tuple[dict[str, Taken], tuple[Diagnostic, ...]]:
    """What became of each file, which is handed to `take` as it comes and forgotten, and what was wrong."""
    from generator.remote import cluster
    from generator.render import everything
    from generator.render.parcels import packed, rendered_slice
    from generator.render.rendering import joined

    count = len(everything(side))
    with cluster(address) as workers:
        size = min(_BATCH, max(1, count // (workers.threads() * _TASKS)))
        slices = [(start, min(start + size, count)) for start in range(0, count, size)]
        results = workers.in_parallel(rendered_slice, packed(side), slices)

        def taken() -> Iterator[Batch[Taken]]:
            for (_, end), result in zip(slices, results, strict=True):
                yield result.taken(take)
                if progress is not None:
                    progress(end, count)

        return joined(taken(), side.templates)
