"""load → resolve → place → render, with a Dask cluster to render."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from generator.diagnostics import has_errors, in_order
from generator.pipeline.batch import uncollected
from generator.pipeline.inputs import validate
from generator.pipeline.output import Rendered
from generator.pipeline.sides import prepared

_BATCH: Final = 200
"""The most subjects a task: a lost worker's tasks are done again, so they should not be long."""
_TASKS: Final = 4
"""The fewest tasks a thread of the cluster, so that all end together."""


@uncollected()
def render_on(root: Path, address: str, *, progress: Callable[[int, int], None] | None = None) -> Rendered:
    """`render`, by the workers of the Dask cluster whose scheduler is at an address. Inputs are read and resolved here.

    Raises `generator.remote.ClusterUnavailable`.
    """
    from generator.model.tree import Tree
    from generator.remote import cluster
    from generator.render import everything
    from generator.render.parcels import packed, rendered_slice
    from generator.render.rendering import joined

    ready = prepared(root, validate(root))
    if ready.side is None:
        return Rendered(ready.validated.fleet, None, ready.diagnostics)
    count = len(everything(ready.side))
    with cluster(address) as workers:
        size = min(_BATCH, max(1, count // (workers.threads() * _TASKS)))
        slices = [(start, min(start + size, count)) for start in range(0, count, size)]
        results = []
        for (_, end), result in zip(
            slices, workers.in_parallel(rendered_slice, packed(ready.side), slices), strict=True
        ):
            results.append(result)
            if progress is not None:
                progress(end, count)
    files, found = joined(results, ready.side.templates)
    tree = Tree({path: files[path] for path in sorted(files)})
    diagnostics = in_order([*ready.diagnostics, *found])
    return Rendered(ready.side.fleet, None if has_errors(diagnostics) else tree, diagnostics)
