"""The kinds that are rendered or referred to: whether they live in a namespace, and what their names may be.

Scopes are those of the API servers and CRDs of the versions in use (Kubernetes 1.34 to 1.37, Argo CD 3.5, Istio 1.30,
cert-manager 1.21, External Secrets 2.9, CloudNativePG 1.30). A kind that is not in the table is reported, not guessed.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

_LABEL: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_SERVICE: Final = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_PATH_SEGMENT: Final = re.compile(r"(?!\.{1,2}$)[^/%]+")

_LABEL_WORDS: Final = "lower-case letters, digits and '-', with a letter or digit at both ends"


class NameRule(Struct, frozen=True):
    """What a name may be: a pattern, the greatest length, and both in words."""

    pattern: re.Pattern[str]
    limit: int
    words: str

    def allows(self, name: str) -> bool:
        """Whether the API server would take the name."""
        return len(name) <= self.limit and self.pattern.fullmatch(name) is not None


LABEL: Final = NameRule(_LABEL, 63, f"at most 63 characters: {_LABEL_WORDS}")
SERVICE: Final = NameRule(_SERVICE, 63, f"at most 63 characters: {_LABEL_WORDS}, a letter first")
CRON_JOB: Final = NameRule(_SUBDOMAIN, 52, f"at most 52 characters (its Jobs add 11): {_LABEL_WORDS}")
STATEFUL: Final = NameRule(_LABEL, 52, f"at most 52 characters (its pods' revision label adds 11): {_LABEL_WORDS}")
DATABASE_CLUSTER: Final = NameRule(_SERVICE, 50, f"at most 50 characters: {_LABEL_WORDS}, a letter first")
SUBDOMAIN: Final = NameRule(_SUBDOMAIN, 253, f"at most 253 characters: {_LABEL_WORDS}, in parts joined by '.'")
PATH_SEGMENT: Final = NameRule(_PATH_SEGMENT, 253, "at most 253 characters without '/' and '%'")


class KindRule(Struct, frozen=True):
    """One kind: whether it lives in a namespace, and the rule of its names."""

    namespaced: bool
    name: NameRule


_RBAC: Final = "rbac.authorization.k8s.io"
_ADMISSION: Final = "admissionregistration.k8s.io"

_CLUSTER: Final = {
    "": ("Namespace", "PersistentVolume", "Node"),
    "storage.k8s.io": ("StorageClass", "CSIDriver", "VolumeAttributesClass"),
    "scheduling.k8s.io": ("PriorityClass",),
    "node.k8s.io": ("RuntimeClass",),
    "networking.k8s.io": ("IngressClass",),
    "apiextensions.k8s.io": ("CustomResourceDefinition",),
    "apiregistration.k8s.io": ("APIService",),
    _RBAC: ("ClusterRole", "ClusterRoleBinding"),
    _ADMISSION: (
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
    ),
    "cert-manager.io": ("ClusterIssuer",),
    "external-secrets.io": ("ClusterSecretStore", "ClusterExternalSecret"),
    "argoproj.io": ("ClusterAnalysisTemplate", "ClusterWorkflowTemplate"),
    "sailoperator.io": ("Istio", "IstioCNI", "IstioRevision", "ZTunnel"),
    "karpenter.sh": ("NodePool", "NodeClaim"),
    "keda.sh": ("ClusterTriggerAuthentication",),
    "gateway.networking.k8s.io": ("GatewayClass",),
    "snapshot.storage.k8s.io": ("VolumeSnapshotClass",),
}
_NAMESPACED: Final = {
    "": (
        "ConfigMap",
        "Secret",
        "Service",
        "ServiceAccount",
        "Pod",
        "PersistentVolumeClaim",
        "ResourceQuota",
        "LimitRange",
        "Endpoints",
    ),
    "apps": ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"),
    "batch": ("Job", "CronJob"),
    "autoscaling": ("HorizontalPodAutoscaler",),
    "policy": ("PodDisruptionBudget",),
    "networking.k8s.io": ("NetworkPolicy", "Ingress"),
    "discovery.k8s.io": ("EndpointSlice",),
    "coordination.k8s.io": ("Lease",),
    _RBAC: ("Role", "RoleBinding"),
    "autoscaling.k8s.io": ("VerticalPodAutoscaler",),
    "keda.sh": ("ScaledObject", "ScaledJob", "TriggerAuthentication"),
    "argoproj.io": (
        "Application",
        "AppProject",
        "ApplicationSet",
        "Rollout",
        "AnalysisTemplate",
        "Workflow",
        "WorkflowTemplate",
        "CronWorkflow",
        "EventSource",
        "EventBus",
        "Sensor",
    ),
    "networking.istio.io": (
        "Gateway",
        "VirtualService",
        "DestinationRule",
        "ServiceEntry",
        "Sidecar",
        "EnvoyFilter",
        "WorkloadEntry",
        "WorkloadGroup",
        "ProxyConfig",
    ),
    "security.istio.io": ("AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"),
    "telemetry.istio.io": ("Telemetry",),
    "extensions.istio.io": ("WasmPlugin",),
    "cert-manager.io": ("Certificate", "Issuer", "CertificateRequest"),
    "external-secrets.io": ("ExternalSecret", "SecretStore", "PushSecret"),
    "postgresql.cnpg.io": ("Cluster", "Database", "DatabaseRole", "Pooler", "ScheduledBackup", "Backup"),
    "barmancloud.cnpg.io": ("ObjectStore",),
    "monitoring.coreos.com": (
        "Prometheus",
        "PrometheusRule",
        "ServiceMonitor",
        "PodMonitor",
        "Probe",
        "Alertmanager",
        "AlertmanagerConfig",
    ),
    "velero.io": ("Schedule", "BackupStorageLocation", "VolumeSnapshotLocation", "Backup", "Restore"),
    "elasticsearch.k8s.elastic.co": ("Elasticsearch",),
    "kibana.k8s.elastic.co": ("Kibana",),
    "logstash.k8s.elastic.co": ("Logstash",),
    "opentelemetry.io": ("OpenTelemetryCollector", "Instrumentation"),
    "jaegertracing.io": ("Jaeger",),
    "externaldns.k8s.io": ("DNSEndpoint",),
    "external-dns.io": ("DNSEndpoint",),
    "clickhouse.altinity.com": ("ClickHouseInstallation",),
    "clickhouse-keeper.altinity.com": ("ClickHouseKeeperInstallation",),
    "redis.redis.opstreelabs.in": ("Redis", "RedisCluster", "RedisReplication", "RedisSentinel"),
    "databases.spotahome.com": ("RedisFailover",),
    "grafana.integreatly.org": ("Grafana", "GrafanaDashboard", "GrafanaDatasource"),
    "rds.services.k8s.aws": ("DBInstance", "DBCluster", "DBSubnetGroup"),
    "s3.services.k8s.aws": ("Bucket",),
    "kms.services.k8s.aws": ("Key", "Alias"),
    "dbforpostgresql.azure.com": ("FlexibleServer", "FlexibleServersDatabase"),
    "sql.cnrm.cloud.google.com": ("SQLInstance", "SQLDatabase", "SQLUser"),
    "storage.azure.com": (
        "StorageAccount",
        "StorageAccountsBlobService",
        "StorageAccountsBlobServicesContainer",
        "StorageAccountsManagementPolicy",
    ),
    "storage.cnrm.cloud.google.com": ("StorageBucket",),
    "gateway.networking.k8s.io": (
        "Gateway",
        "GRPCRoute",
        "HTTPRoute",
        "ReferenceGrant",
        "TCPRoute",
        "TLSRoute",
        "UDPRoute",
    ),
    "snapshot.storage.k8s.io": ("VolumeSnapshot",),
}
_NAMES: Final = {
    ("", "Namespace"): LABEL,
    ("", "Service"): SERVICE,
    ("", "Pod"): SUBDOMAIN,
    ("batch", "CronJob"): CRON_JOB,
    ("batch", "Job"): NameRule(_SUBDOMAIN, 63, f"at most 63 characters: {_LABEL_WORDS}"),
    ("apps", "StatefulSet"): STATEFUL,
    ("postgresql.cnpg.io", "Cluster"): DATABASE_CLUSTER,
    (_RBAC, "Role"): PATH_SEGMENT,
    (_RBAC, "RoleBinding"): PATH_SEGMENT,
    (_RBAC, "ClusterRole"): PATH_SEGMENT,
    (_RBAC, "ClusterRoleBinding"): PATH_SEGMENT,
}
KINDS: Final[dict[tuple[str, str], KindRule]] = {
    (group, kind): KindRule(namespaced, _NAMES.get((group, kind), SUBDOMAIN))
    for namespaced, groups in ((False, _CLUSTER), (True, _NAMESPACED))
    for group, kinds in groups.items()
    for kind in kinds
}
"""(group, kind) → its rule."""


def namespaced(group: str, kind: str, namespace: str) -> bool:
    """Whether an object lives in a namespace; one of an unknown kind does when it says so itself."""
    rule = KINDS.get((group, kind))
    return rule.namespaced if rule is not None else bool(namespace)


_PLURALS: Final = {
    "EventBus": "eventbus",
    "Endpoints": "endpoints",
    "Redis": "redis",
    "RedisCluster": "redisclusters",
    "Prometheus": "prometheuses",
}
"""The resources whose names do not follow from their kinds by rule."""


def resource(kind: str) -> str:
    """The name of a kind's resource, which admission policies go by: `NetworkPolicy` → `networkpolicies`."""
    known = _PLURALS.get(kind)
    if known is not None:
        return known
    word = kind.lower()
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


RESOURCES: Final[frozenset[tuple[str, str]]] = frozenset((group, resource(kind)) for group, kind in KINDS)
"""(group, resource) of every known kind."""
