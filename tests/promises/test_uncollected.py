"""Python's search for cycles stays out of work on a whole fleet, and finds afterwards what it would have found."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from generator.pipeline.batch import uncollected


class Held:
    """Something that the search goes over."""

    def __init__(self) -> None:
        self.other: Held | None = None


@pytest.fixture(autouse=True)
def searching() -> Iterator[None]:
    gc.enable()
    yield
    gc.unfreeze()
    gc.enable()


def test_what_was_made_is_old_afterwards() -> None:
    with uncollected():
        assert not gc.isenabled()
        made = [Held() for _ in range(10_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    old = {id(each) for each in gc.get_objects(generation=2)}
    assert all(id(each) in old for each in made)


def test_a_cycle_is_found_by_a_search_among_everything() -> None:
    with uncollected():
        one = Held()
        one.other = Held()
        one.other.other = one
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None


def test_a_fault_ends_it_too() -> None:
    with pytest.raises(ValueError, match="why"), uncollected():
        raise ValueError("why")
    assert gc.isenabled()


def test_where_nobody_searches_nothing_changes() -> None:
    gc.disable()
    with uncollected():
        pass
    assert not gc.isenabled()


def test_what_somebody_has_frozen_stays_so() -> None:
    gc.freeze()
    with uncollected():
        pass
    assert gc.get_freeze_count()
