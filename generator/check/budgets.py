"""Whether every PodDisruptionBudget protects pods that are rendered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generator.check.fields import mapping, strings
from generator.check.findings import finding
from generator.check.index import Index
from generator.diagnostics import Code, Diagnostic

NO_PODS: Final = Code(
    "CHK036",
    "a PodDisruptionBudget selects no pods",
    "A drain of the nodes takes all pods of the service at once.",
)


def check(index: Index) -> Iterator[Diagnostic]:
    """Every budget's selector against the pods of its namespace."""
    for budget in index.of("policy", "PodDisruptionBudget"):
        selector = mapping(budget.data, "spec", "selector")
        if index.selected(budget.namespace, selector):
            continue
        if index.chart_pods(budget.namespace, strings(selector, "matchLabels").values()):
            continue
        yield finding(
            NO_PODS,
            budget,
            ("spec", "selector"),
            f"no rendered pod in {budget.namespace} has these labels",
            hint="make the selector and the labels of the pod template equal",
            key=True,
        )
