"""How large services become where they run, and what a namespace may therefore use."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from generator.model.container import Amount
from generator.model.platform import Platform, Service
from generator.model.quantity import cpu, mebibytes, memory, millicores
from generator.model.tenant import Quota, Settings
from generator.model.workload import Replicas, Targets, Workload

BLUE_GREEN_COPIES = 2
"""While a blue-green Rollout switches, both ReplicaSets stand at full size (Argo Rollouts)."""
ROLLING_SURGE = 1.25
"""A Deployment's default maxSurge is a quarter (apps/v1)."""


def own_workload(service: Service, settings: Settings, *, blue_green: bool, minimum_factor: float) -> Workload:
    """A service in a tenant's namespace. `minimum_factor` raises the minimum where a failed region's load arrives."""
    minimum = min(ceil(settings.replicas.minimum * minimum_factor), settings.replicas.maximum)
    return Workload(
        service=service,
        requests=_within(service.requests, settings.limits),
        limits=settings.limits,
        replicas=Replicas(minimum, settings.replicas.maximum),
        targets=settings.targets,
        blue_green=blue_green,
    )


def shared_workload(service: Service, targets: Targets, *, blue_green: bool, minimum_factor: float = 1.0) -> Workload:
    """The pooled instance of a service, as the platform's file sizes it. `minimum_factor` as for a tenant's own."""
    minimum, maximum = service.shared_replicas
    return Workload(
        service=service,
        requests=_within(service.requests, service.shared_limits),
        limits=service.shared_limits,
        replicas=Replicas(min(ceil(minimum * minimum_factor), maximum), maximum),
        targets=targets,
        blue_green=blue_green,
    )


DATABASE_SERVICES = 4
"""What CloudNativePG makes for a cluster and its pooler: -rw, -ro, -r, and the pooler's."""
DATABASE_SECRETS = 5
"""-ca, -server, -replication and the pooler's, and the owner's password."""


def quota(
    workloads: Sequence[Workload], platform: Platform, allowance: dict[str, Any], *, own_database: bool = False
) -> Quota:
    """Room for every service at its maximum and mid-update and for a database cluster of its own, plus the tier's
    allowance for jobs and one-off pods."""
    millis, mebi, pods = millicores(allowance["cpu"]), mebibytes(allowance["memory"]), int(allowance["pods"])
    for workload in workloads:
        copies = ceil(workload.replicas.maximum * (BLUE_GREEN_COPIES if workload.blue_green else ROLLING_SURGE))
        millis += copies * millicores(workload.limits.cpu)
        mebi += copies * mebibytes(workload.limits.memory)
        pods += copies
    services, secrets, claims = 0, 0, 0
    if own_database and platform.data is not None:
        database, pooler = platform.data.postgres.dedicated, platform.data.postgres.pooler
        for size in (database, pooler):
            copies = size.instances + 1  # one more while an instance is made anew, or the pooler rolls
            millis += copies * millicores(size.limits.cpu)
            mebi += copies * mebibytes(size.limits.memory)
            pods += copies
        millis += (database.instances + 1) * millicores(platform.data.postgres.sidecar_limits.cpu)
        mebi += (database.instances + 1) * mebibytes(platform.data.postgres.sidecar_limits.memory)
        services, secrets, claims = DATABASE_SERVICES, DATABASE_SECRETS, database.instances + 1
    return Quota(
        cpu=cpu(millis),
        memory=memory(mebi),
        pods=pods,
        services=allowance["services"]
        + services
        + sum(BLUE_GREEN_COPIES if each.blue_green else 1 for each in workloads),
        secrets=allowance["secrets"] + len(platform.tenant_secrets) + secrets,
        config_maps=allowance["configMaps"],
        volume_claims=allowance["volumeClaims"] + claims,
    )


def _within(requests: Amount, limits: Amount) -> Amount:
    """Requests no larger than the limits, which the API server would refuse."""
    return Amount(
        requests.cpu if millicores(requests.cpu) <= millicores(limits.cpu) else limits.cpu,
        requests.memory if mebibytes(requests.memory) <= mebibytes(limits.memory) else limits.memory,
    )
