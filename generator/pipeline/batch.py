"""How work on a whole fleet is run."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager

# At its end, too, Python would look for cycles in all that there is, twice: for nothing, since it ends.
atexit.register(gc.freeze)


@contextmanager
def uncollected() -> Iterator[None]:
    """Keeps Python's search for cycles out of a piece of work, as a block or as a decorator.

    What is read and resolved stays to the end and holds no cycles, but the search goes over all of it again and again:
    with 10,000 tenants it takes more than half of the time. Afterwards all of it counts as old, so that only a search
    among everything goes over it.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # else whoever runs this has frozen what is theirs, and wants it to stay so
            gc.freeze()
            gc.unfreeze()
        gc.enable()
