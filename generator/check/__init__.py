"""Checks of the rendered output: Tree → diagnostics.

Only the rendered bytes are looked at, never the inputs, so that a file edited by hand or merged wrongly is found like
a fault of a template. One check stands in one file, with its codes beside it; all share one index of each cluster.
Each cluster is checked on its own, its files are read when its turn comes, and all is let go before the next: memory
follows the largest cell, not the fleet, and processes can share the clusters out among them.

A cluster that is what it was when it was found to be sound is only counted (generator.check.verdicts). In the others,
what is equal is looked at once: documents of one shape are parsed once (generator.shapes), and a policy's answer
holds for every object that it cannot tell from one it let through (generator.check.policies.sharing). An exhaustive
check does without both, and finds the same.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from generator.check import (
    applications,
    autoscalers,
    budgets,
    containers,
    duplicates,
    gateways,
    isolation,
    issuers,
    labels,
    names,
    namespaces,
    pod_references,
    policies,
    principals,
    roles,
    rollouts,
    routes,
    schemas,
    secret_stores,
    services,
    shape,
)
from generator.check.adopting import Terms, baseline
from generator.check.ahead import Ahead, read_ahead
from generator.check.contracts import Contracts
from generator.check.index import Index, index_cluster
from generator.check.known import Settled, settle
from generator.check.objects import read
from generator.check.owners import failed
from generator.check.policies import wanted
from generator.check.shapes import Shapes
from generator.check.verdicts import Sound, Verdicts, key_of
from generator.diagnostics import Diagnostic, in_order
from generator.model.policies import AdmissionPolicy
from generator.model.tree import Tree
from generator.workers import in_parallel, side_by_side

__all__ = [
    "Ahead",
    "CheckResult",
    "Contracts",
    "Settled",
    "Terms",
    "Verdicts",
    "baseline",
    "check",
    "failed",
    "read_ahead",
    "settle",
]

_CHECKS: Final[tuple[Callable[[Index], Iterator[Diagnostic]], ...]] = (
    shape.check,
    labels.check,
    containers.check,
    duplicates.check,
    services.check,
    autoscalers.check,
    rollouts.check,
    budgets.check,
    pod_references.check,
    secret_stores.check,
    roles.check,
    issuers.check,
    principals.check,
    routes.check,
    gateways.check,
    applications.check,
    namespaces.check,
    isolation.check,
)


class CheckResult(Struct, frozen=True):
    """What was found, in order, and what was looked at: `checked` objects were compared with a schema of the
    Kubernetes API or the contract of their kind, `unchecked` ones were not, for want of one. Together they are all
    `objects`. Admission policies were evaluated but for those that `unevaluated` counts among the `policies`, by
    name."""

    diagnostics: tuple[Diagnostic, ...]
    objects: int
    checked: int
    unchecked: int
    policies: int
    unevaluated: int


class _Checked(Struct, frozen=True):
    """What came out for one cluster. `key` is what it is known by, "" where nothing is remembered."""

    found: tuple[Diagnostic, ...]
    objects: int
    files: int = 0
    schemas: schemas.Outcome = field(default_factory=schemas.Outcome)
    admission: policies.Outcome = field(default_factory=policies.Outcome)
    unknown: names.UnknownKinds = field(default_factory=names.UnknownKinds)
    key: str = ""

    @property
    def sound(self) -> bool:
        """Whether there is nothing at all to tell of it."""
        whole = self.schemas.checked == self.objects and not self.schemas.ruled.total
        return not (self.found or self.unknown.total or self.admission.unevaluated) and whole


def check(
    tree: Tree,
    kubernetes: Mapping[str, str],
    progress: Callable[[int, int], None] | None = None,
    contracts: Contracts | None = None,
    *,
    admission: Sequence[AdmissionPolicy] = (),
    jobs: int = 1,
    exhaustive: bool = False,
    verdicts: Verdicts | None = None,
    ahead: Ahead | None = None,
) -> CheckResult:
    """Checks every rendered file. Never raises, whatever the bytes are.

    `kubernetes` is the version of each cluster ("1.34") by its name, which is the first part of its paths. `progress`
    is told (done, total) files as each cluster is done. `contracts` are the schemas of custom resources, where they are
    others than the shipped ones. `admission` are the policies that every cluster is to get. `jobs` above 1 uses as many
    processes where the platform can fork; two of them share a cluster that is alone. `exhaustive` parses and judges
    every object by itself, which takes several times as long. Clusters of which the `verdicts` know that they are sound
    are only counted. Files that were read `ahead` are not read again, as far as they are as they were.
    """
    contracts = contracts or Contracts()
    found: list[Diagnostic] = [*contracts.faults]
    objects = files = 0
    outcome, evaluated, unknown = schemas.Outcome(), policies.Outcome(), names.UnknownKinds()
    clusters = list(_clusters(tree).items())
    share = jobs if len(clusters) == 1 else 1
    checker = _Checker(
        tree, kubernetes, contracts, admission, share, exhaustive=exhaustive, verdicts=verdicts, ahead=ahead
    )
    for checked in in_parallel(checker.check, clusters, jobs):
        told = set(evaluated.include(checked.admission))
        found.extend(diagnostic for diagnostic in checked.found if diagnostic not in told)
        outcome.include(checked.schemas)
        unknown.include(checked.unknown)
        if verdicts is not None and checked.key and checked.sound:
            verdicts.keep(checked.key, Sound(checked.objects, tuple(sorted(checked.admission.policies))))
        objects += checked.objects
        files += checked.files
        if progress is not None:
            progress(files, len(tree.files))
    found.extend(names.notes(unknown))
    found.extend(outcome.notes())
    return CheckResult(
        diagnostics=in_order(found),
        objects=objects,
        checked=outcome.checked,
        unchecked=outcome.unchecked.total,
        policies=len(evaluated.policies),
        unevaluated=len(evaluated.unevaluated),
    )


class _Checker:
    """Checks clusters one after another and keeps what they have in common: shapes and answers of policies."""

    __slots__ = (
        "_admission",
        "_ahead",
        "_contracts",
        "_jobs",
        "_kubernetes",
        "_rules",
        "_shared",
        "_sound",
        "_tree",
    )

    def __init__(
        self,
        tree: Tree,
        kubernetes: Mapping[str, str],
        contracts: Contracts,
        admission: Sequence[AdmissionPolicy],
        jobs: int,
        *,
        exhaustive: bool,
        verdicts: Verdicts | None = None,
        ahead: Ahead | None = None,
    ) -> None:
        """`jobs` are the processes for one cluster."""
        self._admission = admission
        self._tree = tree
        self._jobs = jobs
        self._contracts = contracts
        self._kubernetes = kubernetes
        self._ahead = None if exhaustive else ahead or Ahead(Shapes(), {})
        self._shared = policies.Shared()
        # Broken schemas are findings of the fleet, and leave its clusters with less to be held against.
        wanted = verdicts if not (exhaustive or contracts.faults) else None
        self._rules = wanted.rules(contracts, admission) if wanted is not None else b""
        self._sound = wanted.known if wanted is not None else {}

    def check(self, cell: tuple[str, list[str]]) -> _Checked:
        """One cluster, given as its name and its paths."""
        cluster, paths = cell
        with _without_collector():
            checked = self._checked(cluster, paths)
        if self._ahead is not None:
            self._ahead.shapes.forget()
        return checked

    def _checked(self, cluster: str, paths: list[str]) -> _Checked:
        kubernetes, key = self._kubernetes.get(cluster, ""), ""
        bodies: Iterable[tuple[str, bytes]] = ((path, self._tree.files[path]) for path in paths)
        if self._rules:
            bodies = files = list(bodies)
            key = key_of(self._rules, cluster, kubernetes, files)
            if (sound := self._sound.get(key)) is not None:
                return _counted(sound, len(paths), key)
        reading = self._ahead.read if self._ahead is not None else read
        index = index_cluster(cluster, kubernetes, (reading(path, body) for path, body in bodies))
        one, other = side_by_side(partial(self._by_relations, index), partial(self._by_rules, index), self._jobs)
        return replace(other, found=one.found + other.found, files=len(paths), key=key)

    def _by_relations(self, index: Index) -> _Checked:
        """What can be told of objects without schemas and policies, above all of what they are to each other."""
        found = tuple(diagnostic for each in _CHECKS for diagnostic in each(index))
        return _Checked(found, len(index.objects))

    def _by_rules(self, index: Index) -> _Checked:
        """What schemas and policies say of each object, and what was looked at."""
        outcome, admission, unknown = schemas.Outcome(), policies.Outcome(), names.UnknownKinds()
        found = [*names.check(index, unknown, self._contracts), *schemas.check(index, outcome, self._contracts)]
        found.extend(policies.check(index, admission, self._shared))
        found.extend(wanted.check(index, self._admission, admission))
        return _Checked(tuple(found), len(index.objects), 0, outcome, admission, unknown)


def _counted(sound: Sound, files: int, key: str) -> _Checked:
    """What comes out for a cluster that is known to be sound."""
    outcome, admission = schemas.Outcome(checked=sound.objects), policies.Outcome(policies=set(sound.policies))
    return _Checked((), sound.objects, files, outcome, admission, names.UnknownKinds(), key)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Leaves cycles of objects alone while a cluster is read: a million objects that stay would be walked again and
    again, and what is let go afterwards has hardly any."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _clusters(tree: Tree) -> dict[str, list[str]]:
    """Paths by cluster, both in order."""
    clusters: dict[str, list[str]] = {}
    for path in sorted(tree.files):
        clusters.setdefault(path.partition("/")[0], []).append(path)
    return clusters
