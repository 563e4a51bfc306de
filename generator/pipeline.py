"""The stages, in order. Nothing else chains them, so this is where the way of the data can be read.

    load → resolve → place → render → check → compare → write → publish

Each function here is one thing that a person wants done; it runs the stages that it needs and hands back what came
out together with every diagnostic. Nothing is printed and nobody is asked.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.diagnostics import Diagnostic, has_errors, in_order

if TYPE_CHECKING:
    from generator.compare import Impact, Passed
    from generator.model.document import Document
    from generator.model.fleet import Fleet
    from generator.model.tree import Tree
    from generator.publish import Outcome
    from generator.scaffold import NewPlacement, Wish
    from generator.write import Differences

FLEET_FILE: Final = "fleet.yaml"
RENDERED: Final = "rendered"
TEMPLATES: Final = "templates"
INPUTS: Final = (FLEET_FILE, "approvals", "platforms", "policies", "regions", TEMPLATES, "tenants")
"""What of a fleet's folder is rendered from."""
ASSIGNMENTS_A_WORKER: Final = 200
"""The fewest tenants on cells that a further worker process pays for."""


@dataclass(frozen=True, slots=True)
class Validated:
    """The inputs: as read, and as resolved (None when fleet.yaml is missing or broken)."""

    documents: tuple[Document, ...]
    fleet: Fleet | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The output in memory; None when there are errors, for half a tree must never reach a branch."""

    fleet: Fleet | None
    tree: Tree | None
    diagnostics: tuple[Diagnostic, ...]


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


@dataclass(frozen=True, slots=True)
class Diffed:
    """What the inputs change against `base`; `impact` is None when a side has errors. `passed` is what was approved."""

    base: str
    impact: Impact | None
    diagnostics: tuple[Diagnostic, ...]
    passed: tuple[Passed, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """A new tenant's file: where it was written, and why it stands where it does. Not written when there are errors."""

    path: str
    reason: str
    diagnostics: tuple[Diagnostic, ...]


def find_root(start: Path) -> Path | None:
    """The fleet's folder: the nearest one, from `start` upward, that holds fleet.yaml."""
    here = start.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / FLEET_FILE).is_file()), None)


def validate(root: Path, *, progress: Callable[[int, int], None] | None = None) -> Validated:
    """load → resolve → place: every fault of the inputs, and the fleet that they make."""
    from generator.load import load_documents

    documents, found = load_documents(root, progress=progress)
    return _resolved(documents, found)


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
    return _rendered(root, validate(root), jobs, progress, templates)


