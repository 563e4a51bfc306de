"""load → resolve → place → render → write: the rendered output, in memory and in its folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.pipeline.inputs import RENDERED, TEMPLATES, Validated, validate

if TYPE_CHECKING:
    from generator.model.fleet import Fleet
    from generator.model.tree import Tree
    from generator.write import Differences

SHIPPED: Final = Path(__file__).parents[1] / TEMPLATES
"""The program's own templates."""
ASSIGNMENTS_A_WORKER: Final = 200
"""The fewest tenants on cells that a further worker process pays for."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The output in memory; None when there are errors, for half a tree must never reach a branch."""

    fleet: Fleet | None
    tree: Tree | None
    diagnostics: tuple[Diagnostic, ...]


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


def compare(root: Path, tree: Tree) -> Differences:
    """How rendered/ differs from a tree. Writes nothing."""
    from generator.write import compare as compare_folder

    return compare_folder(tree, root / RENDERED)


def write(root: Path, tree: Tree) -> Differences:
    """Makes rendered/ equal to a tree. Raises `generator.write.Busy` while another run of this fleet writes."""
    from generator.write import exclusive
    from generator.write import write as write_folder

    with exclusive(root):
        return write_folder(tree, root / RENDERED)


def rendered_from(
    root: Path,
    validated: Validated,
    jobs: int | None,
    progress: Callable[[int, int], None] | None,
    shipped: Path | None,
) -> Rendered:
    """render, for inputs that have been resolved."""
    from generator.render import load_templates
    from generator.render import render as render_fleet

    own = root / TEMPLATES
    folders = (shipped or SHIPPED, *([own] if own.is_dir() else []))
    templates, about_templates = load_templates(folders)
    diagnostics = in_order([*validated.diagnostics, *about_templates])
    if validated.fleet is None or templates is None or has_errors(diagnostics):
        return Rendered(validated.fleet, None, diagnostics)
    jobs = _jobs(validated.fleet) if jobs is None else jobs
    tree, about_output = render_fleet(validated.fleet, templates, jobs, progress)
    diagnostics = in_order([*diagnostics, *about_output])
    return Rendered(validated.fleet, None if has_errors(diagnostics) else tree, diagnostics)


def _jobs(fleet: Fleet) -> int:
    """Worker processes for a fleet: one for a small fleet, for which forking costs more than it gains."""
    return min(os.cpu_count() or 1, max(1, len(fleet.assignments) // ASSIGNMENTS_A_WORKER))
