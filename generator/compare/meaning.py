"""What a change does to what runs: which pods restart, what happens to data, who may reach what, how many run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

from generator.compare.changes import ABSENT, Change, FieldChange, Item, Kind, Thing, shown

WORKLOADS: Final = frozenset({"DaemonSet", "Deployment", "Rollout", "StatefulSet"})
"""Kinds whose pods are replaced when their template changes."""
_DATA: Final = {
    "Cluster": "the databases",
    "ClickHouseInstallation": "the databases",
    "Database": "the database",
    "Elasticsearch": "the indices",
    "Namespace": "everything",
    "PersistentVolumeClaim": "the files",
    "StatefulSet": "the volumes",
}
"""Kinds that hold data, and what there is of it."""
_STORAGE: Final = frozenset({"bucket", "destinationPath", "size", "storage", "storageClass", "storageClassName"})
_REPLICAS: Final = frozenset({"instances", "maxReplicaCount", "maxReplicas", "minReplicaCount", "minReplicas"})
_RIGHTS: Final = frozenset(
    {"AppProject", "ClusterRole", "ClusterRoleBinding", "Gateway", "Role", "RoleBinding", "ServiceEntry", "Sidecar"}
)
"""Kinds that let more through the more they list."""


class Topic(StrEnum):
    """What is affected."""

    RESTART = "restart"
    DATA = "data"
    ACCESS = "access"
    REPLICAS = "replicas"
    RESOURCES = "resources"


class Meaning(Struct, frozen=True):
    """What one change means, in a phrase."""

    topic: Topic
    text: str


def meanings(change: Change) -> tuple[Meaning, ...]:
    """Everything that is known of a change, in the order of the topics."""
    return tuple(dict.fromkeys((*_restart(change), *_data(change), *_access(change), *_sizes(change))))


def restarts(change: Change) -> bool:
    """Whether pods that run now are replaced."""
    if change.key.kind not in WORKLOADS or change.kind in (Kind.ADDED, Kind.REMOVED):
        return False
    return change.kind is Kind.MOVED or any(field.pointer[:2] == ("spec", "template") for field in change.fields)


def _restart(change: Change) -> Iterator[Meaning]:
    if restarts(change):
        words = "starts anew under the new name" if change.kind is Kind.MOVED else "rolls its pods"
        yield Meaning(Topic.RESTART, words)
    elif change.key.kind in WORKLOADS and change.kind is Kind.REMOVED:
        yield Meaning(Topic.RESTART, "stops its pods")


def _data(change: Change) -> Iterator[Meaning]:
    held = _DATA.get(change.key.kind)
    if held and change.key.group == "" and change.key.kind == "Cluster":
        held = None
    if held and change.before and change.kind in (Kind.REMOVED, Kind.MOVED):
        anew = "; what has the new name is empty" if change.kind is Kind.MOVED else ""
        if _kept(change.before):
            yield Meaning(Topic.DATA, f"leaves {held} in it on the cell, where nothing renders it any more{anew}")
        else:
            yield Meaning(Topic.DATA, f"deletes {held} in it{anew}")
    for field in change.fields:
        if _last(field) in _STORAGE and change.key.kind in (*_DATA, "ObjectStore", "StorageClass"):
            yield Meaning(Topic.DATA, f"changes where or how data is kept: {_change(field)}")


def _kept(thing: Thing) -> bool:
    """Whether Argo CD has been told not to prune the object."""
    options = _at(thing.data, "metadata", "annotations", "argocd.argoproj.io/sync-options")
    return isinstance(options, str) and "Prune=false" in options.split(",")


def _access(change: Change) -> Iterator[Meaning]:
    if (judge := _JUDGES.get(change.key.kind)) is not None:
        yield from (Meaning(Topic.ACCESS, text) for text in judge(change))
    elif change.key.kind in _RIGHTS:
        yield from (Meaning(Topic.ACCESS, text) for text in _listed(change, widens=True))


def _network_policy(change: Change) -> Iterator[str]:
    empty = not any(_at(change.thing.data, "spec", way) for way in ("ingress", "egress"))
    match change.kind:
        case Kind.ADDED:
            yield "closes everything that no other policy allows" if empty else "opens what it allows"
        case Kind.REMOVED if empty:
            yield "opens everything to pods that no other policy selects"
        case Kind.REMOVED:
            yield "closes what it allowed; opens everything to pods that no other policy selects"
        case _:
            yield from _listed(change, widens=True)


def _authorization_policy(change: Change) -> Iterator[str]:
    denies = _at(change.thing.data, "spec", "action") == "DENY"
    match change.kind:
        case Kind.ADDED:
            yield "closes what it denies" if denies else "opens what it allows, and closes all else to its workloads"
        case Kind.REMOVED:
            yield (
                "opens what it denied"
                if denies
                else "closes what it allowed; opens everything to workloads that no other policy selects"
            )
        case _:
            yield from _listed(change, widens=not denies)


def _peer_authentication(change: Change) -> Iterator[str]:
    match change.kind:
        case Kind.ADDED:
            yield f"sets mutual TLS to {shown(_at(change.thing.data, 'spec', 'mtls', 'mode') or 'what is inherited')}"
        case Kind.REMOVED:
            yield "opens its workloads to plain text, unless the mesh demands mutual TLS"
        case _:
            for field in change.fields:
                if _last(field) == "mode":
                    verb = "closes plain text" if field.new == "STRICT" else "opens its workloads to plain text"
                    yield f"{verb}: {_change(field)}"


def _request_authentication(change: Change) -> Iterator[str]:
    if change.kind in (Kind.ADDED, Kind.REMOVED) or any(field.pointer[0] != "metadata" for field in change.fields):
        yield "changes whose tokens are accepted"


_JUDGES: Final[Mapping[str, Callable[[Change], Iterator[str]]]] = {
    "AuthorizationPolicy": _authorization_policy,
    "NetworkPolicy": _network_policy,
    "PeerAuthentication": _peer_authentication,
    "RequestAuthentication": _request_authentication,
}


def _listed(change: Change, *, widens: bool) -> Iterator[str]:
    """Kinds whose lists allow (or deny) what they name: longer ones open (or close)."""
    if change.kind in (Kind.ADDED, Kind.REMOVED):
        yield "opens what it allows" if (change.kind is Kind.ADDED) is widens else "closes what it allowed"
        return
    fields = [field for field in change.fields if field.pointer[0] != "metadata"]
    gained = any(field.old is ABSENT for field in fields)
    lost = any(field.new is ABSENT for field in fields)
    altered = any(field.old is not ABSENT and field.new is not ABSENT for field in fields)
    if altered or (gained and lost):
        yield "changes who may reach what"
    elif gained or lost:
        # A list that was not there at all, or a condition within a rule, narrows as it grows.
        inside = all(_in_list(field) for field in fields)
        opens = gained is widens
        yield ("opens access" if opens else "closes access") if inside else "changes who may reach what"


def _in_list(field: FieldChange) -> bool:
    """Whether a whole item of a list came or went."""
    return isinstance(field.pointer[-1], int | Item) and "when" not in field.pointer


def _sizes(change: Change) -> Iterator[Meaning]:
    for field in change.fields:
        last = _last(field)
        if last in _REPLICAS or field.pointer == ("spec", "replicas"):
            yield Meaning(Topic.REPLICAS, f"changes replicas: {_change(field)}")
        elif "resources" in field.pointer and last in ("cpu", "memory"):
            what = "requests" if "requests" in field.pointer else "limits"
            unit = "CPU" if last == "cpu" else last
            yield Meaning(Topic.RESOURCES, f"changes the {unit} {what} of {_owner(field)}: {_values(field)}")


def _owner(field: FieldChange) -> str:
    return next((step.text for step in field.pointer if isinstance(step, Item)), "each pod")


def _last(field: FieldChange) -> str:
    return next((step for step in reversed(field.pointer) if isinstance(step, str)), "")


def _change(field: FieldChange) -> str:
    return f"{_last(field)} {_values(field)}"


def _values(field: FieldChange) -> str:
    return f"{shown(field.old)} → {shown(field.new)}"


def _at(data: Any, *way: str) -> Any:
    for step in way:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data
