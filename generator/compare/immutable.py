"""Fields that the API server refuses to change in an object that exists, as data.

The core kinds' are those of the API server's update validation (Kubernetes 1.33 to 1.37); the custom resources' those
of `self == oldSelf` in their definitions, or of their operators' admission webhooks, where the note says so.
tests/compare/test_immutable.py compares the former with the definitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from msgspec import Struct

Way: TypeAlias = tuple[str, ...]


class Rule(Struct, frozen=True):
    """One field of a kind. It may not change, apart from what stands at the ways of `free` below it.

    `grows`: a quantity that may become larger and not smaller. `default` is what the API server puts in when the field
    is absent, `filled` what it puts in below it. `once`: an absent field may be set, and is fixed from then on. `where`
    must hold in the object before the change, `unless` on neither side: (way, value) pairs. `remedy` says what to do
    instead, where that is more than deleting the object and making it again.
    """

    way: Way
    free: tuple[Way, ...] = ()
    grows: bool = False
    once: bool = False
    default: Any = None
    filled: tuple[tuple[str, Any], ...] = ()
    where: tuple[Way, Any] | None = None
    unless: tuple[Way, Any] | None = None
    remedy: str = ""


def _fixed(*ways: str, once: bool = False, remedy: str = "") -> tuple[Rule, ...]:
    """Rules for fields of plain ways: `spec.selector`."""
    return tuple(Rule(tuple(way.split(".")), once=once, remedy=remedy) for way in ways)


_RENAME: Final = "give the object a new name, so that the new one comes before the old one goes"
_ORPHAN: Final = "delete it with --cascade=orphan, so that its pods and volumes stay, and let Argo CD make it again"
_GROW: Final = "volumes only grow: restore into a new, smaller one, and remove the old one afterwards"
_FROZEN: Final = (("immutable",), True)
_EXTERNAL: Final = (("spec", "type"), "ExternalName")
_SOURCES: Final = (
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "csi",
    "fc",
    "flexVolume",
    "gcePersistentDisk",
    "glusterfs",
    "hostPath",
    "iscsi",
    "local",
    "nfs",
    "portworxVolume",
    "rbd",
    "vsphereVolume",
)
_STATEFUL_SET_FREE: Final = (
    "minReadySeconds",
    "ordinals",
    "persistentVolumeClaimRetentionPolicy",
    "replicas",
    "revisionHistoryLimit",
    "template",
    "updateStrategy",
)
_FROZEN_DATA: Final = tuple(Rule((name,), where=_FROZEN, remedy=_RENAME) for name in ("data", "immutable"))

IMMUTABLE: Final[Mapping[tuple[str, str], tuple[Rule, ...]]] = {
    ("", "ConfigMap"): (*_FROZEN_DATA, Rule(("binaryData",), where=_FROZEN, remedy=_RENAME)),
    ("", "PersistentVolume"): tuple(Rule(("spec", source)) for source in _SOURCES),
    ("", "PersistentVolumeClaim"): (
        Rule(
            ("spec",),
            free=(("resources", "requests"), ("volumeAttributesClassName",), ("volumeName",)),
            filled=(("volumeMode", "Filesystem"),),
        ),
        Rule(("spec", "resources", "requests", "storage"), grows=True, remedy=_GROW),
    ),
    ("", "ResourceQuota"): _fixed("spec.scopes"),
    ("", "Secret"): (
        Rule(("type",), default="Opaque"),
        *_FROZEN_DATA,
        Rule(("stringData",), where=_FROZEN, remedy=_RENAME),
    ),
    ("", "Service"): (
        Rule(("spec", "clusterIP"), once=True, unless=_EXTERNAL),
        Rule(("spec", "clusterIPs", "0"), once=True, unless=_EXTERNAL),
        Rule(("spec", "ipFamilies", "0"), once=True, unless=_EXTERNAL),
    ),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _fixed(
        "spec.group", "spec.scope", "spec.names.plural", "spec.names.kind"
    ),
    ("apps", "DaemonSet"): _fixed("spec.selector", remedy=_RENAME),
    ("apps", "Deployment"): _fixed("spec.selector", remedy=_RENAME),
    ("apps", "ReplicaSet"): _fixed("spec.selector", remedy=_RENAME),
    ("apps", "StatefulSet"): (Rule(("spec",), free=tuple((name,) for name in _STATEFUL_SET_FREE), remedy=_ORPHAN),),
    ("batch", "Job"): (
        *_fixed("spec.selector", "spec.template", "spec.podFailurePolicy", "spec.successPolicy", remedy=_RENAME),
        *_fixed("spec.backoffLimitPerIndex", "spec.managedBy", remedy=_RENAME),
        Rule(("spec", "completionMode"), default="NonIndexed", remedy=_RENAME),
        Rule(("spec", "completions"), unless=(("spec", "completionMode"), "Indexed"), remedy=_RENAME),
    ),
    ("discovery.k8s.io", "EndpointSlice"): _fixed("addressType"),
    ("networking.k8s.io", "IngressClass"): _fixed("spec.controller"),
    ("node.k8s.io", "RuntimeClass"): _fixed("handler"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): _fixed("roleRef", remedy=_RENAME),
    ("rbac.authorization.k8s.io", "RoleBinding"): _fixed("roleRef", remedy=_RENAME),
    ("scheduling.k8s.io", "PriorityClass"): (
        Rule(("value",), default=0),
        Rule(("preemptionPolicy",), default="PreemptLowerPriority"),
    ),
    ("storage.k8s.io", "StorageClass"): (
        Rule(("parameters",), remedy=_RENAME),
        Rule(("provisioner",), remedy=_RENAME),
        Rule(("reclaimPolicy",), default="Delete", remedy=_RENAME),
        Rule(("volumeBindingMode",), default="Immediate", remedy=_RENAME),
    ),
    ("storage.k8s.io", "VolumeAttributesClass"): _fixed("driverName", "parameters", remedy=_RENAME),
    # Custom resources. A rule on a field that may be left out does not see it come: such fields may be set once.
    ("argoproj.io", "Rollout"): _fixed("spec.selector", once=True, remedy=_RENAME),
    ("karpenter.sh", "NodePool"): _fixed(
        "spec.template.spec.nodeClassRef.group", "spec.template.spec.nodeClassRef.kind", remedy=_RENAME
    ),
    ("kms.services.k8s.aws", "Key"): _fixed(
        "spec.customKeyStoreID",
        "spec.description",
        "spec.keySpec",
        "spec.keyUsage",
        "spec.multiRegion",
        "spec.origin",
        once=True,
    ),
    ("postgresql.cnpg.io", "Cluster"): (
        *_fixed("spec.serviceAccountName", once=True),
        # By the operator's webhook.
        Rule(("spec", "storage", "size"), grows=True, remedy=_GROW),
        Rule(("spec", "walStorage", "size"), grows=True, remedy=_GROW),
    ),
    ("postgresql.cnpg.io", "Database"): _fixed(
        "spec.builtinLocale",
        "spec.collationVersion",
        "spec.encoding",
        "spec.icuLocale",
        "spec.icuRules",
        "spec.locale",
        "spec.localeCType",
        "spec.localeCollate",
        "spec.localeProvider",
        "spec.name",
        "spec.template",
        once=True,
        remedy="make a second database and move the data",
    ),
    ("postgresql.cnpg.io", "DatabaseRole"): _fixed("spec.name", "spec.cluster", once=True),
    ("postgresql.cnpg.io", "Pooler"): _fixed("spec.serviceAccountName", once=True),
    ("rds.services.k8s.aws", "DBInstance"): _fixed("spec.availabilityZone", once=True),
    ("s3.services.k8s.aws", "Bucket"): _fixed("spec.name", once=True, remedy="make a second bucket and move the data"),
}
"""(group, kind) → its rules."""
