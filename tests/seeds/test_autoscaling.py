"""What the seeds scale wrongly, and that it is rendered rightly."""

from __future__ import annotations

from tests.fleets.example import Example, Rendered


def key(item: Rendered) -> tuple[str, str, str]:
    return (item.cluster, item.namespace, item.name)


def test_no_config_map_pretends_to_configure_the_cluster_autoscaler(example: Example) -> None:
    assert not [item for item in example.objects if item.kind == "ConfigMap" and "autoscaler" in item.name]


def test_the_cluster_autoscaler_gets_the_seeds_settings_as_flags(example: Example) -> None:
    pools = {cluster.name: cluster.node_pools for cluster in example.fleet.clusters}
    found = [
        item for item in example.of("Application") if item.body["spec"]["source"].get("chart") == "cluster-autoscaler"
    ]
    assert {item.cluster for item in found} == {
        cluster.name for cluster in example.fleet.clusters if cluster.provider.kubernetes == "eks"
    }
    for item in found:
        values = item.body["spec"]["source"]["helm"]["valuesObject"]
        assert values["extraArgs"] == {
            "max-nodes-total": sum(pool.maximum for pool in pools[item.cluster]),
            "scale-down-delay-after-add": "10m",
            "scale-down-unneeded-time": "10m",
            "skip-nodes-with-local-storage": False,
            "skip-nodes-with-system-pods": False,
        }, item
        assert values["autoDiscovery"] == {"clusterName": item.cluster}, item


def test_no_vertical_autoscaler_acts_beside_a_horizontal_one(example: Example) -> None:
    for item in example.of("VerticalPodAutoscaler"):
        assert item.body["spec"]["updatePolicy"] == {"updateMode": "Off"}, item


def test_keda_and_a_horizontal_autoscaler_never_share_a_target(example: Example) -> None:
    by_clock = {key(item) for item in example.of("ScaledObject")}
    assert not by_clock & {key(item) for item in example.of("HorizontalPodAutoscaler")}
    running = {key(item) for item in example.of("Deployment", "Rollout") if "replicas" not in item.body["spec"]}
    assert running == by_clock | {key(item) for item in example.of("HorizontalPodAutoscaler")}


def test_the_clock_wants_replicas_inside_working_hours_and_not_in_the_seeds_hours_of_rest(example: Example) -> None:
    environments = {cluster.name: cluster.environment for cluster in example.fleet.clusters}
    zones = {cluster.name: cluster.region.timezone for cluster in example.fleet.clusters}
    seen = set()
    for item in example.of("ScaledObject"):
        spec = item.body["spec"]
        [clock] = [each["metadata"] for each in spec["triggers"] if each["type"] == "cron"]
        lines = (clock["start"], clock["end"], spec["minReplicaCount"])
        if environments[item.cluster] == "production":
            assert lines == ("0 6 * * *", "0 22 * * *", 1), item
        else:
            assert lines == ("0 8 * * 1-5", "0 18 * * 1-5", 0), item
        assert int(clock["desiredReplicas"]) > spec["minReplicaCount"], item
        assert clock["timezone"] == (zones[item.cluster] or "Etc/UTC"), item
        seen.add(environments[item.cluster])
    assert seen == {"production", "staging"}


def test_a_service_that_rests_still_follows_cpu_and_memory(example: Example) -> None:
    for item in example.of("ScaledObject"):
        triggers = item.body["spec"]["triggers"]
        assert [each["type"] for each in triggers][:3] == ["cron", "cpu", "memory"], item
        assert all(each["metricType"] == "Utilization" for each in triggers if each["type"] in ("cpu", "memory")), item


def test_in_production_only_tenants_whose_tier_allows_it_shrink_at_night(example: Example) -> None:
    allowed = {
        (each.cluster.name, each.tenant.namespace)
        for each in example.fleet.assignments
        if each.cluster.environment == "production" and each.tenant.tier.night_floor
    }
    production = {cluster.name for cluster in example.fleet.clusters if cluster.environment == "production"}
    floored = {(item.cluster, item.namespace) for item in example.of("ScaledObject") if item.cluster in production}
    assert floored
    assert floored <= allowed


def test_node_pools_are_infrastructure_and_no_object_of_the_cluster(example: Example) -> None:
    assert not [item for item in example.objects if item.kind == "NodePool"]
