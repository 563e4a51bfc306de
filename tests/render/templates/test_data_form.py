"""The data stores, as rendered: who reaches them, what runs beside them, and that what they name is there."""

from __future__ import annotations

import re
from typing import Any

from generator.pipeline import output
from tests.conftest import REPOSITORY
from tests.fleets.example import Example, Rendered


def jobs(example: Example) -> list[tuple[Rendered, dict[str, Any]]]:
    """The pods of Jobs and CronJobs that read or change databases."""
    found = []
    for item in example.of("Job", "CronJob"):
        spec = item.body["spec"]["jobTemplate"]["spec"] if item.kind == "CronJob" else item.body["spec"]
        if item.name in ("database-dump", "security-events"):
            found.append((item, spec["template"]))
    return found


def policies(example: Example, cluster: str, namespace: str) -> dict[str, dict[str, Any]]:
    """The specs of a namespace's NetworkPolicies, by name."""
    return {
        item.name: item.body["spec"]
        for item in example.of("NetworkPolicy", path=f"{cluster}/")
        if item.namespace == namespace
    }


def test_jobs_are_what_pod_security_restricted_asks_for(example: Example) -> None:
    for item, template in jobs(example):
        pod = template["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True, item
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, item
        assert pod["automountServiceAccountToken"] is False, item
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, item
            assert set(container["resources"]) == {"requests", "limits"}, item
            assert re.fullmatch(r"[^@]+:[^@:]+@sha256:[0-9a-f]{64}", container["image"]), item


def test_every_image_of_a_store_is_pinned(example: Example) -> None:
    pinned = re.compile(r"[^@]+:[^@:]+@sha256:[0-9a-f]{64}")
    images = [item.body["spec"]["imageName"] for item in example.of("Cluster")]
    images += [item.body["spec"]["image"] for item in example.of("Elasticsearch")]
    images += [item.body["spec"]["kubernetesConfig"]["image"] for item in example.of("RedisCluster")]
    images += [item.body["spec"]["template"]["spec"]["containers"][0]["image"] for item in example.of("Pooler")]
    for item in example.of("ClickHouseInstallation"):
        [pod] = item.body["spec"]["templates"]["podTemplates"]
        images.append(pod["spec"]["containers"][0]["image"])
    assert [image for image in images if not pinned.fullmatch(image)] == []


def test_volumes_of_stores_are_of_a_class_that_the_cell_encrypts(example: Example) -> None:
    for cluster, objects in example.clusters():
        classes = {item.name for item in objects if item.kind == "StorageClass"}
        used = {item.body["spec"]["storage"]["storageClass"] for item in objects if item.kind == "Cluster"}
        used |= set(re.findall(r"'storageClassName': '([^']+)'", str([item.body for item in objects])))
        assert used, cluster.name
        assert used <= classes, cluster.name


def test_a_data_namespace_is_closed_but_for_flows_dumps_operators_and_metrics(example: Example) -> None:
    for installation in example.fleet.installations:
        platform, cluster = installation.platform, installation.cluster
        assert platform.data is not None
        found = policies(example, cluster.name, platform.data.namespace)
        assert found["default-deny"]["podSelector"] == {}
        operators = {platform.data.postgres.operator} | {
            store.operator
            for store in (platform.data.redis, platform.data.clickhouse, platform.data.elasticsearch)
            if store is not None
        }
        for name, spec in found.items():
            for rule in spec.get("ingress", ()):
                for peer in rule["from"]:
                    if "namespaceSelector" not in peer:
                        continue
                    labels = peer["namespaceSelector"]["matchLabels"]
                    if labels == {"tenantry.dev/platform": platform.name}:
                        assert "podSelector" in peer, name
                    else:
                        assert labels["kubernetes.io/metadata.name"] in operators | {"observability"}, name
                    assert rule["ports"], name


def test_dumps_reach_the_database_and_the_database_lets_them_in(example: Example) -> None:
    for item, template in jobs(example):
        if item.name != "database-dump":
            continue
        labels = template["metadata"]["labels"]
        platform = labels["tenantry.dev/platform"]
        out = policies(example, item.cluster, item.namespace)["database-dump"]
        assert out["podSelector"]["matchLabels"].items() <= labels.items()
        [rule] = [rule for rule in out["egress"] if rule["ports"] == [{"protocol": "TCP", "port": 5432}]]
        [peer] = rule["to"]
        namespace = peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        [way] = policies(example, item.cluster, namespace)["dumps"]["ingress"]
        assert way["ports"] == rule["ports"]
        assert way["from"][0]["namespaceSelector"]["matchLabels"] == {"tenantry.dev/platform": platform}
        assert way["from"][0]["podSelector"]["matchLabels"].items() <= labels.items()


def test_the_mesh_stays_out_of_databases_and_dumps(example: Example) -> None:
    out = ("sidecar.istio.io/inject", "false")
    for item in example.of("Cluster"):
        assert out in item.body["spec"]["inheritedMetadata"]["labels"].items(), item
    for item in example.of("Pooler"):
        assert out in item.body["spec"]["template"]["metadata"]["labels"].items(), item
    for item, template in jobs(example):
        if item.name == "database-dump":
            assert out in template["metadata"]["labels"].items(), item


def test_databases_stand_in_the_namespace_of_their_cluster(example: Example) -> None:
    clusters = {(item.cluster, item.namespace, item.name) for item in example.of("Cluster")}
    for item in example.of("Database", "DatabaseRole", "Pooler", "ScheduledBackup"):
        assert (item.cluster, item.namespace, item.body["spec"]["cluster"]["name"]) in clusters, item


def test_a_platform_without_data_stores_renders_none() -> None:
    rendered = output.render(REPOSITORY / "tests" / "fleets" / "small", jobs=1)
    assert rendered.tree is not None
    with_data = (
        {platform.name: platform.data is not None for platform in rendered.fleet.platforms} if rendered.fleet else {}
    )
    assert set(with_data.values()) == {True, False}
    for name, has in with_data.items():
        files = [path for path in rendered.tree.files if f"/cluster/{name}/" in path]
        assert any(path.endswith("/data.yaml") for path in files) == has
        assert not [
            path for path in files if not has and path.endswith(("/stores.yaml", "/buckets.yaml", "/events.yaml"))
        ]
