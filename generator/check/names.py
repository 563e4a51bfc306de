"""Whether names and namespaces are such as the API server takes, and stand where their kind needs them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from generator.check.contracts import Contracts
from generator.check.findings import finding, shown
from generator.check.index import Index
from generator.check.kinds import KINDS, LABEL, SUBDOMAIN, KindRule
from generator.check.objects import Rendered
from generator.check.tally import Tally
from generator.diagnostics import Code, Diagnostic, Severity

NAME: Final = Code(
    "CHK010",
    "an object's name is not allowed for its kind",
    "The API server refuses the object when Argo CD syncs it, long after the review.",
)
SCOPE: Final = Code(
    "CHK011",
    "an object's namespace does not fit its kind",
    "Without a namespace the object lands in the Application's default one; with one on a cluster-wide kind, two "
    "objects that look different are the same.",
)
UNKNOWN_KIND: Final = Code(
    "CHK012",
    "a kind is not in the table of kinds",
    "Whether it needs a namespace and what its name may be could not be checked.",
)


UnknownKinds: TypeAlias = Tally[tuple[str, str]]
"""Objects whose kind is not in the table, by group and kind."""


def check(index: Index, unknown: UnknownKinds, contracts: Contracts) -> Iterator[Diagnostic]:
    """Every object on its own; those of a kind that neither the table nor an imported definition knows are counted in
    `unknown`."""
    for rendered in index.objects:
        rule = KINDS.get((rendered.group, rendered.kind)) or _imported(rendered, contracts)
        if rule is None:
            unknown.add((rendered.group, rendered.kind), rendered)
            continue
        if not rule.name.allows(rendered.name):
            yield finding(
                NAME,
                rendered,
                ("metadata", "name"),
                f"no {rendered.kind} may have this name",
                found=f"{shown(rendered.name)} ({len(rendered.name)} characters)",
                expected=rule.name.words,
                hint="shorten it in the template with `fit`, which keeps cut names apart",
            )
        if not rule.namespaced:
            yield from _cluster_wide(rendered)
        else:
            yield from _namespaced(rendered)


def _imported(rendered: Rendered, contracts: Contracts) -> KindRule | None:
    agreed = contracts.of(rendered.api_version, rendered.kind)
    inside = agreed.namespaced if agreed is not None else None
    return KindRule(inside, SUBDOMAIN) if inside is not None else None


def notes(unknown: UnknownKinds) -> Iterator[Diagnostic]:
    """One note for each kind that is not in the table."""
    for (group, kind), example, count in unknown:
        yield finding(
            UNKNOWN_KIND,
            example,
            ("kind",),
            f"{count} of kind {kind} ({group or 'core'}) not checked for name and scope",
            hint="import the kind's definition with `tenantry schemas import`"
            if "." in group
            else "correct the kind, if it is misspelt",
            severity=Severity.NOTE,
        )


def _cluster_wide(rendered: Rendered) -> Iterator[Diagnostic]:
    if "namespace" in rendered.data["metadata"]:
        yield finding(
            SCOPE,
            rendered,
            ("metadata", "namespace"),
            f"a {rendered.kind} is cluster-wide and has no namespace",
            found=shown(rendered.data["metadata"]["namespace"]),
            hint="take the namespace out of the template",
        )


def _namespaced(rendered: Rendered) -> Iterator[Diagnostic]:
    if not rendered.namespace:
        yield finding(
            SCOPE,
            rendered,
            ("metadata",),
            f"{rendered.kind} {shown(rendered.name)} has no namespace",
            expected="metadata.namespace as a string",
            hint="name the namespace in the template, as every rendered object does",
            key=True,
        )
    elif not LABEL.allows(rendered.namespace):
        yield finding(
            SCOPE,
            rendered,
            ("metadata", "namespace"),
            "this can be no namespace",
            found=f"{shown(rendered.namespace)} ({len(rendered.namespace)} characters)",
            expected=LABEL.words,
            hint="use the tenant's or the platform's namespace as it stands in the model",
        )
