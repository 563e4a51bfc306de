"""Checks of the rendered output: Tree → diagnostics.

Only the rendered bytes are looked at, never the inputs, so that a file edited by hand or merged wrongly is found like
a fault of a template. One check stands in one file, with its codes beside it; all share one index of each cluster.
Clusters are taken one after another, and each is let go before the next: memory follows the largest cell, not the
fleet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

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
from generator.check.contracts import Contracts
from generator.check.index import Index, index_cluster
from generator.check.known import Settled, settle
from generator.check.objects import read
from generator.check.owners import failed
from generator.diagnostics import Diagnostic, in_order
from generator.model.tree import Tree

__all__ = ["CheckResult", "Contracts", "Settled", "Terms", "baseline", "check", "failed", "settle"]

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


@dataclass(frozen=True, slots=True)
class CheckResult:
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


def check(
    tree: Tree,
    kubernetes: Mapping[str, str],
    progress: Callable[[int, int], None] | None = None,
    contracts: Contracts | None = None,
) -> CheckResult:
    """Checks every rendered file. Never raises, whatever the bytes are.

    `kubernetes` is the version of each cluster ("1.34") by its name, which is the first part of its paths. `progress`
    is told (done, total) files as each cluster is done. `contracts` are the schemas of custom resources, where they are
    others than the shipped ones.
    """
    contracts = contracts or Contracts()
    found: list[Diagnostic] = [*contracts.faults]
    objects = files = 0
    outcome = schemas.Outcome()
    unknown = names.UnknownKinds()
    admission = policies.Outcome()
    for cluster, paths in _clusters(tree).items():
        index = index_cluster(cluster, kubernetes.get(cluster, ""), (read(path, tree.files[path]) for path in paths))
        objects += len(index.objects)
        found.extend(diagnostic for each in _CHECKS for diagnostic in each(index))
        found.extend(names.check(index, unknown))
        found.extend(schemas.check(index, outcome, contracts))
        found.extend(policies.check(index, admission))
        files += len(paths)
        if progress is not None:
            progress(files, len(tree.files))
    found.extend(names.notes(unknown))
    found.extend(outcome.notes())
    return CheckResult(
        diagnostics=in_order(found),
        objects=objects,
        checked=outcome.checked,
        unchecked=outcome.unchecked.total,
        policies=len(admission.policies),
        unevaluated=len(admission.unevaluated),
    )


def _clusters(tree: Tree) -> dict[str, list[str]]:
    """Paths by cluster, both in order."""
    clusters: dict[str, list[str]] = {}
    for path in sorted(tree.files):
        clusters.setdefault(path.partition("/")[0], []).append(path)
    return clusters
