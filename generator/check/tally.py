"""What could not be checked, counted by kind over all clusters: a check must not pass by not looking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from msgspec import Struct, field

from generator.check.objects import Rendered

K = TypeVar("K", bound=tuple[str, ...])


class Tally(Struct, Generic[K]):
    """Objects by a key, with the first of each as its example."""

    _first: dict[K, Rendered] = field(default_factory=dict)
    _count: dict[K, int] = field(default_factory=dict)

    def add(self, key: K, rendered: Rendered) -> None:
        """Counts one object."""
        self._first.setdefault(key, rendered)
        self._count[key] = self._count.get(key, 0) + 1

    def include(self, later: Tally[K]) -> None:
        """Adds what was counted elsewhere; the examples that stand here stay."""
        for key, example, count in later:
            self._first.setdefault(key, example)
            self._count[key] = self._count.get(key, 0) + count

    def __iter__(self) -> Iterator[tuple[K, Rendered, int]]:
        """Key, example and count, sorted by key."""
        for key in sorted(self._first):
            yield key, self._first[key], self._count[key]

    @property
    def total(self) -> int:
        """How many objects were counted."""
        return sum(self._count.values())
