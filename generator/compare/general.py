"""Texts in which a tenant and a cell stand for any other: what says the same of several is said once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from generator.compare.changes import Thing
from generator.compare.moves import token

_TENANT: Final = "\ue000"
_CLUSTER: Final = "\ue001"


def general(text: str, thing: Thing) -> str:
    """The text with marks in place of the names of the thing's tenant and cell."""
    text = token(thing.key.cluster).sub(_CLUSTER, text)
    return token(thing.tenant).sub(_TENANT, text) if thing.tenant else text


def told(text: str, things: Iterable[Thing]) -> str:
    """A general text as it is read: with the name again where all things share it, else `<tenant>` and `<cluster>`."""
    found = tuple(things)
    tenants = {thing.tenant for thing in found if thing.tenant}
    clusters = {thing.key.cluster for thing in found}
    tenant = min(tenants) if len(tenants) == 1 else "<tenant>"
    cluster = min(clusters) if len(clusters) == 1 else "<cluster>"
    return text.replace(_TENANT, tenant).replace(_CLUSTER, cluster)
