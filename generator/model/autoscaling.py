"""How a cell gets and gives back nodes (A2Z SOC, "Infrastructure Level Scaling")."""

from __future__ import annotations

from msgspec import Struct


class NodeAutoscaling(Struct, frozen=True):
    """cluster-autoscaler's settings, the same on every cell that needs one (fleet.yaml).

    Delays are durations (`10m`). `chart_repository` and `chart_version` pin its Helm chart; `cpu` and `memory` are what
    its container requests and is limited to.
    """

    namespace: str
    chart_repository: str
    chart_version: str
    cpu: str
    memory: str
    scale_down_delay_after_add: str
    scale_down_unneeded_time: str
    skip_nodes_with_local_storage: bool
    skip_nodes_with_system_pods: bool
