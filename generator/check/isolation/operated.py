"""What the pods mount that operators make: of databases, searches, monitoring and workflows.

Their objects hold pod templates, or parts of them, each in a form of its own. Whatever the form, Secrets, ConfigMaps
and claims are named by the same fields as in a pod, and so is what pods take of their node; these are looked for
wherever they stand. The leaks are those of storage.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from generator.check.fields import string
from generator.check.index import Index
from generator.check.isolation.leaks import Leak
from generator.check.isolation.storage import NODE, foreign, sources
from generator.check.isolation.tenants import Tenants
from generator.diagnostics import Diagnostic
from generator.source import Pointer

_KINDS: Final = {
    "argoproj.io": ("Workflow", "WorkflowTemplate", "CronWorkflow", "ClusterWorkflowTemplate", "Sensor", "EventSource"),
    "clickhouse.altinity.com": ("ClickHouseInstallation",),
    "clickhouse-keeper.altinity.com": ("ClickHouseKeeperInstallation",),
    "elasticsearch.k8s.elastic.co": ("Elasticsearch",),
    "keda.sh": ("ScaledJob",),
    "kibana.k8s.elastic.co": ("Kibana",),
    "logstash.k8s.elastic.co": ("Logstash",),
    "monitoring.coreos.com": ("Prometheus", "Alertmanager"),
    "opentelemetry.io": ("OpenTelemetryCollector",),
    "postgresql.cnpg.io": ("Cluster", "Pooler"),
    "redis.redis.opstreelabs.in": ("Redis", "RedisCluster", "RedisReplication", "RedisSentinel"),
    "databases.spotahome.com": ("RedisFailover",),
}
"""The kinds whose operators start pods from what the object says."""
_NAMED: Final = {
    "secretKeyRef": "Secret",
    "secretRef": "Secret",
    "configMapKeyRef": "ConfigMap",
    "configMapRef": "ConfigMap",
}
_NODE: Final = frozenset({"hostPID", "hostIPC", "privileged"})


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every object that an operator starts pods from."""
    for group, kinds in _KINDS.items():
        for rendered in index.of(group, *kinds):
            own = tenants.owner(rendered)
            for at, key, value in _fields(rendered.data.get("spec"), ("spec",)):
                if rendered.namespace not in tenants.owners:
                    for place, kind, name in _references(at, key, value):
                        leak = foreign(index, tenants, rendered, place, kind, name)
                        if leak is not None:
                            yield leak.diagnostic()
                if own and _of_node(key, value):
                    yield Leak(
                        NODE,
                        f"pods of tenant {own}",
                        "other tenants' pods on the node",
                        f"{rendered.label} sets {key}",
                        rendered,
                        at,
                        "leave it out: a tenant's pods need nothing of their node",
                        key=isinstance(value, dict),
                    ).diagnostic()


def _fields(value: Any, at: Pointer) -> Iterator[tuple[Pointer, str, Any]]:
    """Every field below a value: its place, its name, what it holds."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(key, str):
                yield (*at, key), key, inner
                yield from _fields(inner, (*at, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _fields(inner, (*at, number))


def _references(at: Pointer, key: str, value: Any) -> Iterator[tuple[Pointer, str, str]]:
    if key in _NAMED and (name := string(value, "name")):
        yield (*at, "name"), _NAMED[key], name
    if key in {"volumes", "sources"} and isinstance(value, list):
        for number, volume in enumerate(value):
            yield from sources((*at, number), volume)
    if at[:1] == ("spec",) and key in {"secrets", "configMaps"} and len(at) == 2 and isinstance(value, list):
        kind = "Secret" if key == "secrets" else "ConfigMap"
        yield from (((*at, number), kind, name) for number, name in enumerate(value) if isinstance(name, str))


def _of_node(key: str, value: Any) -> bool:
    return (key in _NODE and value is True) or (key == "hostPath" and isinstance(value, dict))
