"""check: rendered output against schemas, policies and the rules of isolation."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from generator.diagnostics import Diagnostic, Severity, has_errors, in_order
from generator.pipeline.inputs import BASELINE, CRDS, RENDERED, Validated, validate
from generator.pipeline.sides import inspected
from generator.pipeline.verdicts import remember, remembered

if TYPE_CHECKING:
    from generator.check import Ahead, CheckResult, Contracts, Terms
    from generator.model.fleet import Fleet
    from generator.model.shard import Shard
    from generator.model.tree import Tree


REGIONS: Final = "regions"
FILES_A_WORKER: Final = 2_000
"""Fewer files are checked in about the time that it takes to fork a process and warm it up."""
FILES_A_HALF: Final = 400
"""The same, where a process has only a part of the checks and is forked when all is read."""


class Looking(Struct, frozen=True):
    """How rendered output is looked at.

    `exhaustive` looks at every object by itself, however equal it is to another. `clusters` are the only ones to look
    at, or those of a `shard`, and `since` leaves out those whose output is what it was in a revision: no finding in one
    cluster depends on another. `jobs` is the number of processes; None chooses by the number of files. `kubeconform`
    runs where it is installed and not left out. `progress` is told (done, total) files. `remembers` is whether clusters
    that were found to be sound before are passed over, and those that are found to be so now are remembered.
    """

    kubeconform: bool = True
    exhaustive: bool = False
    clusters: tuple[str, ...] = ()
    since: str | None = None
    jobs: int | None = None
    progress: Callable[[int, int], None] | None = None
    shard: Shard | None = None
    remembers: bool = True


class Checked(Struct, frozen=True):
    """What was looked at: `objects` in all, `checked` against a schema, `unchecked` for want of one; admission
    `policies`, of which `unevaluated` could not be evaluated here. `kubeconform` is how many objects it saw and
    how many of them it had no schema for; None where it is not installed or was left out. `failed` objects have an
    error. `known` findings are not among the diagnostics: baseline.yaml lets them pass. `clusters` are those that were
    looked at, None where all were. `untraced` findings are too many to look for the lines that made them."""

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
    clusters: tuple[str, ...] | None = None
    untraced: int = 0


class Adopted(Struct, frozen=True):
    """A new baseline.yaml: how many findings it makes known. Not written when there are errors."""

    known: int
    diagnostics: tuple[Diagnostic, ...]


class _Found(Struct, frozen=True):
    """Everything that is found, known or not; and what kubeconform saw, where it is installed and wanted."""

    diagnostics: tuple[Diagnostic, ...]
    result: CheckResult
    kubeconform: tuple[int, int] | None


def check(root: Path, *, today: date, looking: Looking | None = None) -> Checked:
    """Checks rendered/ as it stands, so that what was edited by hand is found too. `today` is a day in UTC: what is
    known until yesterday fails. Raises `generator.revision.NoRevision`."""
    looking = looking or Looking()
    with _asked(root, looking.since) as moved:
        # How a fleet is cut into shards depends on all of its tenants.
        validated = inspected(root) if looking.shard is None else validate(root)
        if validated.fleet is None or has_errors(validated.diagnostics):
            return Checked(validated.fleet, None, validated.diagnostics, 0, 0, 0)
        wanted = looking.clusters or None
        if looking.shard is not None:
            wanted = names_of(root, validated.fleet, looking.shard)
        contracts = contracts_of(root)  # which imports all that checks need while git still looks
        chosen = touched(wanted, moved())
    return checked_folder(root, validated, contracts, chosen, today, looking)


def checked_folder(
    root: Path,
    validated: Validated,
    contracts: Contracts,
    chosen: tuple[str, ...] | None,
    today: date,
    looking: Looking,
    ahead: Ahead | None = None,
) -> Checked:
    """check, for inputs without errors: what stands in rendered/ for the `chosen` clusters, or for all (None), some of
    which may have been read `ahead`."""
    from generator.write import opened

    fleet = validated.fleet
    if fleet is None:
        raise ValueError("only the output of a fleet can be checked")
    tree, faults = opened(root / RENDERED, chosen)
    found = _found(fleet, tree, contracts, looking, ahead)
    checked = _settled(fleet, tree, found, today, chosen)
    faults += _absent(fleet, tree, chosen)
    checked = replace(checked, diagnostics=in_order([*validated.diagnostics, *faults, *checked.diagnostics]))
    return _traced(root, validated, tree, checked)


def _absent(fleet: Fleet, tree: Tree, chosen: tuple[str, ...] | None) -> tuple[Diagnostic, ...]:
    """The cells that were to be looked at and have no output; none of them where nothing was rendered yet."""
    from generator.check import whole

    if chosen is None and not tree.files:
        return ()
    return tuple(whole.check(tree, [name for name in fleet.kubernetes if chosen is None or name in chosen]))


def _traced(root: Path, validated: Validated, tree: Tree, checked: Checked) -> Checked:
    """Each finding with the lines that made it. Notes, of which there is one for each cluster, need none."""
    if all(finding.severity is Severity.NOTE for finding in checked.diagnostics):
        return checked
    from generator.pipeline.explaining.findings import traced_to_origin, untraced

    if validated.others and any(each.location.path.startswith(f"{RENDERED}/") for each in checked.diagnostics):
        validated = validate(root)  # any tenant may be behind a finding
    traced = traced_to_origin(root, validated, tree, checked.diagnostics)
    return replace(checked, diagnostics=traced, untraced=untraced(traced))


def checked_tree(
    fleet: Fleet,
    tree: Tree,
    contracts: Contracts,
    today: date,
    clusters: tuple[str, ...] | None = None,
    *,
    jobs: int | None = None,
) -> Checked:
    """check, for output in memory; without kubeconform. `clusters` are those that the tree has, None for all; `jobs` is
    as in `Looking`."""
    looking = Looking(kubeconform=False, jobs=jobs, remembers=False)
    return _settled(fleet, tree, _found(fleet, tree, contracts, looking), today, clusters)


def names_of(root: Path, fleet: Fleet, shard: Shard) -> tuple[str, ...]:
    """The names at the top of rendered/ that a shard answers for: its cells, and for the first one whatever stands
    there and is no cell."""
    from generator.model.shard import cells_of
    from generator.write import strays

    cells = cells_of(fleet, shard)
    known = {cluster.name for cluster in fleet.clusters}
    return cells if shard.number > 1 else tuple(sorted((*cells, *strays(root / RENDERED, known))))


def contracts_of(root: Path) -> Contracts:
    """The schemas of custom resources that a fleet is checked by: its own in crds/, then the shipped ones."""
    from generator.check import Contracts
    from generator.write import read

    own, _ = read(root / CRDS)
    return Contracts(own.files)


def schemas_changed(root: Path, commit: str) -> bool:
    """Whether the fleet's own schemas are not as a commit has them. Raises `generator.revision.NoRevision`."""
    from generator.revision import changed

    found = changed(root, commit, root / CRDS, ignored=True)
    return (root / CRDS).is_dir() if found is None else bool(found)


