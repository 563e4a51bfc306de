"""Admission policies over the objects of their own cluster: what the API server would refuse, before it is asked.

The policies are those that stand in rendered output, as the cluster gets them. Every object is a CREATE request (an
UPDATE that changes nothing, for rules that ask for no CREATE). Deny is an error, Warn a warning, Audit a note. What
cannot be evaluated offline is a warning of its own and counted: a policy must not pass by not being looked at.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct, field

from generator.check.fields import mapping, string
from generator.check.findings import finding
from generator.check.index import Index
from generator.check.kinds import namespaced
from generator.check.objects import Rendered
from generator.check.policies.at_once import whole_of
from generator.check.policies.cel import Program
from generator.check.policies.evaluation import Refusal, Request, evaluate, params_home, params_of, request
from generator.check.policies.matching import Matcher, may_match
from generator.check.policies.reading import BINDING, GROUP, POLICY, Binding, Policy, binding_of, policy_of
from generator.check.policies.sharing import Answers, Shared
from generator.diagnostics import Code, Diagnostic, Related, Severity, listing

REFUSED: Final = Code(
    "CHK120",
    "an admission policy refuses an object",
    "The API server would refuse it as well, and Argo CD could not sync it.",
)
NO_ANSWER: Final = Code(
    "CHK121",
    "an admission policy gives no answer for an object",
    "An expression that fails refuses the object, whatever it is, under failurePolicy Fail.",
)
UNEVALUATED: Final = Code(
    "CHK122",
    "an admission policy cannot be evaluated offline",
    "What it would refuse is found only when the cluster does.",
)
NOT_CEL: Final = Code(
    "CHK123",
    "an expression of an admission policy is not CEL",
    "The API server refuses the policy, and nothing is enforced.",
)
UNBOUND: Final = Code(
    "CHK124",
    "an admission policy and its binding do not find each other",
    "A policy without a binding, or a binding without its policy, enforces nothing.",
)

__all__ = ["Outcome", "Shared", "check"]


class Outcome(Struct):
    """What was evaluated, over all clusters: the names of policies, and of those that could not be evaluated, with
    what was said of these."""

    policies: set[str] = field(default_factory=set)
    unevaluated: set[str] = field(default_factory=set)
    obstacles: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)

    def include(self, later: Outcome) -> tuple[Diagnostic, ...]:
        """Adds what came out for another cluster; gives what was found there that has been told here."""
        again = [found for name, found in later.obstacles.items() if name in self.unevaluated]
        self.policies |= later.policies
        self.unevaluated |= later.unevaluated
        self.obstacles = {**later.obstacles, **self.obstacles}
        return tuple(diagnostic for found in again for diagnostic in found)


class _Bound(Struct, frozen=True):
    """A policy under one binding: which requests it is for, and which of those the binding is for. `whole` is all that
    it asks in one expression, None where there is none."""

    policy: Policy
    binding: Binding
    matches: Matcher
    holds: Matcher
    answers: Answers
    whole: Program | None

    @property
    def by_kind(self) -> bool:
        """Whether nothing but an object's kind and Namespace says whether the policy is for it."""
        return self.matches.by_kind and self.holds.by_kind

    def operation(self, rendered: Rendered, namespace: Mapping[str, Any]) -> str:
        """The request that the policy judges under this binding; "" where it is not for the object."""
        operation = self.matches.operation(rendered, namespace)
        return operation if operation and self.holds.operation(rendered, namespace) else ""


