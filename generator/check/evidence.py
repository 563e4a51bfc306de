"""Which rendered objects meet the controls of a compliance framework.

A label says what an object is for, and nothing more. An object counts for a control when it is labelled with it and an
expression of the framework's file holds for the object itself, evaluated as those of admission policies are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from generator.check.fields import strings
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


def standings(
    tree: Tree, framework: str, controls: Iterable[Control], tenants: Iterable[str], cluster: str = ""
) -> tuple[tuple[Standing, ...], tuple[Diagnostic, ...]]:
    """Each control with the objects of these tenants, those that tenants lack objects for first; and what is wrong with
    the expressions. `cluster` leaves all others out. Files that cannot be read hold no evidence: `check` names them.
    """
    wanted = tuple(sorted(tenants))
    objects = tuple(_labelled(tree, framework, frozenset(wanted), cluster))
    found: list[Standing] = []
    faults: list[Diagnostic] = []
    for control in controls:
        programs, wrong = _programs(control)
        faults += wrong
        facts = [_fact(rendered, programs) for rendered, ids in objects if f"_{control.id}_" in f"_{ids}_"]
        met = {fact.tenant for fact in facts if fact.shows}
        found.append(
            Standing(
                control=control,
                facts=tuple(sorted((fact for fact in facts if fact.shows), key=_order)),
                unshown=tuple(sorted((fact for fact in facts if not fact.shows), key=_order)),
                lacking=tuple(name for name in wanted if name not in met),
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


def _fact(rendered: Rendered, programs: Iterable[tuple[Proof, Program]]) -> Fact:
    bindings: dict[str, Any] = {**dict.fromkeys(NAMES), "object": rendered.data}
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
