"""Two objects → the fields in which they differ, as Kubernetes would merge them.

Lists whose items have an identity are compared by it (containers and env by name, mounts by their path), lists that
are sets as sets. All other lists are compared by position, rules of policies and routes among them: what is not known
to be a set is taken for a sequence, so that no change of order that could matter is passed over.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

from generator.compare.changes import ABSENT, FieldChange, Item, Step

_IDENTITIES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "clusterResourceWhitelist": (("group", "kind"),),
    "containers": (("name",),),
    "data": (("secretKey",),),
    "destinations": (("server", "name", "namespace"),),
    "endpoints": (("dnsName", "recordType", "setIdentifier"),),
    "env": (("name",),),
    "hostAliases": (("ip",),),
    "imagePullSecrets": (("name",),),
    "initContainers": (("name",),),
    "listeners": (("name",),),
    "namespaceResourceWhitelist": (("group", "kind"),),
    "ports": (("name",), ("containerPort", "protocol"), ("port", "protocol")),
    "providerSpecific": (("name",),),
    "subjects": (("kind", "namespace", "name"),),
    "subsets": (("name",),),
    "topologySpreadConstraints": (("topologyKey", "whenUnsatisfiable"),),
    "volumeDevices": (("devicePath",),),
    "volumeMounts": (("mountPath",),),
    "volumes": (("name",),),
}
"""Fields that are lists, and what their items are told apart by: the first that all items have."""

_SETS: Final = frozenset(
    [
        "accessModes",
        "add",
        "apiGroups",
        "audiences",
        "cidrs",
        "dnsNames",
        "drop",
        "exportTo",
        "finalizers",
        "gateways",
        "hosts",
        "ipBlocks",
        "methods",
        "namespaces",
        "notHosts",
        "notIpBlocks",
        "notMethods",
        "notNamespaces",
        "notPaths",
        "notPorts",
        "notPrincipals",
        "notValues",
        "paths",
        "policyTypes",
        "ports",
        "principals",
        "remoteIpBlocks",
        "requestPrincipals",
        "resourceNames",
        "resources",
        "serviceAccounts",
        "sourceNamespaces",
        "sourceRepos",
        "syncOptions",
        "targets",
        "values",
        "verbs",
    ]
)
"""Fields that are lists of plain values whose order means nothing."""
_IN_TURN: Final = frozenset({"initContainers"})
"""Fields whose items have an identity and run one after the other all the same."""


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Every field in which two objects differ, in the order of their keys."""
    return () if canonical(old) == canonical(new) else tuple(_values((), old, new))


def canonical(value: Any) -> str:
    """A text that is the same for equal data only: 1, 1.0, "1" and true are four values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _values(pointer: tuple[Step, ...], old: Any, new: Any) -> Iterator[FieldChange]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from _values((*pointer, key), old.get(key, ABSENT), new.get(key, ABSENT))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(pointer, old, new)
    elif old is ABSENT or new is ABSENT or canonical(old) != canonical(new):
        yield FieldChange(pointer, old, new)


def _lists(pointer: tuple[Step, ...], old: list[Any], new: list[Any]) -> Iterator[FieldChange]:
    field = next((step for step in reversed(pointer) if isinstance(step, str)), "")
    for keys in _IDENTITIES.get(field, ()):
        before, after = _by_identity(old, keys), _by_identity(new, keys)
        if before is not None and after is not None:
            yield from _identified(pointer, field, before, after)
            return
    if field in _SETS and not any(isinstance(item, dict | list) for item in (*old, *new)):
        yield from _sets(pointer, old, new)
    else:
        yield from _sequences(pointer, old, new)


def _by_identity(items: Sequence[Any], keys: tuple[str, ...]) -> dict[str, Any] | None:
    """The items by what they are told apart by; None where one has no identity, or two have the same."""
    found = {}
    for item in items:
        if not isinstance(item, dict) or item.get(keys[0]) is None:
            return None
        found["/".join(str(item[key]) for key in keys if item.get(key) not in (None, ""))] = item
    return found if len(found) == len(items) else None


def _identified(
    pointer: tuple[Step, ...], field: str, before: dict[str, Any], after: dict[str, Any]
) -> Iterator[FieldChange]:
    for name in sorted({*before, *after}):
        yield from _values((*pointer, Item(name)), before.get(name, ABSENT), after.get(name, ABSENT))
    if field in _IN_TURN:
        kept = [name for name in before if name in after]
        turned = [name for name in after if name in before]
        if kept != turned:
            yield FieldChange((*pointer, Item("order")), kept, turned)


def _sets(pointer: tuple[Step, ...], old: list[Any], new: list[Any]) -> Iterator[FieldChange]:
    before, after = Counter(map(canonical, old)), Counter(map(canonical, new))
    for text in sorted((before - after).elements()):
        yield FieldChange((*pointer, Item("")), json.loads(text), ABSENT)
    for text in sorted((after - before).elements()):
        yield FieldChange((*pointer, Item("")), ABSENT, json.loads(text))


def _sequences(pointer: tuple[Step, ...], old: list[Any], new: list[Any]) -> Iterator[FieldChange]:
    """By position. Where the number of items differs, those that stand on both sides are found first."""
    if len(old) == len(new):
        spans = [("replace", 0, len(old), 0, len(new))]
    else:
        matcher = SequenceMatcher(None, [*map(canonical, old)], [*map(canonical, new)], autojunk=False)
        spans = [*matcher.get_opcodes()]
    for what, start, end, begin, stop in spans:
        if what == "equal":
            continue
        shared = min(end - start, stop - begin)
        for offset in range(shared):
            yield from _values((*pointer, begin + offset), old[start + offset], new[begin + offset])
        for index in range(start + shared, end):
            yield FieldChange((*pointer, index), old[index], ABSENT)
        for index in range(begin + shared, stop):
            yield FieldChange((*pointer, index), ABSENT, new[index])
