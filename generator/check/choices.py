"""Closed choices and quantities of the core API, which its published schemas leave open.

The schemas say `type: string` for `imagePullPolicy`; the API server takes three words. The choices here are those of
the Kubernetes API reference for the fields that the output uses, and the form of a quantity is that of
`apimachinery/pkg/api/resource`. They are laid over the schemas, so that one validator tells both.
"""

from __future__ import annotations

from typing import Any, Final

_CORE: Final = "io.k8s.api.core.v1"
_PROTOCOLS: Final = ("TCP", "UDP", "SCTP")
_SELECTOR_OPERATORS: Final = ("In", "NotIn", "Exists", "DoesNotExist")

_CHOICES: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    (f"{_CORE}.Container", "imagePullPolicy"): ("Always", "IfNotPresent", "Never"),
    (f"{_CORE}.Container", "terminationMessagePolicy"): ("File", "FallbackToLogsOnError"),
    (f"{_CORE}.ContainerPort", "protocol"): _PROTOCOLS,
    (f"{_CORE}.HTTPGetAction", "scheme"): ("HTTP", "HTTPS"),
    (f"{_CORE}.NodeSelectorRequirement", "operator"): (*_SELECTOR_OPERATORS, "Gt", "Lt"),
    (f"{_CORE}.PersistentVolumeClaimSpec", "volumeMode"): ("Block", "Filesystem"),
    (f"{_CORE}.PodSpec", "dnsPolicy"): ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    (f"{_CORE}.PodSpec", "preemptionPolicy"): ("Never", "PreemptLowerPriority"),
    (f"{_CORE}.PodSpec", "restartPolicy"): ("Always", "OnFailure", "Never"),
    (f"{_CORE}.SeccompProfile", "type"): ("Localhost", "RuntimeDefault", "Unconfined"),
    (f"{_CORE}.ServicePort", "protocol"): _PROTOCOLS,
    (f"{_CORE}.ServiceSpec", "externalTrafficPolicy"): ("Cluster", "Local"),
    (f"{_CORE}.ServiceSpec", "internalTrafficPolicy"): ("Cluster", "Local"),
    (f"{_CORE}.ServiceSpec", "sessionAffinity"): ("ClientIP", "None"),
    (f"{_CORE}.ServiceSpec", "type"): ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
    (f"{_CORE}.Taint", "effect"): ("NoExecute", "NoSchedule", "PreferNoSchedule"),
    (f"{_CORE}.Toleration", "effect"): ("", "NoExecute", "NoSchedule", "PreferNoSchedule"),
    (f"{_CORE}.TopologySpreadConstraint", "whenUnsatisfiable"): ("DoNotSchedule", "ScheduleAnyway"),
    (f"{_CORE}.LimitRangeItem", "type"): ("Container", "PersistentVolumeClaim", "Pod"),
    ("io.k8s.api.apps.v1.DeploymentStrategy", "type"): ("Recreate", "RollingUpdate"),
    ("io.k8s.api.apps.v1.StatefulSetSpec", "podManagementPolicy"): ("OrderedReady", "Parallel"),
    ("io.k8s.api.autoscaling.v2.HPAScalingPolicy", "type"): ("Percent", "Pods"),
    ("io.k8s.api.autoscaling.v2.HPAScalingRules", "selectPolicy"): ("Disabled", "Max", "Min"),
    ("io.k8s.api.autoscaling.v2.MetricSpec", "type"): ("ContainerResource", "External", "Object", "Pods", "Resource"),
    ("io.k8s.api.autoscaling.v2.MetricTarget", "type"): ("AverageValue", "Utilization", "Value"),
    ("io.k8s.api.batch.v1.CronJobSpec", "concurrencyPolicy"): ("Allow", "Forbid", "Replace"),
    ("io.k8s.api.batch.v1.JobSpec", "completionMode"): ("Indexed", "NonIndexed"),
    ("io.k8s.api.networking.v1.NetworkPolicyPort", "protocol"): _PROTOCOLS,
    ("io.k8s.api.policy.v1.PodDisruptionBudgetSpec", "unhealthyPodEvictionPolicy"): (
        "AlwaysAllow",
        "IfHealthyBudget",
    ),
    ("io.k8s.api.rbac.v1.RoleRef", "kind"): ("ClusterRole", "Role"),
    ("io.k8s.api.rbac.v1.Subject", "kind"): ("Group", "ServiceAccount", "User"),
    ("io.k8s.api.scheduling.v1.PriorityClass", "preemptionPolicy"): ("Never", "PreemptLowerPriority"),
    ("io.k8s.api.storage.v1.StorageClass", "reclaimPolicy"): ("Delete", "Retain"),
    ("io.k8s.api.storage.v1.StorageClass", "volumeBindingMode"): ("Immediate", "WaitForFirstConsumer"),
    ("io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec", "failurePolicy"): ("Fail", "Ignore"),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement", "operator"): _SELECTOR_OPERATORS,
}
_LISTS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    (f"{_CORE}.PersistentVolumeClaimSpec", "accessModes"): (
        "ReadOnlyMany",
        "ReadWriteMany",
        "ReadWriteOnce",
        "ReadWriteOncePod",
    ),
    ("io.k8s.api.networking.v1.NetworkPolicySpec", "policyTypes"): ("Egress", "Ingress"),
    ("io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec", "validationActions"): (
        "Audit",
        "Deny",
        "Warn",
    ),
}
_QUANTITY: Final = "io.k8s.apimachinery.pkg.api.resource.Quantity"
QUANTITY_FORM: Final = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"


def lay_over(definitions: dict[str, Any]) -> None:
    """Adds the choices to freshly read definitions, in place. Fields that a version lacks are passed over."""
    for (name, field), choices in _CHOICES.items():
        if (schema := definitions.get(name, {}).get("properties", {}).get(field)) is not None:
            schema["enum"] = [*choices, None]
    for (name, field), choices in _LISTS.items():
        if (schema := definitions.get(name, {}).get("properties", {}).get(field)) is not None:
            schema["items"] = {"enum": list(choices)}
    if (quantity := definitions.get(_QUANTITY)) is not None:
        quantity["pattern"] = QUANTITY_FORM
