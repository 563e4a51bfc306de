"""check: rendered output against schemas, policies and the rules of isolation."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.pipeline.inputs import RENDERED, validate

if TYPE_CHECKING:
    from generator.model.fleet import Fleet
    from generator.model.tree import Tree


REGIONS: Final = "regions"
FILES_A_WORKER: Final = 2_000
"""Fewer files are checked in about the time that it takes to fork a process and warm it up."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at: `objects` in all, `checked` against a schema, `unchecked` for want of one; admission
    `policies`, of which `unevaluated` could not be evaluated here. `kubeconform` is how many objects it saw and
    how many of them it had no schema for; None where it is not installed or was left out. `clusters` are those that
    were looked at, None where all were."""

    fleet: Fleet | None
    tree: Tree | None
    diagnostics: tuple[Diagnostic, ...]
    objects: int
    checked: int
    unchecked: int
    policies: int = 0
    unevaluated: int = 0
    kubeconform: tuple[int, int] | None = None
    clusters: tuple[str, ...] | None = None


def check(
    root: Path,
    *,
    kubeconform: bool = True,
    exhaustive: bool = False,
    clusters: Collection[str] = (),
    since: str | None = None,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Checked:
    """Checks rendered/ as it stands, so that what was edited by hand is found too; by kubeconform as well, where it is
    installed and not left out.

    `exhaustive` looks at every object by itself, however equal it is to another. `clusters` are the only ones to look
    at, and `since` leaves out those whose output is what it was in a revision: no finding in one cluster depends on
    another. `jobs` is the number of processes; None chooses by the number of files. Raises
    `generator.load.revision.NoRevision`.
    """
    from generator.write import opened

    validated = validate(root)
    if validated.fleet is None or has_errors(validated.diagnostics):
        return Checked(validated.fleet, None, validated.diagnostics, 0, 0, 0)
    chosen = _chosen(root, clusters, since)
    tree = opened(root / RENDERED, chosen)
    jobs = _jobs(tree) if jobs is None else jobs
    found = validated.diagnostics
    checked = checked_tree(validated.fleet, tree, found, progress, jobs=jobs, exhaustive=exhaustive)
    checked = replace(checked, clusters=chosen)
    return _conformed(checked, validated.fleet, tree) if kubeconform else checked


def _chosen(root: Path, clusters: Collection[str], since: str | None) -> tuple[str, ...] | None:
    """The clusters to look at; None for all.

    Regions say which Kubernetes a cluster runs, which need not show in the output: once one is changed, all count.
    """
    from generator.load.revision import changed_since, commit_of

    if since is None:
        return tuple(sorted(clusters)) or None
    changed = changed_since(root, commit_of(root, since), (RENDERED, REGIONS))
    if any(path.startswith(f"{REGIONS}/") for path in changed):
        return tuple(sorted(clusters)) or None
    touched = {path.split("/")[1] for path in changed}
    return tuple(sorted(touched & set(clusters) if clusters else touched))


def _jobs(tree: Tree) -> int:
    """Processes for a tree: one for a small one, for which forking costs more than it gains."""
    return min(os.cpu_count() or 1, max(1, len(tree.files) // FILES_A_WORKER))


def checked_tree(
    fleet: Fleet,
    tree: Tree,
    found: tuple[Diagnostic, ...],
    progress: Callable[[int, int], None] | None = None,
    *,
    jobs: int = 1,
    exhaustive: bool = False,
) -> Checked:
    """check, for output in memory."""
    from generator.check import check as check_tree

    result = check_tree(tree, fleet.kubernetes, progress, jobs=jobs, exhaustive=exhaustive)
    diagnostics = in_order([*found, *result.diagnostics])
    return Checked(
        fleet=fleet,
        tree=tree,
        diagnostics=diagnostics,
        objects=result.objects,
        checked=result.checked,
        unchecked=result.unchecked,
        policies=result.policies,
        unevaluated=result.unevaluated,
    )


def _conformed(checked: Checked, fleet: Fleet, tree: Tree) -> Checked:
    """What kubeconform adds; nothing where it is not installed."""
    from generator.check import kubeconform

    program = kubeconform.installed()
    if program is None:
        return checked
    outcome = kubeconform.check(tree, fleet.kubernetes, program)
    diagnostics = in_order([*checked.diagnostics, *outcome.diagnostics])
    return replace(checked, diagnostics=diagnostics, kubeconform=(outcome.objects, outcome.unchecked))