def check(root: Path, *, kubeconform: bool = True, progress: Callable[[int, int], None] | None = None) -> Checked:
    """Checks rendered/ as it stands, so that what was edited by hand is found too; by kubeconform as well, where it is
    installed and not left out."""
    from generator.write import read

    validated = validate(root)
    if validated.fleet is None or has_errors(validated.diagnostics):
        return Checked(validated.fleet, None, validated.diagnostics, 0, 0, 0)
    tree = read(root / RENDERED)
    checked = _checked(validated.fleet, tree, validated.diagnostics, progress)
    return _conformed(checked, validated.fleet, tree) if kubeconform else checked


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
    itself. `when` are the first and the last instant of the change, in UTC. Raises
    `generator.load.revision.NoRevision`.
    """
    from generator.load.revision import commit_of, default_base, export, export_templates
    from generator.write import read

    def side(folder: Path, templates: Path) -> tuple[Validated, Rendered]:
        validated = validate(folder)
        if not committed or has_errors(validated.diagnostics):
            return validated, _rendered(folder, validated, jobs, progress, templates)
        return validated, Rendered(validated.fleet, read(folder / RENDERED), validated.diagnostics)

    shipped = Path(__file__).parent / TEMPLATES
    after = side(root, shipped)
    if after[1].tree is None:
        return Diffed(base or "", None, after[1].diagnostics)
    if base and (Path(base) / FLEET_FILE).is_file():
        return _judged(root, Path(base), base, side(Path(base), shipped), after, when)
    with tempfile.TemporaryDirectory(prefix="tenantry-") as folder:
        commit = commit_of(root, base or default_base(root))
        exported = Path(folder) / "fleet"
        export(root, commit, (RENDERED, *INPUTS) if committed else INPUTS, exported)
        shipped = export_templates(root, commit, shipped, Path(folder) / "shipped")
        return _judged(root, exported, base or commit[:12], side(exported, shipped), after, when)


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


def publish(
    root: Path, rendered: Rendered, *, repository: str, branch: str, per_environment: bool, dry_run: bool
) -> Outcome:
    """check → publish: puts a rendered tree on its branches, if the checks find no error in it.

    The tree must have come from `render` without errors.
    """
    from generator.publish import Outcome, Request
    from generator.publish import publish as publish_tree

    if rendered.fleet is None or rendered.tree is None:
        raise ValueError("only what has been rendered without errors can be published")
    checked = _checked(rendered.fleet, rendered.tree, ())
    if has_errors(checked.diagnostics):
        return Outcome("", (), checked.diagnostics)
    environments = {cluster.name: cluster.environment for cluster in rendered.fleet.clusters}
    request = Request(
        root=root,
        repository=repository,
        branch=branch,
        per_environment=environments if per_environment else None,
        dry_run=dry_run,
        fleet=rendered.fleet.name,
    )
    return publish_tree(rendered.tree, request)


def add_tenant(root: Path, wish: Wish) -> Added:
    """load → resolve → place for a tenant that is not there yet, and its file when nothing speaks against it."""
    from generator.scaffold import chosen, tenant_file
    from generator.scaffold.refusal import exists

    before = validate(root)
    if (root / wish.path).exists():
        return Added(wish.path, "", (exists(wish),))
    if before.fleet is None or has_errors(before.diagnostics):
        return Added(wish.path, "", before.diagnostics)
    placements, against = _placements(root, before.fleet, wish)
    if against:
        return Added(wish.path, "", against)
    after = _with_draft(root, wish, placements)
    if not has_errors(after.diagnostics):
        (root / wish.path).parent.mkdir(parents=True, exist_ok=True)
        (root / wish.path).write_text(tenant_file(wish, placements), encoding="utf-8")
    return Added(wish.path, chosen(placements), after.diagnostics)


def _jobs(fleet: Fleet) -> int:
    """Worker processes for a fleet: one for a small fleet, for which forking costs more than it gains."""
    return min(os.cpu_count() or 1, max(1, len(fleet.assignments) // ASSIGNMENTS_A_WORKER))


def _with_draft(root: Path, wish: Wish, placements: tuple[NewPlacement, ...]) -> Validated:
    """The inputs as they would be with the new tenant's file."""
    from generator.load import load_documents
    from generator.scaffold import tenant_file

    text = tenant_file(wish, placements)
    return _resolved(*load_documents(root, drafts={wish.path: text.encode()}))


def _placements(root: Path, fleet: Fleet, wish: Wish) -> tuple[tuple[NewPlacement, ...], tuple[Diagnostic, ...]]:
    """The cells for a new tenant, or what speaks against it.

    A first draft stands on an arbitrary cell: it shows the faults that no choice of a cell could mend, and how much
    the tenant asks for.
    """
    from generator.model.tenant import Role
    from generator.place import CELL_DEPENDENT, Search, demand, needs_of, rank
    from generator.scaffold.refusal import no_such_cell, nowhere

    if wish.cluster and wish.cluster not in {cluster.name for cluster in fleet.clusters}:
        return (), (no_such_cell(wish, fleet),)
    stand_in = next((cluster.name for cluster in fleet.clusters if cluster.provider.identity_derived), "")
    trial = _with_draft(root, wish, (wish.on(wish.cluster or stand_in, Role.PRIMARY, ""),))
    faults = tuple(each for each in trial.diagnostics if each.code not in CELL_DEPENDENT)
    drafted = [each for each in trial.fleet.assignments if each.tenant.name == wish.name] if trial.fleet else []
    if faults or not drafted:
        return (), faults
    search = Search(
        needs=needs_of(drafted[0].tenant),
        demand=demand(drafted[0].workloads),
        environment=wish.environment,
        cluster=wish.cluster,
        identities=frozenset(wish.identities),
    )
    candidates, refused = rank(fleet, search)
    if not candidates:
        return (), (nowhere(wish, "cell", [(each.cluster, each.reasons) for each in refused]),)
    primary = wish.on(candidates[0].cluster.name, Role.PRIMARY, candidates[0].reason)
    if not wish.standby:
        return (primary,), ()
    search = replace(search, cluster="", outside_region=candidates[0].cluster.region.name)
    candidates, refused = rank(fleet, search)
    if not candidates:
        return (), (nowhere(wish, "standby cell", [(each.cluster, each.reasons) for each in refused]),)
    return (primary, wish.on(candidates[0].cluster.name, Role.STANDBY, candidates[0].reason)), ()


