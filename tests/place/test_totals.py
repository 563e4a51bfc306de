"""What tenants take of cells adds up, and can be taken off again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator.place import less, totals
from generator.place.held import Taken

cells = st.sampled_from(["north-1", "north-2", "south-1"])
numbers = st.integers(0, 10_000)
tenants = st.lists(st.lists(st.tuples(cells, numbers, numbers, numbers), max_size=3), max_size=6)


@given(some=tenants, others=tenants)
def test_what_is_left_is_what_the_others_take(some: list[list[Taken]], others: list[list[Taken]]) -> None:
    left = less(totals([*some, *others]), totals(some))
    assert {cell: total for cell, total in left.items() if any(total)} == totals(others)


def test_each_cell_of_a_tenant_counts() -> None:
    found = totals([[("a", 1, 2, 3), ("b", 4, 5, 6)], [("a", 10, 20, 30)], []])
    assert found == {"a": (2, 11, 22, 33), "b": (1, 4, 5, 6)}
