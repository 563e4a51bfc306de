"""What templates are rendered for: each cell, each platform and tenant on it, and what stays of each tenant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from generator.model.cell import Cluster, Installation
from generator.model.fleet import Fleet
from generator.model.tenant import Assignment, Record
from generator.render.layout import Scope


class Subject(Struct, frozen=True):
    """What a template is rendered for: the scope, the words of its output path, its inputs and its variables."""

    scope: Scope
    words: dict[str, str]
    inputs: tuple[str, ...]
    variables: dict[str, Any]

    def __str__(self) -> str:
        return ", ".join(f"{word} '{name}'" for word, name in reversed(self.words.items()))

    @property
    def origin(self) -> tuple[str, ...]:
        """The files of what it is for: they stay when a name in them changes."""
        owner = self.variables.get("tenant") or self.variables.get("platform")
        own = () if owner is None else (owner.path,)
        return (*own, self.variables["cluster"].region.path)


def subjects(fleet: Fleet) -> Iterator[Subject]:
    """Every subject of a fleet: cells, platforms on cells, tenants on cells, records."""
    yield from _clusters(fleet)
    yield from (_of_installation(fleet, installation) for installation in fleet.installations)
    yield from (_of_assignment(fleet, assignment) for assignment in fleet.assignments)
    yield from (_of_record(fleet, record) for record in fleet.records)


def _clusters(fleet: Fleet) -> Iterator[Subject]:
    installations: dict[str, list[Installation]] = defaultdict(list)
    assignments: dict[str, list[Assignment]] = defaultdict(list)
    for installation in sorted(fleet.installations, key=lambda one: one.platform.name):
        installations[installation.cluster.name].append(installation)
    for assignment in sorted(fleet.assignments, key=lambda one: one.tenant.name):
        assignments[assignment.cluster.name].append(assignment)
    for cluster in fleet.clusters:
        yield _of_cluster(fleet, cluster, installations[cluster.name], assignments[cluster.name])


def _of_cluster(
    fleet: Fleet, cluster: Cluster, installations: list[Installation], assignments: list[Assignment]
) -> Subject:
    return Subject(
        Scope.CLUSTER,
        {"cluster": cluster.name},
        cluster.inputs,
        {
            "fleet": fleet,
            "cluster": cluster,
            "installations": tuple(installations),
            "assignments": tuple(assignments),
        },
    )


def _of_installation(fleet: Fleet, installation: Installation) -> Subject:
    cluster, platform = installation.cluster, installation.platform
    return Subject(
        Scope.INSTALLATION,
        {"cluster": cluster.name, "platform": platform.name},
        installation.inputs,
        {"fleet": fleet, "installation": installation, "cluster": cluster, "platform": platform},
    )


def _of_assignment(fleet: Fleet, assignment: Assignment) -> Subject:
    cluster, tenant = assignment.cluster, assignment.tenant
    return Subject(
        Scope.ASSIGNMENT,
        {"cluster": cluster.name, "tenant": tenant.name},
        assignment.inputs,
        {
            "fleet": fleet,
            "assignment": assignment,
            "tenant": tenant,
            "cluster": cluster,
            "platform": tenant.platform,
        },
    )


def _of_record(fleet: Fleet, record: Record) -> Subject:
    cluster, tenant = record.cluster, record.tenant
    return Subject(
        Scope.RECORD,
        {"cluster": cluster.name, "platform": tenant.platform.name, "tenant": tenant.name},
        record.inputs,
        {"fleet": fleet, "record": record, "tenant": tenant, "cluster": cluster, "platform": tenant.platform},
    )
