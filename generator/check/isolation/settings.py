"""What the pods of tenants are told in words that are rendered: variables, and the ConfigMaps that they may read.

What comes from a Secret is not rendered, so nothing is said of it here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from generator.check.fields import items, string, strings
from generator.check.index import Index
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.source import Pointer


class Setting(NamedTuple):
    """A named value for pods of a tenant, and where it stands."""

    owner: str
    name: str
    value: str
    rendered: Rendered
    at: Pointer


def settings(index: Index, tenants: Tenants) -> Iterator[Setting]:
    """Every value of every tenant."""
    for pods in index.workloads:
        own = tenants.owner(pods.owner)
        for at, container in pods.containers() if own else ():
            for place, variable in items(container, "env"):
                if value := string(variable, "value"):
                    yield Setting(own, string(variable, "name"), value, pods.owner, (*at, *place, "value"))
    for rendered in index.of("", "ConfigMap"):
        if own := tenants.owner(rendered):
            for name, value in strings(rendered.data, "data").items():
                yield Setting(own, name, value, rendered, ("data", name))
