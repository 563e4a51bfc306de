"""Rendered ValidatingAdmissionPolicies and their bindings, with every expression compiled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from generator.check.fields import field as value_at
from generator.check.fields import items, listed, mapping, string
from generator.check.kinds import RESOURCES
from generator.check.objects import Rendered
from generator.check.policies.cel import Program, Uncompiled, compiled
from generator.diagnostics import Severity
from generator.source import Pointer

GROUP: Final = "admissionregistration.k8s.io"
POLICY: Final = "ValidatingAdmissionPolicy"
BINDING: Final = "ValidatingAdmissionPolicyBinding"

_WEIGHTS: Final = {"Deny": Severity.ERROR, "Warn": Severity.WARNING, "Audit": Severity.NOTE}


class Obstacle(Struct, frozen=True):
    """Something in a policy that keeps it from being evaluated here: where, and why."""

    at: Pointer
    why: Uncompiled


class Validation(Struct, frozen=True):
    """One expression that must be true, and what is said when it is not."""

    at: Pointer
    rule: Program
    message: str
    says: Program | None


class Policy(Struct, frozen=True):
    """A policy. `conditions` and `variables` are by name, in the order of the file.

    `ignores` is `failurePolicy: Ignore`. `takes_params` is whether it has a paramKind, `param` its group and kind.
    With any of `obstacles`, it is not evaluated.
    """

    rendered: Rendered
    constraints: dict[str, Any]
    conditions: tuple[tuple[str, Program], ...]
    variables: tuple[tuple[str, Program], ...]
    validations: tuple[Validation, ...]
    ignores: bool
    param: tuple[str, str] | None
    obstacles: tuple[Obstacle, ...]


class Binding(Struct, frozen=True):
    """Where a policy holds, with which parameters, and how much a refusal weighs."""

    rendered: Rendered
    policy: str
    constraints: dict[str, Any]
    param: dict[str, Any]
    severity: Severity


def policy_of(rendered: Rendered) -> Policy:
    """One rendered policy, whatever its shape: what is not there is empty, and the schema check says so."""
    spec = mapping(rendered.data, "spec")
    obstacles: list[Obstacle] = [*_odd_resources(spec)]
    param = mapping(spec, "paramKind")
    conditions = tuple(_named(spec, "matchConditions", obstacles))
    variables = tuple(_named(spec, "variables", obstacles))
    validations = tuple(_validations(spec, obstacles))
    return Policy(
        rendered=rendered,
        constraints=mapping(spec, "matchConstraints"),
        conditions=conditions,
        variables=variables,
        validations=validations,
        ignores=string(spec, "failurePolicy") == "Ignore",
        param=(string(param, "apiVersion").rpartition("/")[0], string(param, "kind")) if param else None,
        obstacles=tuple(obstacles),
    )


def binding_of(rendered: Rendered) -> Binding:
    """One rendered binding. Without actions that are known it weighs as much as Deny."""
    spec = mapping(rendered.data, "spec")
    actions = [action for action in _WEIGHTS if action in listed(spec, "validationActions")]
    return Binding(
        rendered=rendered,
        policy=string(spec, "policyName"),
        constraints=mapping(spec, "matchResources"),
        param=mapping(spec, "paramRef"),
        severity=_WEIGHTS[actions[0]] if actions else Severity.ERROR,
    )


def operation(rule: Any) -> str:
    """As which request a rule's objects are evaluated: CREATE, else UPDATE; "" where it is for neither."""
    operations = listed(rule, "operations")
    if "CREATE" in operations or "*" in operations:
        return "CREATE"
    return "UPDATE" if "UPDATE" in operations else ""


def _named(spec: dict[str, Any], part: str, obstacles: list[Obstacle]) -> Iterator[tuple[str, Program]]:
    for pointer, entry in items(spec, part):
        program = _program(entry, "expression", ("spec", *pointer), obstacles)
        if program is not None:
            yield string(entry, "name"), program


def _validations(spec: dict[str, Any], obstacles: list[Obstacle]) -> Iterator[Validation]:
    for pointer, entry in items(spec, "validations"):
        at = ("spec", *pointer)
        rule = _program(entry, "expression", at, obstacles)
        says = _program(entry, "messageExpression", at, obstacles)
        if rule is not None:
            yield Validation((*at, "expression"), rule, " ".join(string(entry, "message").split()), says)


def _program(entry: Any, name: str, at: Pointer, obstacles: list[Obstacle]) -> Program | None:
    text = value_at(entry, name)
    if not isinstance(text, str):
        return None
    made = compiled(text)
    if isinstance(made, Program):
        return made
    obstacles.append(Obstacle((*at, name), made))
    return None


def _odd_resources(spec: dict[str, Any]) -> Iterator[Obstacle]:
    """Rules that name resources of no known kind: nothing rendered would be recognised as one."""
    for pointer, rule in items(spec, "matchConstraints", "resourceRules"):
        if not operation(rule):
            reason = f"only {', '.join(listed(rule, 'operations'))} requests, of which rendered output has none"
            yield Obstacle(("spec", *pointer, "operations"), Uncompiled(reason, here=True))
        groups = listed(rule, "apiGroups")
        for place, name in items(rule, "resources"):
            if not isinstance(name, str) or "*" in name or "/" in name or "*" in groups:
                continue
            if not any((group, name) in RESOURCES for group in groups):
                reason = f"no kind is known whose resource is '{name}' of {' or '.join(map(repr, groups))}"
                yield Obstacle(("spec", *pointer, *place), Uncompiled(reason, here=True))
