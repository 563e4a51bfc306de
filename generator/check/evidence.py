"""Which rendered objects meet the controls of a compliance framework.

A label says what an object is for, and nothing more. An object counts for a control when it is labelled with it and an
expression of the framework's file holds for the object itself, evaluated as those of admission policies are. What Azure
says of a container it says of the storage account that the container is in, so the expression sees that, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from generator.check.fields import string, strings
from generator.check.objects import Rendered, read
from generator.check.policies.cel import NAMES, Program, Uncompiled, compiled
from generator.diagnostics import Code, Diagnostic, Severity
from generator.model.evidence import Control, Fact, Proof, Standing
from generator.model.tree import Tree

UNDECIDED: Final = Code(
    "CHK150",
    "evidence that cannot be decided",
    "No object could ever show that the control is met, however well it does what is asked.",
)
CONTROLS: Final = "controls.tenantry.dev/"
"""The prefix of the labels that name controls: `controls.tenantry.dev/gdpr: Art.30_Art.32`."""
TENANT: Final = "tenantry.dev/tenant"
_AZURE: Final = "storage.azure.com"
_ACCOUNT: Final = re.compile(r"/storageAccounts/([^/]+)(?:/|$)")


def standings(
    tree: Tree, framework: str, controls: Iterable[Control], tenants: Iterable[str], cluster: str = ""
) -> tuple[tuple[Standing, ...], tuple[Diagnostic, ...]]:
    """Each control with the objects of these tenants, those that tenants lack objects for first; and what is wrong with
    the expressions. `cluster` leaves all others out. Files that cannot be read hold no evidence: `check` names them.
    """
    wanted = tuple(sorted(tenants))
    objects = tuple(_labelled(tree, framework, frozenset(wanted), cluster))
    accounts = _accounts(tree) if any(rendered.group == _AZURE for rendered, _ in objects) else {}
    found: list[Standing] = []
    faults: list[Diagnostic] = []
    for control in controls:
        programs, wrong = _programs(control)
        faults += wrong
        facts = [_fact(rendered, programs, accounts) for rendered, ids in objects if f"_{control.id}_" in f"_{ids}_"]
        met = {(fact.tenant, fact.cluster) for fact in facts if fact.shows}
        # What is labelled on a cluster and shows nothing there is not made good by what stands on another.
        short = {fact.tenant for fact in facts if (fact.tenant, fact.cluster) not in met}
        whole = {tenant for tenant, _ in met} - short
        found.append(
            Standing(
                control=control,
                facts=tuple(sorted((fact for fact in facts if fact.shows), key=_order)),
                unshown=tuple(sorted((fact for fact in facts if not fact.shows), key=_order)),
                lacking=tuple(name for name in wanted if name not in whole),
            )
        )
    # Nothing at all comes before something, something before all; inside, the framework's own order.
    return tuple(sorted(found, key=lambda each: (bool(each.facts), not each.lacking))), tuple(faults)


def _labelled(tree: Tree, framework: str, tenants: frozenset[str], cluster: str) -> Iterator[tuple[Rendered, str]]:
    """The objects of the tenants that are labelled with controls of the framework, and those controls."""
    label = f"{CONTROLS}{framework}"
    for path, body in tree.files.items():
        if (cluster and path.partition("/")[0] != cluster) or label.encode() not in body:
            continue
        for rendered in read(path, body).objects:
            labels = strings(rendered.data, "metadata", "labels")
            if labels.get(label) and labels.get(TENANT) in tenants:
                yield rendered, labels[label]


def _programs(control: Control) -> tuple[list[tuple[Proof, Program]], list[Diagnostic]]:
    found, faults = [], []
    for proof in control.proofs:
        made = compiled(proof.expression)
        if isinstance(made, Uncompiled):
            faults.append(_undecided(control, proof, made))
        else:
            found.append((proof, made))
    return found, faults


def _accounts(tree: Tree) -> dict[tuple[str, str], Rendered]:
    """The storage accounts of Azure, by cluster and the name that they have there."""
    return {
        (path.partition("/")[0], string(rendered.data, "spec", "azureName") or rendered.name): rendered
        for path, body in tree.files.items()
        if _AZURE.encode() in body
        for rendered in read(path, body).objects
        if (rendered.group, rendered.kind) == (_AZURE, "StorageAccount")
    }


def _fact(
    rendered: Rendered, programs: Iterable[tuple[Proof, Program]], accounts: Mapping[tuple[str, str], Rendered]
) -> Fact:
    inside = _ACCOUNT.search(string(rendered.data, "spec", "owner", "armId")) if rendered.group == _AZURE else None
    account = accounts.get((rendered.path.partition("/")[0], inside[1])) if inside is not None else None
    seen = {"account": account.data} if account is not None else {}
    bindings: dict[str, Any] = {**dict.fromkeys(NAMES), "object": rendered.data, "variables": seen}
    shows = [proof.says for proof, program in programs if proof.kind == rendered.kind and program.run(bindings) is True]
    return Fact(
        tenant=strings(rendered.data, "metadata", "labels")[TENANT],
        cluster=rendered.path.partition("/")[0],
        label=rendered.label,
        place=rendered.locate(("kind",), key=True),
        shows=tuple(shows),
    )


def _order(fact: Fact) -> tuple[str, str, str, int]:
    return (fact.tenant, fact.cluster, fact.place.path, fact.place.line)


def _undecided(control: Control, proof: Proof, why: Uncompiled) -> Diagnostic:
    return Diagnostic(
        UNDECIDED,
        Severity.ERROR,
        f"the evidence for control {control.id} is no expression that can be evaluated",
        proof.location,
        found=why.reason,
        expected="an expression in CEL over `object`",
        hint="correct the expression; what stands in policies/admission is written in the same language",
    )