def check(index: Index, outcome: Outcome, shared: Shared | None = None) -> Iterator[Diagnostic]:
    """Every object that a policy of the cluster refuses, and what keeps policies from being evaluated.

    `shared` are the answers of other clusters; without it there are none.
    """
    policies = {rendered.name: policy_of(rendered) for rendered in index.of(GROUP, POLICY)}
    bindings = [binding_of(rendered) for rendered in index.of(GROUP, BINDING)]
    if not policies and not bindings:
        return
    yield from _unbound(policies, bindings)
    for name, policy in sorted(policies.items()):
        outcome.policies.add(name)
        if policy.obstacles:
            if name not in outcome.unevaluated:
                outcome.obstacles[name] = tuple(_obstacles(policy))
                yield from outcome.obstacles[name]
            outcome.unevaluated.add(name)
    shared = shared or Shared()
    bound = [
        _Bound(
            policies[binding.policy],
            binding,
            Matcher(policies[binding.policy].constraints),
            Matcher(binding.constraints),
            shared.of(policies[binding.policy]),
            whole_of(policies[binding.policy]),
        )
        for binding in bindings
        if binding.policy in policies and not policies[binding.policy].obstacles
    ]
    judge = _Judge(index, bound)
    for objects in index.kinds.values():
        concerned = [pair for pair in bound if may_match(pair.policy.constraints, objects[0])]
        for rendered in objects if concerned else ():
            yield from judge.refusals(rendered, concerned)


class _Judge:
    """The policies of one cluster over its objects; what follows from kind and Namespace is found once for each."""

    __slots__ = ("_around", "_asked", "_index", "_namespaces", "_params", "_read", "_selectors")

    def __init__(self, index: Index, bound: Iterable[_Bound]) -> None:
        self._index = index
        self._namespaces = {rendered.name: _labelled(rendered) for rendered in index.of("", "Namespace")}
        self._selectors = list({each.around: each for pair in bound for each in (pair.matches, pair.holds)}.values())
        self._around: dict[str, tuple[bool, ...]] = {}
        self._asked: dict[Hashable, list[tuple[_Bound, str | None]]] = {}
        self._params: dict[tuple[str, int], Hashable] = {}
        self._read: dict[tuple[str, int], Hashable] = {}

    def refusals(self, rendered: Rendered, bound: list[_Bound]) -> Iterator[Diagnostic]:
        """What the policies that concern an object's kind say of it."""
        namespace = _namespace_of(rendered, self._namespaces)
        requests: dict[str, Request] = {}
        for each, asked in self._asking(rendered, namespace, bound):
            operation = each.operation(rendered, namespace) if asked is None else asked
            if not operation:
                continue
            key = self._key(rendered, namespace, each, operation)
            if key is not None and each.answers.known(key):
                continue
            if operation not in requests:
                requests[operation] = request(rendered, namespace, operation)
            # An exhaustive check, which knows no forms, runs every expression by itself.
            whole = each.whole if rendered.form is not None else None
            if whole is not None and whole.run(requests[operation].activation) is True:
                each.answers.keep(key)
                continue
            refused = False
            for refusal in evaluate(each.policy, each.binding, requests[operation], self._index):
                refused = True
                yield _refused(rendered, each.policy, each.binding, refusal)
            if not refused:
                each.answers.keep(key)

    def _asking(
        self, rendered: Rendered, namespace: Mapping[str, Any], bound: list[_Bound]
    ) -> list[tuple[_Bound, str | None]]:
        """The policies that may judge an object, each with its request; None where the object itself decides."""
        name = rendered.namespace
        if (rendered.group, rendered.kind) == ("", "Namespace"):
            name = rendered.name
        around = self._around.get(name)
        if around is None:
            around = tuple([not name or each.takes(name, namespace) for each in self._selectors])
            self._around[name] = around
        key = (rendered.api_version, rendered.kind, bool(rendered.namespace), around)
        if key not in self._asked:
            asked = [(each, each.operation(rendered, namespace) if each.by_kind else None) for each in bound]
            self._asked[key] = [(each, operation) for each, operation in asked if operation != ""]
        return self._asked[key]

    def _key(self, rendered: Rendered, namespace: Mapping[str, Any], each: _Bound, operation: str) -> Hashable:
        """What the answer of a policy to a request depends on; None where it may not be shared."""
        answers = each.answers
        if answers.reads is None or rendered.form is None:
            return None
        seen = self._seen(rendered, namespace, answers) if answers.reads.of_namespace else None
        given = None if each.policy.param is None else self._given(rendered, each)
        return answers.key(rendered.form, operation, seen, given)

    def _seen(self, rendered: Rendered, namespace: Mapping[str, Any], answers: Answers) -> Hashable:
        """What a policy sees of the Namespace around an object."""
        if not namespaced(rendered.group, rendered.kind, rendered.namespace):
            return None
        key = (rendered.namespace, id(answers))
        if key not in self._read:
            self._read[key] = answers.of_namespace(namespace)
        return self._read[key]

    def _given(self, rendered: Rendered, each: _Bound) -> Hashable:
        """The parameters of a policy under a binding, and what holds where there are none."""
        key = (params_home(each.policy, each.binding, rendered), id(each))
        if key not in self._params:
            found = params_of(each.policy, each.binding, rendered, self._index)
            action = string(each.binding.param, "parameterNotFoundAction")
            self._params[key] = (action, *[repr(params.data) for params in found])
        return self._params[key]


