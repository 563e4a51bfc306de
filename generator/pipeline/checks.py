"""check: rendered output against schemas, policies and the rules of isolation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from generator.diagnostics import Diagnostic, Severity, has_errors, in_order
from generator.pipeline.inputs import RENDERED, Validated, validate

if TYPE_CHECKING:
    from generator.model.fleet import Fleet
    from generator.model.tree import Tree


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at: `objects` in all, `checked` against a schema, `unchecked` for want of one; admission
    `policies`, of which `unevaluated` could not be evaluated here. `kubeconform` is how many objects it saw and
    how many of them it had no schema for; None where it is not installed or was left out."""

    fleet: Fleet | None
    tree: Tree | None
    diagnostics: tuple[Diagnostic, ...]
    objects: int
    checked: int
    unchecked: int
    policies: int = 0
    unevaluated: int = 0
    kubeconform: tuple[int, int] | None = None


def check(root: Path, *, kubeconform: bool = True, progress: Callable[[int, int], None] | None = None) -> Checked:
    """Checks rendered/ as it stands, so that what was edited by hand is found too; by kubeconform as well, where it is
    installed and not left out."""
    from generator.write import read

    validated = validate(root)
    if validated.fleet is None or has_errors(validated.diagnostics):
        return Checked(validated.fleet, None, validated.diagnostics, 0, 0, 0)
    tree = read(root / RENDERED)
    checked = checked_tree(validated.fleet, tree, validated.diagnostics, progress)
    checked = _conformed(checked, validated.fleet, tree) if kubeconform else checked
    return _traced(root, validated, tree, checked)


def _traced(root: Path, validated: Validated, tree: Tree, checked: Checked) -> Checked:
    """Each finding with the lines that made it. Notes, of which there is one for each cluster, need none."""
    if all(finding.severity is Severity.NOTE for finding in checked.diagnostics):
        return checked
    from generator.pipeline.finding_places import traced_to_origin

    return replace(checked, diagnostics=traced_to_origin(root, validated, tree, checked.diagnostics))


def checked_tree(
    fleet: Fleet, tree: Tree, found: tuple[Diagnostic, ...], progress: Callable[[int, int], None] | None = None
) -> Checked:
    """check, for output in memory."""
    from generator.check import check as check_tree

    result = check_tree(tree, fleet.kubernetes, progress)
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
