"""One policy over one object: what the API server would say of it.

In its order: match conditions, then parameters, then every validation. An expression that fails is a refusal under
`failurePolicy: Fail`, and nothing under Ignore.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from generator.check.fields import mapping, string
from generator.check.index import Index
from generator.check.kinds import namespaced, resource
from generator.check.objects import Rendered
from generator.check.pods import selects
from generator.check.policies.cel import NAMES, Failed, Program, activation
from generator.check.policies.reading import Binding, Policy, Validation
from generator.source import Pointer

_MISSING_KEY: Final = re.compile(r'Key not found in map : "([^"]*)"')


class Refusal(Struct, frozen=True):
    """A validation that does not hold: where it stands in the policy, and the message. `failed` marks an expression
    that gave no answer."""

    at: Pointer
    message: str
    failed: bool = False


class Request(Struct, frozen=True):
    """One object as the API server would get it. `bindings` is what expressions see, but for parameters and
    variables; `activation` is the same for all policies that judge it."""

    rendered: Rendered
    bindings: Mapping[str, Any]
    activation: Any


def request(rendered: Rendered, namespace: Mapping[str, Any], operation: str) -> Request:
    """The request for an object in a Namespace ({} for objects of the cluster)."""
    version = rendered.api_version.rpartition("/")[2]
    of = {"group": rendered.group, "version": version}
    inside = namespaced(rendered.group, rendered.kind, rendered.namespace)
    bindings = {
        **dict.fromkeys(NAMES),
        "object": rendered.data,
        "oldObject": rendered.data if operation == "UPDATE" else None,
        "request": {
            "kind": {**of, "kind": rendered.kind},
            "resource": {**of, "resource": resource(rendered.kind)},
            "name": rendered.name,
            "namespace": rendered.namespace,
            "operation": operation,
            "dryRun": False,
        },
        "namespaceObject": namespace if inside else None,
    }
    return Request(rendered, bindings, activation({**bindings, "variables": {}}))


def evaluate(policy: Policy, binding: Binding, request: Request, index: Index) -> Iterator[Refusal]:
    """Every refusal of one request by a policy under one binding."""
    values = _Variables(policy, request.bindings, request.activation)
    refused = _conditions(policy, values)
    if refused is not None:
        if refused.message:
            yield refused
        return
    if policy.param is None:
        yield from _validations(policy, values)
        return
    found = params_of(policy, binding, request.rendered, index)
    if not found and string(binding.param, "parameterNotFoundAction") != "Allow":
        yield Refusal(("spec", "paramKind"), "the policy's parameters are not rendered, and without them it refuses")
    for params in found:
        yield from _validations(policy, _Variables(policy, {**request.bindings, "params": params.data}))


class _Variables:
    """The bindings of one evaluation, with the variables an expression needs computed when it is first run.

    A variable that fails is left out and remembered, so that the failure counts only where the variable is reached,
    as it does in the API server, which computes them lazily.
    """

    __slots__ = ("_activation", "_base", "_bindings", "_done", "_failed", "_policy", "_values")

    def __init__(self, policy: Policy, bindings: Mapping[str, Any], shared: Any = None) -> None:
        self._policy = policy
        self._values: dict[str, Any] = {}
        self._failed: dict[str, Failed] = {}
        self._done: set[str] = set()
        self._bindings = bindings
        self._base = shared if shared is not None else activation({**bindings, "variables": {}})
        self._activation = self._base

    def run(self, program: Program) -> Any:
        """A program's value, or `Failed`. One that needs no variables gets what other policies got: taking the object
        over once more is most of the work."""
        if program.variables:
            self._need(program)
            if self._activation is None:
                self._activation = activation({**self._bindings, "variables": {**self._values}})
        value = program.run(self._activation if program.variables else self._base)
        if isinstance(value, Failed) and (missing := _MISSING_KEY.search(value.reason)) is not None:
            cause = self._failed.get(missing[1])
            return Failed(f"variable {missing[1]}: {cause.reason}") if cause is not None else value
        return value

    def _need(self, needing: Program) -> None:
        wanted = needing.variables - self._done
        if not wanted:
            return
        for name, program in self._policy.variables:
            if name in wanted and name not in self._done:
                self._done.add(name)
                value = self.run(program)
                if isinstance(value, Failed):
                    self._failed[name] = value
                else:
                    self._values[name] = value
                    self._activation = None


def _conditions(policy: Policy, values: _Variables) -> Refusal | None:
    """None to go on; a refusal without a message where the policy is not for this request."""
    failed: Refusal | None = None
    for number, (name, program) in enumerate(policy.conditions):
        value = values.run(program)
        if value is False:
            return Refusal((), "")
        if value is not True and failed is None:
            at: Pointer = ("spec", "matchConditions", number, "expression")
            failed = Refusal(at, f"match condition {name}: {_reason(value)}", failed=True)
    if failed is not None and policy.ignores:
        return Refusal((), "")
    return failed


def _validations(policy: Policy, values: _Variables) -> Iterator[Refusal]:
    for validation in policy.validations:
        value = values.run(validation.rule)
        if value is True:
            continue
        if value is False:
            yield Refusal(validation.at, _message(validation, values))
        elif not policy.ignores:
            yield Refusal(validation.at, _reason(value), failed=True)


def _message(validation: Validation, values: _Variables) -> str:
    """messageExpression where it gives a line of text, else message, else the expression itself."""
    said = values.run(validation.says) if validation.says is not None else None
    if isinstance(said, str) and said.strip() and "\n" not in said:
        return said.strip()
    return validation.message or f"failed expression: {' '.join(validation.rule.text.split())}"


def _reason(value: Any) -> str:
    return value.reason if isinstance(value, Failed) else f"it gives {value!r}, not true or false"


def params_home(policy: Policy, binding: Binding, rendered: Rendered) -> str:
    """The namespace that a binding's parameters for an object are looked for in; "" where they are of the cluster."""
    if policy.param is None or not namespaced(*policy.param, "-"):
        return ""
    own = rendered.name if (rendered.group, rendered.kind) == ("", "Namespace") else rendered.namespace
    return string(binding.param, "namespace") or own


def params_of(policy: Policy, binding: Binding, rendered: Rendered, index: Index) -> tuple[Rendered, ...]:
    """The parameter objects of a binding: one by its name, or all that its selector selects."""
    if policy.param is None:
        return ()
    known = index.named.get((*policy.param, params_home(policy, binding, rendered)), {})
    if name := string(binding.param, "name"):
        return known.get(name, ())[:1]
    if "selector" not in binding.param:
        return ()
    selector = mapping(binding.param, "selector")
    return tuple(
        found[0]
        for _, found in sorted(known.items())
        if selects(selector, mapping(found[0].data, "metadata", "labels"))
    )
