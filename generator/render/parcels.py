"""A side as bytes, for workers on other machines: each opens it once and renders some of its subjects."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Mapping
from functools import lru_cache

from generator.render.reach import Side, Work, everything
from generator.render.rendering import Rendered, render_batch
from generator.render.running import Running, running
from generator.render.templates import recompiled

Slice = tuple[int, int]
"""The first of some subjects of a side, and the first behind them."""


def packed(side: Side) -> bytes:
    """A side to send. Compiled templates cannot be sent: their sources are."""
    sources = {source.name: source for source in side.templates.sources.values()}
    parts = (side.fleet, sources, dict(side.templates.slots))
    return zlib.compress(pickle.dumps(parts, pickle.HIGHEST_PROTOCOL), 1)


def rendered_slice(parcel: bytes, part: Slice) -> Rendered[bytes]:
    """Renders some subjects of a packed side, in the order of `everything`."""
    work, ready = _opened(parcel)
    return render_batch(work[slice(*part)], ready)


@lru_cache(maxsize=1)
def _opened(parcel: bytes) -> tuple[tuple[Work, ...], Mapping[str, Running]]:
    # Whoever sends it is the same user's program, which the cluster has been asked to run.
    fleet, sources, slots = pickle.loads(zlib.decompress(parcel))  # noqa: S301
    templates = recompiled(sources, slots)
    ready = running(each for scope in templates.by_scope.values() for each in scope)
    return everything(Side(fleet, templates)), ready
