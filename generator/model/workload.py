"""A service sized for where it runs."""

from __future__ import annotations

from msgspec import Struct

from generator.model.container import Amount
from generator.model.offhours import Schedule
from generator.model.platform import Service


class Replicas(Struct, frozen=True):
    """The autoscaler's range."""

    minimum: int
    maximum: int


class Targets(Struct, frozen=True):
    """The utilisation that the autoscaler holds, in percent of the requests."""

    cpu: int
    memory: int


class Workload(Struct, frozen=True):
    """A service sized for where it runs: for one tenant, or for all who share it.

    `blue_green` makes it an Argo Rollout that switches between two ReplicaSets; otherwise it is a Deployment.
    `schedule` is its off-hours, or None where it keeps its minimum around the clock.
    """

    service: Service
    requests: Amount
    limits: Amount
    replicas: Replicas
    targets: Targets
    blue_green: bool
    schedule: Schedule | None = None