def _rendered(
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
    folders = (shipped or Path(__file__).parent / TEMPLATES, *([own] if own.is_dir() else []))
    templates, about_templates = load_templates(folders)
    diagnostics = in_order([*validated.diagnostics, *about_templates])
    if validated.fleet is None or templates is None or has_errors(diagnostics):
        return Rendered(validated.fleet, None, diagnostics)
    jobs = _jobs(validated.fleet) if jobs is None else jobs
    tree, about_output = render_fleet(validated.fleet, templates, jobs, progress)
    diagnostics = in_order([*diagnostics, *about_output])
    return Rendered(validated.fleet, None if has_errors(diagnostics) else tree, diagnostics)


def _inputs(root: Path, validated: Validated) -> set[tuple[str, str]]:
    """The path and the content of every input file and own template, formatting apart."""
    own = ((path.relative_to(root).as_posix(), path.read_bytes()) for path in (root / TEMPLATES).rglob("*.yaml"))
    return {
        (path, repr(content)) for path, content in (*own, *((each.path, each.data) for each in validated.documents))
    }


def _judged(
    root: Path,
    other: Path,
    base: str,
    before: tuple[Validated, Rendered],
    after: tuple[Validated, Rendered],
    when: tuple[datetime, datetime],
) -> Diffed:
    """compare, for two sides that have been rendered. The guards of the base hold: a change cannot loosen its own."""
    from generator.compare import Rules, Side, judge, no_base
    from generator.resolve.guards import approvals_of, guards_of

    (inputs_before, old), (inputs_after, new) = before, after
    if old.fleet is None or old.tree is None or new.fleet is None or new.tree is None:
        return Diffed(base, None, (*new.diagnostics, no_base(old.diagnostics, base)))
    rules = Rules(
        guards=guards_of(inputs_before.documents) or guards_of(inputs_after.documents),
        approvals=approvals_of(inputs_after.documents),
        documents=inputs_after.documents,
        changed=frozenset(path for path, _ in _inputs(other, inputs_before) ^ _inputs(root, inputs_after)),
        start=when[0],
        end=when[1],
    )
    impact, found, passed = judge(Side(old.fleet, old.tree), Side(new.fleet, new.tree), rules)
    return Diffed(base, impact, in_order([*new.diagnostics, *found]), passed)


def _resolved(documents: tuple[Document, ...], found: tuple[Diagnostic, ...]) -> Validated:
    """resolve → place, for documents that have been loaded."""
    from generator.place import arrivals, faults
    from generator.resolve import resolve

    fleet, between = resolve(documents)
    if fleet is None:
        return Validated(documents, None, in_order([*found, *between]))
    taken, stranded = arrivals(fleet, documents)
    if taken:
        # place has decided where the tenants of a failed region go; only resolve knows what they get there.
        fleet, between = resolve(documents, taken)
    placed = (*stranded, *faults(fleet, documents)) if fleet is not None else ()
    return Validated(documents, fleet, in_order([*found, *between, *placed]))


def _checked(
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