def adopt(root: Path, terms: Terms, *, today: date, looking: Looking | None = None) -> Adopted:
    """Writes baseline.yaml, so that everything that check finds now is known. Entries that are in use stay as they are,
    with their day; those that are not, go."""
    from generator.check import baseline, settle
    from generator.load import LIMIT, load_documents
    from generator.write import opened, put

    validated = validate(root)
    if validated.fleet is None or has_errors(validated.diagnostics):
        return Adopted(0, validated.diagnostics)
    tree, _ = opened(root / RENDERED)
    found = _found(validated.fleet, tree, contracts_of(root), looking or Looking())
    text, known = baseline(tree, settle(found.diagnostics, validated.fleet.known, today), terms, LIMIT)
    _, faults = load_documents(root, drafts={BASELINE: text.encode()})
    faults = tuple(each for each in faults if each.location.path == BASELINE)
    if not has_errors(faults):
        put(root / BASELINE, text.encode())
    return Adopted(known, faults)


@contextmanager
def _asked(root: Path, since: str | None) -> Iterator[Callable[[], tuple[str, ...] | None]]:
    """What of rendered/ and regions/ is not as a revision has it, asked of git before the inputs are read and answered
    by the call, which raises `generator.revision.NoRevision`. None where all clusters count."""
    from generator.revision import NoRevision, changing, commit_of

    if since is None:
        yield lambda: None
        return
    try:
        commit = commit_of(root, since)
    except NoRevision as error:
        yield partial(_raise, error)  # what is wrong with the inputs is said first
        return
    with changing(root, commit, root / RENDERED, root / REGIONS, ignored=True) as answer:
        yield lambda: None if schemas_changed(root, commit) else answer()


def _raise(error: Exception) -> NoReturn:
    raise error


def touched(clusters: Collection[str] | None, moved: Collection[str] | None) -> tuple[str, ...] | None:
    """The clusters to look at, of some or of all (None), where only some files have changed; None for all.

    Regions say which Kubernetes a cluster runs and crds/ what its objects are held against, neither of which need show
    in the output: once one of them is changed, all clusters count.
    """
    if moved is None or any(path.startswith(f"{REGIONS}/") for path in moved):
        return None if clusters is None else tuple(sorted(clusters))
    names = {path.split("/")[1] for path in moved}
    return tuple(sorted(names if clusters is None else names & set(clusters)))


def _jobs(tree: Tree) -> int:
    """Processes for a tree: one for a small one, for which forking costs more than it gains."""
    files, clusters = len(tree.files), {path.partition("/")[0] for path in tree.files}
    return min(os.cpu_count() or 1, max(1, files // (FILES_A_WORKER if len(clusters) > 1 else FILES_A_HALF)))


def _found(fleet: Fleet, tree: Tree, contracts: Contracts, looking: Looking, ahead: Ahead | None = None) -> _Found:
    from generator.check import check as check_tree
    from generator.check import kubeconform

    jobs = _jobs(tree) if looking.jobs is None else looking.jobs
    verdicts = remembered(len(tree.files)) if looking.remembers else None
    result = check_tree(
        tree,
        fleet.kubernetes,
        looking.progress,
        contracts,
        admission=fleet.admission,
        jobs=jobs,
        exhaustive=looking.exhaustive,
        verdicts=verdicts,
        ahead=ahead,
    )
    if verdicts is not None:
        remember(verdicts)
    program = kubeconform.installed() if looking.kubeconform else None
    if program is None:
        return _Found(result.diagnostics, result, None)
    outcome = kubeconform.check(tree, fleet.kubernetes, program, contracts)
    found = in_order([*result.diagnostics, *outcome.diagnostics])
    return _Found(found, result, (outcome.objects, outcome.unchecked))


def _settled(fleet: Fleet, tree: Tree, found: _Found, today: date, clusters: tuple[str, ...] | None) -> Checked:
    """What the baseline leaves of the findings, and what was looked at."""
    from generator.check import failed, settle

    settled = settle(found.diagnostics, fleet.known, today, whole=clusters is None)
    result = found.result
    return Checked(
        fleet=fleet,
        tree=tree,
        diagnostics=settled.left,
        objects=result.objects,
        checked=result.checked,
        unchecked=result.unchecked,
        policies=result.policies,
        unevaluated=result.unevaluated,
        kubeconform=found.kubeconform,
        failed=failed(tree, settled.left),
        known=len(settled.known),
        clusters=clusters,
    )
