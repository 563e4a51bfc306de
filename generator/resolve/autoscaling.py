"""fleet.yaml's `autoscaling` → the settings of cluster-autoscaler."""

from __future__ import annotations

from typing import Any

from generator.model.autoscaling import NodeAutoscaling


def autoscaling(spec: dict[str, Any]) -> NodeAutoscaling | None:
    """The settings; None where the fleet has none."""
    data = spec.get("autoscaling")
    if data is None:
        return None
    return NodeAutoscaling(
        namespace=data["namespace"],
        chart_repository=data["chart"]["repository"],
        chart_version=data["chart"]["version"],
        cpu=data["resources"]["cpu"],
        memory=data["resources"]["memory"],
        scale_down_delay_after_add=data["scaleDownDelayAfterAdd"],
        scale_down_unneeded_time=data["scaleDownUnneededTime"],
        skip_nodes_with_local_storage=data["skipNodesWithLocalStorage"],
        skip_nodes_with_system_pods=data["skipNodesWithSystemPods"],
    )
