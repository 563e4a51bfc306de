"""Where templates stand and what each renders to: the one table of the layout of rendered output."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from msgspec import Struct

PARTIALS: Final = "partials"
"""The folder of templates that only `{% include %}` reaches; they render nothing by themselves."""


class Scope(StrEnum):
    """What a template is rendered once for."""

    CLUSTER = "cluster"
    """Each Cluster."""
    INSTALLATION = "installation"
    """Each Installation: a platform on a cluster."""
    ASSIGNMENT = "assignment"
    """Each Assignment: a tenant on a cluster."""
    RECORD = "record"
    """Each Record: what stays of a tenant on a cluster, in every state of it."""


NAMES: Final[dict[Scope, frozenset[str]]] = {
    Scope.CLUSTER: frozenset(("fleet", "cluster", "installations", "assignments")),
    Scope.INSTALLATION: frozenset(("fleet", "installation", "cluster", "platform")),
    Scope.ASSIGNMENT: frozenset(("fleet", "assignment", "tenant", "cluster", "platform")),
    Scope.RECORD: frozenset(("fleet", "record", "tenant", "cluster", "platform")),
}
"""The variables that a template of a scope sees. `installations` and `assignments` are those of the cluster."""


class Place(Struct, frozen=True):
    """Where a template's output goes: `pattern` is a path below rendered/ with {cluster}, {platform} and {tenant}."""

    scope: Scope
    pattern: str


_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.yaml\Z")
_FILES: Final = {
    "bootstrap.yaml": Place(Scope.CLUSTER, "{cluster}/bootstrap.yaml"),
    # Below the platform's folder, so that the platform's Application owns it: a tenant's own Applications are deleted
    # with all they made when it is offboarded, and ownership never has to change hands for the record to stay.
    "tenant/record.yaml": Place(Scope.RECORD, "{cluster}/cluster/{platform}/records/{tenant}.yaml"),
    "argocd/tenant.yaml": Place(Scope.ASSIGNMENT, "{cluster}/argocd/tenants/{tenant}.yaml"),
}
_FOLDERS: Final = {
    "cluster": Place(Scope.CLUSTER, "{cluster}/cluster/"),
    "platform": Place(Scope.INSTALLATION, "{cluster}/cluster/{platform}/"),
    "argocd": Place(Scope.CLUSTER, "{cluster}/argocd/"),
    "tenant/tenancy": Place(Scope.ASSIGNMENT, "{cluster}/tenants/{tenant}/tenancy/"),
    "tenant/workload": Place(Scope.ASSIGNMENT, "{cluster}/tenants/{tenant}/workload/"),
}

KNOWN: Final = (*_FILES, *(f"{folder}/<name>.yaml" for folder in (*_FOLDERS, PARTIALS)))
"""All places a template may stand in, for messages."""


def place(name: str) -> Place | None:
    """The place of a template by its name (its path below the templates folder); None where none may stand."""
    if name in _FILES:
        return _FILES[name]
    folder, _, file = name.rpartition("/")
    found = _FOLDERS.get(folder)
    return Place(found.scope, found.pattern + file) if found and _FILE_NAME.match(file) else None


def is_partial(name: str) -> bool:
    """Whether a template is only there to be included."""
    folder, _, file = name.rpartition("/")
    return folder == PARTIALS and _FILE_NAME.match(file) is not None
