"""What operators will make from rendered objects: things that are referred to and never rendered.

Each entry is documented behaviour of its operator: External Secrets writes `spec.target.name`, cert-manager
`spec.secretName`; CloudNativePG, ECK, the Prometheus and OpenTelemetry operators, Argo Events and the ClickHouse
operator name Services and Secrets after their own object.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from generator.check.fields import field, items, mapping, string
from generator.check.objects import Rendered

Identity: TypeAlias = tuple[str, str, str, str]
"""Group, kind, namespace, name."""

_NAMED_AFTER: Final[dict[tuple[str, str], tuple[tuple[str, str], ...]]] = {
    ("postgresql.cnpg.io", "Cluster"): (
        ("Service", "{}-rw"),
        ("Service", "{}-ro"),
        ("Service", "{}-r"),
        ("Secret", "{}-app"),
        ("Secret", "{}-superuser"),
        ("Secret", "{}-ca"),
        ("Secret", "{}-server"),
        ("Secret", "{}-replication"),
        ("ServiceAccount", "{}"),
    ),
    ("postgresql.cnpg.io", "Pooler"): (("Service", "{}"), ("ServiceAccount", "{}")),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): (
        ("Service", "{}-es-http"),
        ("Service", "{}-es-transport"),
        ("Secret", "{}-es-elastic-user"),
        ("Secret", "{}-es-http-certs-public"),
    ),
    ("kibana.k8s.elastic.co", "Kibana"): (("Service", "{}-kb-http"),),
    ("monitoring.coreos.com", "Prometheus"): (("Service", "prometheus-operated"),),
    ("monitoring.coreos.com", "Alertmanager"): (("Service", "alertmanager-operated"),),
    ("opentelemetry.io", "OpenTelemetryCollector"): (
        ("Service", "{}-collector"),
        ("Service", "{}-collector-headless"),
        ("Service", "{}-collector-monitoring"),
        ("ServiceAccount", "{}-collector"),
    ),
    ("jaegertracing.io", "Jaeger"): (("Service", "{}-query"), ("Service", "{}-collector"), ("Service", "{}-agent")),
    ("argoproj.io", "EventSource"): (("Service", "{}-eventsource-svc"),),
    ("clickhouse.altinity.com", "ClickHouseInstallation"): (("Service", "clickhouse-{}"),),
    ("redis.redis.opstreelabs.in", "RedisCluster"): (("Service", "{}-leader"), ("Service", "{}-follower")),
    ("redis.redis.opstreelabs.in", "RedisReplication"): (("Service", "{}"),),
}

MAKERS: Final = frozenset(
    {*_NAMED_AFTER, ("", "Namespace"), ("external-secrets.io", "ExternalSecret"), ("cert-manager.io", "Certificate")}
)
"""The kinds that `made_from` gives anything for: group, kind."""


def made_from(rendered: Rendered) -> Iterator[Identity]:
    """What an operator will make from one object. A Namespace gets its default account and the root certificates."""
    match rendered.group, rendered.kind:
        case "", "Namespace":
            yield "", "ServiceAccount", rendered.name, "default"
            yield "", "ConfigMap", rendered.name, "kube-root-ca.crt"
            yield "", "ConfigMap", rendered.name, "istio-ca-root-cert"
        case "external-secrets.io", "ExternalSecret":
            yield "", "Secret", rendered.namespace, string(rendered.data, "spec", "target", "name") or rendered.name
        case "cert-manager.io", "Certificate":
            yield "", "Secret", rendered.namespace, string(rendered.data, "spec", "secretName")
        case key:
            for kind, pattern in _NAMED_AFTER.get(key, ()):
                yield "", kind, rendered.namespace, pattern.format(rendered.name)


def keys_of(source: Rendered) -> frozenset[str] | None:
    """The keys that a Secret or ConfigMap will hold, by what is rendered for it; None where the output does not say."""
    spec: Any = field(source.data, "spec")
    match source.group, source.kind:
        case "", "Secret" | "ConfigMap":
            parts = ("data", "stringData", "binaryData")
            return frozenset(key for part in parts for key in mapping(source.data, part))
        case "external-secrets.io", "ExternalSecret":
            if field(spec, "dataFrom") or field(spec, "target", "template"):
                return None
            return frozenset(string(entry, "secretKey") for _, entry in items(spec, "data"))
        case "cert-manager.io", "Certificate":
            if field(spec, "keystores") or field(spec, "additionalOutputFormats"):
                return None
            return frozenset({"tls.crt", "tls.key", "ca.crt"})
        case _:
            return None
