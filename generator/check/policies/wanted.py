"""Whether a cluster gets every admission policy of the fleet, as policies/admission says it.

A policy that is missing from rendered output refuses nothing here, and one that was softened there refuses less:
neither may pass for having been evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from generator.check.fields import field
from generator.check.findings import finding
from generator.check.index import Index
from generator.check.objects import Rendered
from generator.check.policies import Outcome
from generator.check.policies.reading import BINDING, GROUP, POLICY
from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.model.policies import AdmissionBinding, AdmissionPolicy
from generator.source import Location

OTHERWISE: Final = Code(
    "CHK125",
    "an admission policy of the fleet is not rendered as it is written",
    "The cluster would refuse less than its owners believe, and so do the checks, which go by what is rendered.",
)
_HINT: Final = "run `tenantry render`, which writes it as it stands in policies/admission/"


def check(index: Index, wanted: Iterable[AdmissionPolicy], outcome: Outcome) -> Iterator[Diagnostic]:
    """Every policy of the fleet and its bindings; one that the cluster does not get is unevaluated."""
    for policy in wanted:
        outcome.policies.add(policy.name)
        given = index.get(GROUP, POLICY, "", policy.name)
        if given is None:
            outcome.unevaluated.add(policy.name)
            message = f"policy {policy.name} is not evaluated: {index.cluster} does not get it"
            yield _missing(index, policy, message)
            continue
        yield from _changed(given, policy, policy)
        for binding in policy.bindings:
            bound = index.get(GROUP, BINDING, "", binding.name)
            if bound is None:
                message = (
                    f"policy {policy.name} is not in force as written: {index.cluster} lacks binding {binding.name}"
                )
                yield _missing(index, policy, message)
            else:
                yield from _changed(bound, policy, binding)


def _missing(index: Index, policy: AdmissionPolicy, message: str) -> Diagnostic:
    return Diagnostic(
        OTHERWISE,
        Severity.ERROR,
        message,
        Location(f"rendered/{index.cluster}"),
        hint=_HINT,
        related=(Related("the policy", Location(policy.path)),),
    )


def _changed(
    given: Rendered, policy: AdmissionPolicy, written: AdmissionPolicy | AdmissionBinding
) -> Iterator[Diagnostic]:
    if field(given.data, "spec") != written.spec:
        yield finding(
            OTHERWISE,
            given,
            ("spec",),
            f"{given.label} is not what {policy.path} says",
            hint=_HINT,
            related=(Related("the policy", Location(policy.path)),),
            key=True,
        )
