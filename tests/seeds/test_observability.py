"""What the seeds watch wrongly, and that it is rendered so that it tells the truth."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import promql_parser
import pytest
import yaml

from tests.fleets.example import Example, Rendered


def rules(example: Example, alert: str = "") -> list[tuple[Rendered, dict[str, Any]]]:
    found = [
        (item, rule)
        for item in example.of("PrometheusRule")
        for group in item.body["spec"]["groups"]
        for rule in group["rules"]
        if not alert or rule.get("alert") == alert
    ]
    assert found
    return found


def dashboards(example: Example) -> list[tuple[Rendered, dict[str, Any]]]:
    return [
        (item, json.loads(text))
        for item in example.of("ConfigMap")
        if item.body["metadata"]["labels"].get("grafana_dashboard") == "1"
        for text in item.body["data"].values()
    ]


def mesh_providers(example: Example) -> list[tuple[str, dict[str, Any]]]:
    """The extension providers that istiod is told of, each with its cell."""
    return [
        (item.cluster, provider)
        for item in example.of("Application")
        if item.body["spec"]["source"].get("chart") == "istiod"
        for provider in item.body["spec"]["source"]["helm"]["valuesObject"]["meshConfig"]["extensionProviders"]
    ]


def divides(expression: Any) -> bool:
    """Whether an alert compares a quotient of two sums."""
    return isinstance(expression.lhs, promql_parser.BinaryExpr) and str(expression.lhs.op) == "/"


def test_every_expression_of_rules_and_autoscalers_is_promql(example: Example) -> None:
    for _, rule in rules(example):
        promql_parser.parse(rule["expr"])
    for item in example.of("ScaledObject"):
        for trigger in item.body["spec"]["triggers"]:
            if trigger["type"] == "prometheus":
                promql_parser.parse(trigger["metadata"]["query"])
                assert float(trigger["metadata"]["threshold"]) > 0, item


def test_a_high_error_rate_is_a_share_of_the_requests_and_not_errors_a_second(example: Example) -> None:
    for item, rule in rules(example, "HighErrorRate"):
        assert divides(promql_parser.parse(rule["expr"])), item
        assert rule["expr"].count("by (namespace, service)") == 2, item
    ours = {item.name: rule["expr"].rpartition(" > ")[2] for item, rule in rules(example, "HighErrorRate")}
    assert ours == {"a2z-soc": "0.1", "oams": "0.05"}


def test_a_breach_is_a_quantile_of_each_tenant_and_not_an_average(example: Example) -> None:
    texts = [rule["expr"] for _, rule in rules(example)]
    assert not [text for text in texts if "api_response_time" in text]
    recorded = [rule for _, rule in rules(example) if rule.get("record", "").endswith("quantile5m")]
    assert all(rule["expr"].startswith("histogram_quantile(") for rule in recorded)
    assert all("by (tenant_id, tier, le)" in rule["expr"] for rule in recorded)
    limits = {(item.name, rule["expr"].rpartition(" > ")[2]) for item, rule in rules(example, "TenantSLABreach")}
    assert limits == {("a2z-soc", "0.1"), ("oams", "0.2")}
    assert {rule["expr"].rpartition(" > ")[2] for _, rule in rules(example, "HighResponseTime")} == {"0.5"}


def test_each_tier_has_its_own_thresholds_and_no_rule_is_made_for_one_tenant(example: Example) -> None:
    tiers = {tier.name for tier in example.fleet.tiers}
    for platform in example.fleet.platforms:
        told = {
            rule["labels"]["objective"]
            for item, rule in rules(example, "TenantSLABreach")
            if item.name == platform.name
        }
        assert told == tiers
    names = {tenant.name for tenant in example.fleet.tenants}
    for _, rule in rules(example):
        assert not [name for name in names if f'"{name}"' in rule["expr"]]


def test_pooled_tenants_whose_metrics_say_no_tier_still_have_a_promise(example: Example) -> None:
    for platform in example.fleet.platforms:
        mine = [rule["expr"] for item, rule in rules(example, "TenantSLABreach") if item.name == platform.name]
        assert [text for text in mine if 'tier=~"starter|"' in text]


def test_objectives_are_recorded_and_their_budgets_watched_over_two_windows(example: Example) -> None:
    recorded = {
        (item.name, rule["labels"]["tier"]): rule["expr"]
        for item, rule in rules(example)
        if rule.get("record") == "tier:availability:objective"
    }
    assert recorded["a2z-soc", "enterprise"] == "vector(0.9999)"
    assert recorded["oams", "enterprise"] == "vector(0.999)"
    for alert, windows in (("ErrorBudgetBurnsFast", ("1h", "5m")), ("ErrorBudgetBurnsSlow", ("6h", "30m"))):
        for item, rule in rules(example, alert):
            assert all(f"tenant:error_ratio:rate{window}{{" in rule["expr"] for window in windows), item


def test_threats_certificates_and_backups_alarm(example: Example) -> None:
    [threats] = {rule["expr"] for _, rule in rules(example, "SecurityThreatDetected")}
    assert threats.endswith("[1m])) > 100")
    for alert in ("CertificateExpiresSoon", "DatabaseBackupTooOld", "VolumeBackupTooOld"):
        assert len(rules(example, alert)) == len(example.fleet.clusters)


def test_what_alerts_and_dashboards_ask_of_recorded_series_is_recorded(example: Example) -> None:
    recorded = {rule["record"] for _, rule in rules(example) if "record" in rule}
    asked = [rule["expr"] for _, rule in rules(example)]
    asked += [
        target["expr"] for _, board in dashboards(example) for panel in board["panels"] for target in panel["targets"]
    ]
    for text in asked:
        names = {word.partition("{")[0] for word in text.replace("(", " ").split() if word.startswith("tenant:")}
        assert names <= recorded, text


def test_there_is_one_service_monitor_and_one_rule_a_platform_and_cell(example: Example) -> None:
    for installation in example.fleet.installations:
        here = [item for item in example.objects if item.cluster == installation.cluster.name]
        kinds = Counter(item.kind for item in here if item.namespace == installation.platform.namespace)
        assert kinds["ServiceMonitor"] == kinds["PrometheusRule"] == 1
    assert not [item for item in example.of("ServiceMonitor", "PrometheusRule") if "/tenants/" in item.path]


def test_targets_are_found_by_labels_and_never_listed(example: Example) -> None:
    assert not [path for path, text in example.texts.items() if "static_configs" in text or "staticConfigs" in text]
    for item in example.of("ServiceMonitor"):
        label = item.body["spec"]["selector"]["matchLabels"]
        services = [
            each
            for each in example.of("Service")
            if each.cluster == item.cluster and label.items() <= each.body["metadata"]["labels"].items()
        ]
        assert services, item
        assert any(each.path.startswith(f"{item.cluster}/cluster/") for each in services), item


def test_services_keep_the_seeds_intervals(example: Example) -> None:
    for item in example.of("ServiceMonitor"):
        intervals = {
            service: endpoint.get("interval", "")
            for endpoint in item.body["spec"]["endpoints"]
            for service in endpoint["relabelings"][0]["regex"].split("|")
        }
        platform = next(each for each in example.fleet.platforms if each.name == item.name)
        assert set(intervals) == {service.name for service in platform.services}, item
        asked = {service: interval for service, interval in intervals.items() if interval}
        assert asked == ({"api": "5s", "tenant-metrics": "10s"} if item.name == "a2z-soc" else {}), item


def test_prometheus_asks_the_port_that_bypasses_the_proxy_and_alone_may(example: Example) -> None:
    for item in example.of("ServiceMonitor"):
        for endpoint in item.body["spec"]["endpoints"]:
            addresses = [
                each["replacement"] for each in endpoint["relabelings"] if each.get("targetLabel") == "__address__"
            ]
            assert addresses == ["$1:15020", "[$1]:15020"], item
            assert endpoint["path"] == "/stats/prometheus", item
    opened = {}
    for item in example.of("NetworkPolicy"):
        for rule in item.body["spec"].get("ingress", ()):
            if {"protocol": "TCP", "port": 15020} in rule.get("ports", ()):
                [peer] = rule["from"]
                assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "observability"}
                assert peer["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": "prometheus"}
                opened[item.cluster, item.namespace] = item
    pods = {(item.cluster, item.namespace): item for item in example.of("Deployment", "Rollout")}
    assert set(opened) == set(pods)
    for item in example.of("Deployment", "Rollout"):
        template = item.body["spec"]["template"]
        [port] = template["spec"]["containers"][0]["ports"]
        assert template["metadata"]["annotations"] == {
            "prometheus.io/scrape": "true",
            "prometheus.io/port": str(port["containerPort"]),
            "prometheus.io/path": "/metrics",
        }, item


def test_a_tenants_pods_cannot_give_themselves_out_as_another_tenants(example: Example) -> None:
    for item in example.of("ServiceMonitor"):
        for endpoint in item.body["spec"]["endpoints"]:
            assert not endpoint.get("honorLabels"), item
            [rule] = [each for each in endpoint["metricRelabelings"] if each.get("targetLabel") == "tenant_id"]
            assert rule["regex"] == "SHARED;(.+)", item
    for item in example.of("Service", path="/tenants/"):
        assert item.body["metadata"]["labels"]["TenantId"] == item.path.split("/")[2], item
        assert item.body["metadata"]["labels"]["tenantry.dev/tier"], item


def test_prometheus_has_the_seeds_size_and_takes_nothing_from_tenants(example: Example) -> None:
    for item in example.of("Prometheus"):
        spec = item.body["spec"]
        assert spec["resources"] == {
            "requests": {"cpu": "1000m", "memory": "2Gi"},
            "limits": {"cpu": "2000m", "memory": "4Gi"},
        }, item
        assert (spec["retention"], spec["scrapeInterval"]) == ("30d", "15s"), item
        claim = spec["storage"]["volumeClaimTemplate"]["spec"]
        assert claim["resources"]["requests"]["storage"] == "100Gi", item
        assert ("StorageClass", item.cluster, claim["storageClassName"]) in {
            (each.kind, each.cluster, each.name) for each in example.of("StorageClass")
        }, item
        for word in ("serviceMonitor", "podMonitor", "rule"):
            terms = spec[f"{word}NamespaceSelector"]["matchExpressions"]
            assert {"key": "tenantry.dev/tenant", "operator": "DoesNotExist"} in terms, item
        [role] = [
            each for each in example.of("ClusterRole") if (each.cluster, each.name) == (item.cluster, "prometheus")
        ]
        assert {verb for rule in role.body["rules"] for verb in rule["verbs"]} == {"get", "list", "watch"}, role
        assert "secrets" not in {word for rule in role.body["rules"] for word in rule["resources"]}, role


def test_every_panel_asks_promql_and_dashboards_choose_the_tenant_by_a_variable(example: Example) -> None:
    boards = dashboards(example)
    names = {(board["tags"][1], board["uid"].removeprefix(board["tags"][1] + "-")) for _, board in boards}
    for platform in example.fleet.platforms:
        for name in ("tenant-overview", "infrastructure-health", "business-metrics", "cost"):
            assert (platform.name, name) in names
    tenants = {tenant.name for tenant in example.fleet.tenants}
    for item, board in boards:
        [text] = item.body["data"].values()
        assert len(text) < 2**20, item
        assert text == json.dumps(board, sort_keys=True, separators=(",", ":")), item
        assert "tenant" in {variable["name"] for variable in board["templating"]["list"]}, item
        for panel in board["panels"]:
            for target in panel["targets"]:
                promql_parser.parse(target["expr"])
        assert not [name for name in tenants if f'"{name}"' in text], item
    overviews = [text for item, _ in boards if "tenant-overview" in item.name for text in item.body["data"].values()]
    assert all("$tenant" in text for text in overviews)


def test_the_collector_is_where_the_mesh_and_the_flows_of_platforms_look_for_it(example: Example) -> None:
    providers = {
        (cluster, settings["service"], settings["port"])
        for cluster, provider in mesh_providers(example)
        for settings in (provider.get("opentelemetry"), provider.get("envoyOtelAls"))
        if settings
    }
    assert len(providers) == len(example.fleet.clusters)
    for item in example.of("OpenTelemetryCollector"):
        service = f"{item.name}-collector.{item.namespace}.svc.cluster.local"
        endpoint = item.body["spec"]["config"]["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"]
        assert endpoint == "0.0.0.0:4317", item
        assert ((item.cluster, service, 4317) in providers) == (item.name == "opentelemetry"), item
    flows = [flow for platform in example.fleet.platforms for flow in platform.flows if flow.port == 4317]
    assert flows
    for flow in flows:
        assert flow.labels == {"app.kubernetes.io/name": "opentelemetry-collector"}


def test_collectors_pipelines_name_only_what_their_configuration_has(example: Example) -> None:
    for item in example.of("OpenTelemetryCollector"):
        config = yaml.safe_load(yaml.safe_dump(item.body["spec"]["config"]))
        for pipeline in config["service"]["pipelines"].values():
            for part in ("receivers", "processors", "exporters"):
                assert set(pipeline[part]) <= set(config[part]), item
        assert set(config["service"]["extensions"]) == set(config["extensions"]), item


def test_jaeger_is_the_one_that_is_alive(example: Example) -> None:
    assert not [item for item in example.objects if item.kind == "Jaeger"]
    jaegers = [item for item in example.of("OpenTelemetryCollector") if item.name == "jaeger"]
    assert len(jaegers) == len(example.fleet.clusters)


def test_elasticsearch_has_the_seeds_size_and_keeps_its_data(example: Example) -> None:
    for item in example.of("Elasticsearch", path="/cluster/logging.yaml"):
        spec = item.body["spec"]
        [nodes] = spec["nodeSets"]
        [container] = nodes["podTemplate"]["spec"]["containers"]
        assert (spec["version"], nodes["count"], nodes["config"]) == ("8.8.0", 3, {"node.store.allow_mmap": False})
        assert container["env"] == [{"name": "ES_JAVA_OPTS", "value": "-Xms2g -Xmx2g"}], item
        assert container["resources"] == {
            "requests": {"cpu": "1000m", "memory": "4Gi"},
            "limits": {"cpu": "2000m", "memory": "8Gi"},
        }, item
        assert nodes["volumeClaimTemplates"][0]["metadata"]["name"] == "elasticsearch-data", item


@pytest.mark.parametrize("kind", ["Prometheus", "Alertmanager", "OpenTelemetryCollector", "Elasticsearch", "Kibana"])
def test_the_tools_are_pinned_by_digest_and_run_without_rights(example: Example, kind: str) -> None:
    for item in example.of(kind, path="/cluster/"):
        spec = item.body["spec"]
        assert "@sha256:" in spec["image"], item
        pods = [each["podTemplate"]["spec"] for each in spec.get("nodeSets", ())]
        pods += [spec["podTemplate"]["spec"]] if "podTemplate" in spec else []
        contexts = [pod["securityContext"] for pod in pods] or [
            spec.get("podSecurityContext") or spec["securityContext"]
        ]
        for context in contexts:
            assert context["runAsNonRoot"] is True, item
            assert context["seccompProfile"] == {"type": "RuntimeDefault"}, item
        for container in [each for pod in pods for each in pod["containers"]]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, item


def test_access_logs_leave_the_node_by_a_provider_that_the_mesh_knows(example: Example) -> None:
    known = {(cluster, provider["name"]) for cluster, provider in mesh_providers(example)}
    for item in example.of("Telemetry"):
        for each in item.body["spec"]["accessLogging"]:
            assert each["providers"] == [{"name": "access-logs"}], item
            assert (item.cluster, "access-logs") in known, item


def test_databases_are_watched_in_every_namespace_and_speak_for_their_own_only(example: Example) -> None:
    found = [item for item in example.of("PodMonitor") if item.name == "databases"]
    assert len(found) == len(example.fleet.clusters)
    for item in found:
        assert item.body["spec"]["namespaceSelector"] == {"any": True}, item
        assert item.body["spec"]["podMetricsEndpoints"] == [{"port": "metrics"}], item
