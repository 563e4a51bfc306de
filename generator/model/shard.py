"""Parts of a fleet for several machines: whole cells, shared out the same way wherever it is asked."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from generator.model.fleet import Fleet


class Shard(Struct, frozen=True):
    """One of `of` parts; `number` counts from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def cells_by_shard(fleet: Fleet, of: int) -> tuple[tuple[str, ...], ...]:
    """The names of the cells of each shard, in order; every cell is in one of them.

    Cells go one after another, those with the most tenants first, to the shard that has the least so far; where two
    are equal, the first by name or number. A cell counts one for itself and one for each tenant on it. With more
    shards than cells some have none.
    """
    weights = Counter(cluster.name for cluster in fleet.clusters)
    weights.update(assignment.cluster.name for assignment in fleet.assignments)
    loads = [0] * of
    shards: list[list[str]] = [[] for _ in range(of)]
    for name in sorted(weights, key=lambda name: (-weights[name], name)):
        lightest = loads.index(min(loads))
        loads[lightest] += weights[name]
        shards[lightest].append(name)
    return tuple(tuple(sorted(names)) for names in shards)


def cells_of(fleet: Fleet, shard: Shard) -> tuple[str, ...]:
    """The names of the cells of one shard, in order."""
    return cells_by_shard(fleet, shard.of)[shard.number - 1]
