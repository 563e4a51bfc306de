"""How services run, as rendered: what a cell's API server, its autoscalers and its drains ask of them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from tests.fleets.example import Example, Rendered

LABEL = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


def key(item: Rendered) -> tuple[str, str, str]:
    return (item.cluster, item.namespace, item.name)


def pods(example: Example) -> list[tuple[Rendered, dict[str, Any]]]:
    return [(item, item.body["spec"]["template"]["spec"]) for item in example.of("Deployment", "Rollout")]


def test_every_pod_is_what_pod_security_restricted_asks_for(example: Example) -> None:
    for item, pod in pods(example):
        assert pod["securityContext"]["runAsNonRoot"] is True, item
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, item
        assert pod["automountServiceAccountToken"] is False, item
        assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(pod), item
        assert all(set(volume) == {"name", "emptyDir"} for volume in pod.get("volumes", ())), item
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, item


def test_namespaces_enforce_audit_and_warn_at_the_version_of_their_cell(example: Example) -> None:
    for cluster, objects in example.clusters():
        for item in objects:
            if item.kind != "Namespace":
                continue
            labels = item.body["metadata"]["labels"]
            levels = {labels[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "audit", "warn")}
            versions = {labels[f"pod-security.kubernetes.io/{mode}-version"] for mode in ("enforce", "audit", "warn")}
            assert len(levels) == 1, item
            assert levels == {"restricted"} or item.name == "istio-system", item
            assert versions == {f"v{cluster.kubernetes}"}, item


def test_images_are_pinned_by_digest_and_none_is_latest(example: Example) -> None:
    for item, pod in pods(example):
        for container in pod["containers"]:
            assert re.fullmatch(r"[^@]+:[^@:]+@sha256:[0-9a-f]{64}", container["image"]), item
            assert ":latest" not in container["image"], item


def test_an_autoscaler_and_a_number_of_replicas_never_meet(example: Example) -> None:
    scaled = {key(item) for item in example.of("HorizontalPodAutoscaler", "ScaledObject")}
    for item in example.of("Deployment", "Rollout"):
        assert ("replicas" in item.body["spec"]) != (key(item) in scaled), item
        assert item.body["spec"].get("replicas", 0) == 0, item


def test_services_that_are_not_running_have_none_who_scales_them(example: Example) -> None:
    stopped = [each for each in example.fleet.assignments if not each.running and each.workloads]
    assert stopped
    for assignment in stopped:
        kinds = Counter(item.kind for item in example.folder(assignment))
        assert kinds["Deployment"] + kinds["Rollout"] == len(assignment.workloads)
        assert not kinds["HorizontalPodAutoscaler"] + kinds["ScaledObject"]
        assert not kinds["PodDisruptionBudget"]


def test_autoscalers_follow_cpu_and_memory_and_the_services_own_metric(example: Example) -> None:
    metrics = {
        service.name: service.metric.name
        for platform in example.fleet.platforms
        for service in platform.services
        if service.metric is not None
    }
    for item in example.of("HorizontalPodAutoscaler"):
        spec = item.body["spec"]
        resources = [each["resource"]["name"] for each in spec["metrics"] if each["type"] == "Resource"]
        own = [each["pods"]["metric"]["name"] for each in spec["metrics"] if each["type"] == "Pods"]
        assert resources == ["cpu", "memory"], item
        assert own == ([metrics[item.name]] if item.name in metrics else []), item
        assert 1 <= spec["minReplicas"] <= spec["maxReplicas"], item


def test_budgets_stand_where_more_than_one_replica_is_the_minimum(example: Example) -> None:
    minimums = {key(item): item.body["spec"]["minReplicas"] for item in example.of("HorizontalPodAutoscaler")}
    minimums |= {
        key(item): int(item.body["spec"]["triggers"][0]["metadata"]["desiredReplicas"])
        for item in example.of("ScaledObject")
    }
    budgets = example.of("PodDisruptionBudget")
    assert {key(item) for item in budgets} == {each for each, minimum in minimums.items() if minimum > 1}
    assert any(minimum == 1 for minimum in minimums.values())
    for item in budgets:
        assert item.body["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow", item


def test_vertical_autoscalers_only_recommend(example: Example) -> None:
    for item in example.of("VerticalPodAutoscaler"):
        assert item.body["spec"]["updatePolicy"] == {"updateMode": "Off"}, item


def test_production_switches_between_two_colours_and_other_cells_roll(example: Example) -> None:
    environments = {cluster.name: cluster.environment for cluster in example.fleet.clusters}
    services = {key(item) for item in example.of("Service")}
    for item in example.of("Rollout", "Deployment"):
        assert (item.kind == "Rollout") == (environments[item.cluster] == "production"), item
        if item.kind == "Rollout":
            colours = item.body["spec"]["strategy"]["blueGreen"]
            for name in (colours["activeService"], colours["previewService"]):
                assert (item.cluster, item.namespace, name) in services, item


def test_what_refers_to_an_object_of_its_namespace_finds_it(example: Example) -> None:
    there = {(item.kind, *key(item)) for item in example.objects}
    for item in example.of("HorizontalPodAutoscaler", "ScaledObject"):
        target = item.body["spec"]["scaleTargetRef"]
        assert (target["kind"], item.cluster, item.namespace, target["name"]) in there, item
    for item, pod in pods(example):
        assert ("ServiceAccount", item.cluster, item.namespace, pod["serviceAccountName"]) in there, item
        assert ("PriorityClass", item.cluster, "", pod["priorityClassName"]) in there, item
        for variable in pod["containers"][0].get("env", ()):
            if "valueFrom" in variable:
                name = variable["valueFrom"]["secretKeyRef"]["name"]
                assert ("ExternalSecret", item.cluster, item.namespace, name) in there, item


def test_every_route_leads_to_a_service_and_port_of_its_cell(example: Example) -> None:
    ports = {
        (item.cluster, f"{item.name}.{item.namespace}.svc.cluster.local", port["port"])
        for item in example.of("Service")
        for port in item.body["spec"]["ports"]
    }
    ports |= {
        (item.cluster, host, port["number"])
        for item in example.of("ServiceEntry")
        for host in item.body["spec"]["hosts"]
        for port in item.body["spec"]["ports"]
    }
    for item in example.of("VirtualService"):
        for route in item.body["spec"]["http"]:
            for each in route.get("route", ()):
                assert (item.cluster, each["destination"]["host"], each["destination"]["port"]["number"]) in ports, item


def test_a_tenants_quota_holds_its_objects_and_stands_beside_a_limit_range(example: Example) -> None:
    for assignment in example.fleet.assignments:
        objects = example.folder(assignment)
        [quota] = [each.body["spec"]["hard"] for each in objects if each.kind == "ResourceQuota"]
        kinds = Counter(each.kind for each in objects)
        assert kinds["LimitRange"] == 1, assignment.tenant.name
        assert kinds["Service"] <= int(quota["services"]), assignment.tenant.name
        assert kinds["ExternalSecret"] <= int(quota["secrets"]), assignment.tenant.name
        assert quota["services.loadbalancers"] == quota["services.nodeports"] == "0"


def test_the_cost_tags_are_on_every_pod_and_namespace_of_a_tenant(example: Example) -> None:
    tags = {"Environment", "TenantId", "Service", "Team", "CostCenter"}
    for item, _ in pods(example):
        assert tags <= set(item.body["spec"]["template"]["metadata"]["labels"]), item
    for item in example.of("Namespace", path="/tenants/"):
        assert tags <= set(item.body["metadata"]["labels"]), item


def test_labels_are_values_that_kubernetes_takes_and_say_who_made_the_object(example: Example) -> None:
    for item in example.objects:
        labels = item.body["metadata"]["labels"]
        assert labels["app.kubernetes.io/managed-by"] == "tenantry", item
        assert all(LABEL.fullmatch(value) for value in labels.values()), item


def test_no_object_is_rendered_twice_on_a_cell(example: Example) -> None:
    seen = Counter(
        (item.cluster, item.body["apiVersion"], item.kind, item.namespace, item.name) for item in example.objects
    )
    assert [each for each, count in seen.items() if count > 1] == []


def test_certificates_renew_by_a_share_of_their_lifetime(example: Example) -> None:
    for item in example.of("Certificate"):
        assert "renewBeforePercentage" in item.body["spec"], item
        assert "renewBefore" not in item.body["spec"], item


def test_no_template_renders_a_secret_or_an_operator_of_istio(example: Example) -> None:
    assert not [each for each in example.objects if each.kind in ("Secret", "IstioOperator")]
