"""What workloads ask for at their smallest and at their largest, before and after a change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from generator.compare.changes import Key, Thing
from generator.compare.objects import differing, read
from generator.model.tree import Tree

_UNITS: Final = {
    "": Decimal(1),
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)},
}
_QUANTITY: Final = re.compile(r"([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([A-Za-z]{0,2})")
_SCALED: Final = frozenset({"Deployment", "Rollout", "StatefulSet"})


class Demand(Struct, frozen=True):
    """The requests of all pods: cores and mebibytes, with every autoscaler at its minimum and at its maximum."""

    cores: tuple[Decimal, Decimal]
    mebibytes: tuple[Decimal, Decimal]
    pods: tuple[int, int]


def demands(before: Tree, after: Tree) -> tuple[Demand, Demand]:
    """The demand on both sides, of those folders in which anything differs: elsewhere it is the same."""
    folders = {path.rpartition("/")[0] for path in differing(before, after)}
    return _demand(before, folders), _demand(after, folders)


def quantity(text: object) -> Decimal:
    """A quantity of Kubernetes (`250m`, `1.5`, `2Gi`) in its base unit; 0 for what is none."""
    found = _QUANTITY.fullmatch(str(text))
    if found is None or found[2] not in _UNITS or found[1].count(".") > 1:
        return Decimal(0)
    return Decimal(found[1]) * _UNITS[found[2]]


def _demand(tree: Tree, folders: Iterable[str]) -> Demand:
    chosen = set(folders)
    things, _ = read(tree, [path for path in tree.files if path.rpartition("/")[0] in chosen])
    scalers = {}
    for key, thing in things.items():
        spec = thing.data.get("spec")
        if key.kind in ("HorizontalPodAutoscaler", "ScaledObject") and isinstance(spec, dict):
            scalers[_target(key, spec)] = _range(key.kind, spec)
    cores, memory, pods = [Decimal(0), Decimal(0)], [Decimal(0), Decimal(0)], [0, 0]
    for key, thing in things.items():
        if key.kind not in _SCALED:
            continue
        cpu, size = _pod(thing)
        for end, replicas in enumerate(scalers.get((key.cluster, key.namespace, key.kind, key.name), _fixed(thing))):
            cores[end] += cpu * replicas
            memory[end] += size * replicas
            pods[end] += replicas
    return Demand((cores[0], cores[1]), (memory[0], memory[1]), (pods[0], pods[1]))


def _target(key: Key, spec: Mapping[str, Any]) -> tuple[str, str, str, str]:
    target = _mapping(spec, "scaleTargetRef")
    return key.cluster, key.namespace, str(target.get("kind", "Deployment")), str(target.get("name", ""))


def _range(kind: str, spec: Mapping[str, Any]) -> tuple[int, int]:
    """The autoscaler's range; what it leaves out is what its controller takes."""
    if kind == "ScaledObject":
        return _whole(spec.get("minReplicaCount"), 0), _whole(spec.get("maxReplicaCount"), 100)
    return _whole(spec.get("minReplicas"), 1), _whole(spec.get("maxReplicas"), 1)


def _fixed(thing: Thing) -> tuple[int, int]:
    replicas = _whole(_mapping(thing.data, "spec").get("replicas"), 1)
    return replicas, replicas


def _pod(thing: Thing) -> tuple[Decimal, Decimal]:
    """Cores and mebibytes that one pod requests. Init containers run before the others and rarely ask for more."""
    cores = memory = Decimal(0)
    containers = _mapping(thing.data, "spec", "template", "spec").get("containers")
    for container in containers if isinstance(containers, list) else ():
        requests = _mapping(container, "resources", "requests")
        cores += quantity(requests.get("cpu", "0"))
        memory += quantity(requests.get("memory", "0")) / 2**20
    return cores, memory


def _mapping(data: Any, *way: str) -> Mapping[str, Any]:
    """What stands there when it is a mapping, else an empty one: a file edited by hand may hold anything."""
    for step in way:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data if isinstance(data, Mapping) else {}


def _whole(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise
