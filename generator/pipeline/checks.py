"""check: rendered output against schemas, policies and the rules of isolation, and what of that is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.pipeline.inputs import BASELINE, CRDS, RENDERED, validate

if TYPE_CHECKING:
    from generator.check import CheckResult, Contracts, Terms
    from generator.model.fleet import Fleet
    from generator.model.tree import Tree


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at: `objects` in all, `checked` against a schema, `unchecked` for want of one; admission
    `policies`, of which `unevaluated` could not be evaluated here. `kubeconform` is how many objects it saw and
    how many of them it had no schema for; None where it is not installed or was left out. `failed` objects have an
    error. `known` findings are not among the diagnostics: baseline.yaml lets them pass."""

    fleet: Fleet | None
    tree: Tree | None
    diagnostics: tuple[Diagnostic, ...]
    objects: int
    checked: int
    unchecked: int
    policies: int = 0
    unevaluated: int = 0
    kubeconform: tuple[int, int] | None = None
    failed: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Adopted:
    """A new baseline.yaml: how many findings it makes known. Not written when there are errors."""

    known: int
    diagnostics: tuple[Diagnostic, ...]


def check(
    root: Path, *, today: date, kubeconform: bool = True, progress: Callable[[int, int], None] | None = None
) -> Checked:
    """Checks rendered/ as it stands, so that what was edited by hand is found too; by kubeconform as well, where it is
    installed and not left out. `today` is a day in UTC: what is known until yesterday fails."""
    from generator.write import read

    validated = validate(root)
    if validated.fleet is None or has_errors(validated.diagnostics):
        return Checked(validated.fleet, None, validated.diagnostics, 0, 0, 0)
    tree, faults = read(root / RENDERED)
    found = (*validated.diagnostics, *faults)
    return _checked(validated.fleet, tree, found, contracts_of(root), today, kubeconform, progress)


def contracts_of(root: Path) -> Contracts:
    """The schemas of custom resources that a fleet is checked by: its own in crds/, then the shipped ones."""
    from generator.check import Contracts
    from generator.write import read

    own, _ = read(root / CRDS)
    return Contracts(own.files)


def checked_tree(fleet: Fleet, tree: Tree, contracts: Contracts, today: date) -> Checked:
    """check, for output in memory; without kubeconform."""
    return _checked(fleet, tree, (), contracts, today, False, None)


def adopt(
    root: Path,
    terms: Terms,
    *,
    today: date,
    kubeconform: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Adopted:
    """Writes baseline.yaml, so that everything that check finds now is known. Entries that are in use stay as they are,
    with their day; those that are not, go."""
    from generator.check import baseline, settle
    from generator.load import LIMIT, load_documents
    from generator.write import read

    validated = validate(root)
    if validated.fleet is None or has_errors(validated.diagnostics):
        return Adopted(0, validated.diagnostics)
    tree, _ = read(root / RENDERED)
    found, _, _ = _found(validated.fleet, tree, contracts_of(root), kubeconform, progress)
    text, known = baseline(tree, settle(found, validated.fleet.known, today), terms, LIMIT)
    _, faults = load_documents(root, drafts={BASELINE: text.encode()})
    faults = tuple(each for each in faults if each.location.path == BASELINE)
    if not has_errors(faults):
        (root / BASELINE).write_text(text, encoding="utf-8")
    return Adopted(known, faults)


def _checked(
    fleet: Fleet,
    tree: Tree,
    inputs: tuple[Diagnostic, ...],
    contracts: Contracts,
    today: date,
    kubeconform: bool,
    progress: Callable[[int, int], None] | None,
) -> Checked:
    """What there is to say of a tree, beside what has been said of its inputs."""
    from generator.check import failed, settle

    found, result, second = _found(fleet, tree, contracts, kubeconform, progress)
    settled = settle(found, fleet.known, today)
    return Checked(
        fleet=fleet,
        tree=tree,
        diagnostics=in_order([*inputs, *settled.left]),
        objects=result.objects,
        checked=result.checked,
        unchecked=result.unchecked,
        policies=result.policies,
        unevaluated=result.unevaluated,
        kubeconform=second,
        failed=failed(tree, settled.left),
        known=len(settled.known),
    )


def _found(
    fleet: Fleet, tree: Tree, contracts: Contracts, conform: bool, progress: Callable[[int, int], None] | None
) -> tuple[tuple[Diagnostic, ...], CheckResult, tuple[int, int] | None]:
    """Everything that is found, known or not; and what kubeconform saw, where it is installed and wanted."""
    from generator.check import check as check_tree
    from generator.check import kubeconform

    result = check_tree(tree, fleet.kubernetes, progress, contracts)
    program = kubeconform.installed() if conform else None
    if program is None:
        return result.diagnostics, result, None
    outcome = kubeconform.check(tree, fleet.kubernetes, program, contracts)
    return in_order([*result.diagnostics, *outcome.diagnostics]), result, (outcome.objects, outcome.unchecked)
