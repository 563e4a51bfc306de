"""Whether a request is one that a policy or binding is for (Kubernetes: MatchResources)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.check.fields import items, listed, mapping, string, strings
from generator.check.kinds import namespaced, resource
from generator.check.objects import Rendered
from generator.check.pods import selects
from generator.check.policies.reading import operation


def matched_operation(constraints: Mapping[str, Any], rendered: Rendered, namespace: Mapping[str, Any]) -> str:
    """CREATE or UPDATE where the constraints match the object; "" where they do not.

    `namespace` is the Namespace that the object lives in (the object itself, if it is one), empty for other objects
    of the cluster. A binding without resource rules matches whatever its policy does, as CREATE.
    """
    if not _selected(constraints, rendered, namespace):
        return ""
    exact = string(constraints, "matchPolicy") == "Exact"
    excluded = (rule for _, rule in items(constraints, "excludeResourceRules"))
    if any(operation(rule) == "CREATE" and _rule_matches(rule, rendered, exact=exact) for rule in excluded):
        return ""
    if not constraints.get("resourceRules"):
        return "CREATE"
    rules = [rule for _, rule in items(constraints, "resourceRules") if _rule_matches(rule, rendered, exact=exact)]
    found = {operation(rule) for rule in rules}
    return next((each for each in ("CREATE", "UPDATE") if each in found), "")


def may_match(constraints: Mapping[str, Any], rendered: Rendered) -> bool:
    """Whether some rule names the object's kind: the sieve before everything that costs more."""
    return any(_resource_matches(rule, rendered) for _, rule in items(constraints, "resourceRules"))


class Matcher:
    """`matched_operation` of one policy or binding over many objects: what follows from kind and namespace is kept."""

    __slots__ = ("_constraints", "_keys", "_namespaces", "_plain", "_rules", "_selected", "_selector")

    def __init__(self, constraints: Mapping[str, Any]) -> None:
        self._selector = mapping(constraints, "namespaceSelector")
        self._constraints = {key: value for key, value in constraints.items() if key != "namespaceSelector"}
        self._keys = _keys(self._selector)
        self._namespaces: dict[str, bool] = {}
        self._selected: dict[tuple[str | None, ...], bool] = {}
        self._rules: dict[tuple[str, str, bool], str] = {}
        self._plain = "resourceNames" not in str(constraints) and not constraints.get("objectSelector")

    @property
    def by_kind(self) -> bool:
        """Whether an object's kind and Namespace decide, and nothing else of it."""
        return self._plain

    @property
    def around(self) -> str:
        """What it asks of a Namespace: with equal ones, `takes` gives the same."""
        return repr(self._selector)

    def operation(self, rendered: Rendered, namespace: Mapping[str, Any]) -> str:
        """As `matched_operation`."""
        if namespace and not self.takes(string(namespace, "metadata", "name"), namespace):
            return ""
        if not self._plain:
            return matched_operation(self._constraints, rendered, {})
        key = (rendered.api_version, rendered.kind, bool(rendered.namespace))
        if key not in self._rules:
            self._rules[key] = matched_operation(self._constraints, rendered, {})
        return self._rules[key]

    def takes(self, name: str, namespace: Mapping[str, Any]) -> bool:
        """Whether it is for what is in the Namespace of this name."""
        if name not in self._namespaces:
            labels = strings(namespace, "metadata", "labels")
            seen = tuple([labels.get(key) for key in self._keys])
            if seen not in self._selected:
                self._selected[seen] = selects(self._selector, labels)
            self._namespaces[name] = self._selected[seen]
        return self._namespaces[name]


def _keys(selector: Mapping[str, Any]) -> tuple[str, ...]:
    """The labels that a LabelSelector looks at."""
    wanted = [string(expression, "key") for _, expression in items(selector, "matchExpressions")]
    return tuple({**strings(selector, "matchLabels"), **dict.fromkeys(wanted)})


def _selected(constraints: Mapping[str, Any], rendered: Rendered, namespace: Mapping[str, Any]) -> bool:
    if not selects(mapping(constraints, "objectSelector"), strings(rendered.data, "metadata", "labels")):
        return False
    if not namespace:
        return True
    return selects(mapping(constraints, "namespaceSelector"), strings(namespace, "metadata", "labels"))


def _rule_matches(rule: Any, rendered: Rendered, *, exact: bool) -> bool:
    if not _resource_matches(rule, rendered):
        return False
    version = rendered.api_version.rpartition("/")[2]
    if exact and not {version, "*"} & set(listed(rule, "apiVersions")):
        return False
    names = listed(rule, "resourceNames")
    if names and rendered.name not in names:
        return False
    scope = string(rule, "scope") or "*"
    inside = namespaced(rendered.group, rendered.kind, rendered.namespace)
    return scope == "*" or (scope == "Namespaced") == inside


def _resource_matches(rule: Any, rendered: Rendered) -> bool:
    """By group and resource; subresources are never rendered."""
    if not {rendered.group, "*"} & set(listed(rule, "apiGroups")):
        return False
    return bool({resource(rendered.kind), "*", "*/*"} & set(listed(rule, "resources")))