def _namespace_of(rendered: Rendered, namespaces: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The Namespace of an object; one that is not rendered is known by nothing but its name."""
    if (rendered.group, rendered.kind) == ("", "Namespace"):
        return namespaces[rendered.name]
    if not rendered.namespace:
        return {}
    known = namespaces.get(rendered.namespace)
    name = rendered.namespace
    return known or {"metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}}}


def _labelled(rendered: Rendered) -> dict[str, Any]:
    """A Namespace with the label that the API server gives each."""
    metadata = mapping(rendered.data, "metadata")
    labels = {**mapping(metadata, "labels"), "kubernetes.io/metadata.name": rendered.name}
    return {**rendered.data, "metadata": {**metadata, "labels": labels}}


def _refused(rendered: Rendered, policy: Policy, binding: Binding, refusal: Refusal) -> Diagnostic:
    name = policy.rendered.name
    verb = "gives no answer for" if refusal.failed else "refuses"
    return finding(
        NO_ANSWER if refusal.failed else REFUSED,
        rendered,
        ("metadata", "name"),
        f"policy {name} {verb} {rendered.label}: {refusal.message}",
        hint=f"change the template or input that made the object, or policies/admission/ where {name} is wrong",
        related=(Related(f"the rule, bound by {binding.rendered.name}", policy.rendered.locate(refusal.at)),),
        severity=binding.severity,
    )


def _obstacles(policy: Policy) -> Iterator[Diagnostic]:
    for obstacle in policy.obstacles:
        offline = obstacle.why.here
        yield finding(
            UNEVALUATED if offline else NOT_CEL,
            policy.rendered,
            obstacle.at,
            f"policy {policy.rendered.name} is not evaluated: {obstacle.why.reason}"
            if offline
            else f"policy {policy.rendered.name} has an expression that is not CEL: {obstacle.why.reason}",
            hint="say it with what can be evaluated offline, or try it with a server-side dry run"
            if offline
            else "mend the expression in policies/admission/",
            severity=Severity.WARNING if offline else Severity.ERROR,
        )


def _unbound(policies: Mapping[str, Policy], bindings: list[Binding]) -> Iterator[Diagnostic]:
    for binding in bindings:
        if binding.policy not in policies:
            yield finding(
                UNBOUND,
                binding.rendered,
                ("spec", "policyName"),
                f"{binding.rendered.label} binds a policy that is not rendered",
                found=f"'{binding.policy}'",
                expected=listing(policies) or "a policy of this cluster",
                hint="name a policy of policies/admission/",
            )
    bound = {binding.policy for binding in bindings}
    for name, policy in sorted(policies.items()):
        if name not in bound:
            yield finding(
                UNBOUND,
                policy.rendered,
                ("metadata", "name"),
                f"no binding puts policy {name} into force",
                hint="add a ValidatingAdmissionPolicyBinding with this policyName beside it",
            )
