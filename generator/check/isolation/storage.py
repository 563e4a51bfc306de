"""Which volumes tenants have, what their pods mount, and what they reach of their node.

A leak is
- a volume, snapshot or claim that two tenants share or that reaches into another namespace: one handle behind two
  volumes, a claim on another's volume, a data source or a ReferenceGrant across namespaces;
- pods of a tenant with a path of their node, its processes, or privileges over it (its network is network.py's);
- pods that mount or read a Secret, ConfigMap or claim that is kept in their namespace for another tenant;
- a Restore of Velero's that brings one tenant's namespace back as another's.

Accepted: ephemeral volumes; tokens of a pod's own account, whatever their audience, for they say whose they are; pods
of a tenant's own namespace with whatever Secret or ConfigMap is in it. Buckets are buckets.py's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from generator.check.fields import field, items, mapping, string
from generator.check.index import Index
from generator.check.isolation.leaks import Leak
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.check.pods import Pods
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

VOLUME: Final = Code(
    "ISO083",
    "tenants share a volume",
    "What one tenant writes to it, the other reads.",
)
NODE: Final = Code(
    "ISO084",
    "a tenant's pods reach into their node",
    "On the node are the volumes, Secrets and processes of every tenant whose pods it runs.",
)
MOUNTED: Final = Code(
    "ISO085",
    "pods read what is kept for another tenant",
    "Its password or data is in their hands.",
)

_HANDLES: Final[tuple[Pointer, ...]] = (
    ("spec", "csi", "volumeHandle"),
    ("spec", "hostPath", "path"),
    ("spec", "local", "path"),
    ("spec", "awsElasticBlockStore", "volumeID"),
    ("spec", "gcePersistentDisk", "pdName"),
    ("spec", "azureDisk", "diskURI"),
    ("spec", "nfs", "path"),
    ("spec", "source", "snapshotHandle"),
    ("spec", "source", "volumeHandle"),
)
_OWN_VOLUME: Final = "give each tenant a volume of its own"


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every volume, claim, snapshot and restore, and all pods."""
    for parts in (_volumes, _claims, _grants, _restores):
        for leak in parts(index, tenants):
            yield leak.diagnostic()
    for pods in index.workloads:
        if pods.known:
            for leak in (*_node(tenants, pods), *_mounted(index, tenants, pods)):
                yield leak.diagnostic()


def _volumes(index: Index, tenants: Tenants) -> Iterator[Leak]:
    """Volumes that lie on one disk, whoever they are bound to."""
    first: dict[tuple[str, str], tuple[str, Rendered, Pointer]] = {}
    objects = (*index.of("", "PersistentVolume"), *index.of("snapshot.storage.k8s.io", "VolumeSnapshotContent"))
    for volume in objects:
        namespace = string(volume.data, "spec", "claimRef", "namespace") or string(
            volume.data, "spec", "volumeSnapshotRef", "namespace"
        )
        owner = tenants.owners.get(namespace) or tenants.labelled(volume)
        if owner and string(volume.data, "spec", "hostPath", "path"):
            closed = "take a storage class that makes volumes"
            target = "the files of every node"
            yield Leak(NODE, f"tenant {owner}", target, "its volume is a path of the node", volume, _HANDLES[1], closed)
        for at in _HANDLES:
            if handle := string(volume.data, *at):
                key = (string(volume.data, "spec", "nfs", "server"), handle)
                other, related, place = first.setdefault(key, (owner, volume, at))
                if other != owner:
                    shared = ((f"{_who(other)} has it here", related, place),)
                    yield Leak(
                        VOLUME, _who(owner), f"the disk of {_who(other)}", f"both volumes are {handle}", volume, at,
                        _OWN_VOLUME, "reads", shared,
                    )  # fmt: skip


def _claims(index: Index, tenants: Tenants) -> Iterator[Leak]:
    volumes = {volume.name: volume for volume in index.of("", "PersistentVolume")}
    first: dict[str, Rendered] = {}
    for claim in index.of("", "PersistentVolumeClaim"):
        own = tenants.owner(claim)
        if name := string(claim.data, "spec", "volumeName"):
            other = first.setdefault(name, claim)
            bound = string(volumes[name].data, "spec", "claimRef", "namespace") if name in volumes else ""
            of = tenants.owners.get(bound, "") if bound else tenants.owner(other)
            if of != own:
                at: Pointer = ("spec", "volumeName")
                related = ((f"{_who(of)} has it here", volumes[name] if bound else other, ("metadata", "name")),)
                yield Leak(
                    VOLUME,
                    _who(own),
                    f"the volume {name} of {_who(of)}",
                    "the claim names it",
                    claim,
                    at,
                    _OWN_VOLUME,
                    "reads",
                    related,
                )
        source = string(claim.data, "spec", "dataSourceRef", "namespace")
        if source and source != claim.namespace and (own or source in tenants.owners):
            at = ("spec", "dataSourceRef", "namespace")
            of = tenants.owners.get(source, "")
            yield Leak(
                VOLUME,
                _who(own),
                f"a copy of what is in {source}, {_who(of)}'s",
                "the claim is filled from there",
                claim,
                at,
                "fill it from the tenant's own snapshot",
                "reads",
            )


def _grants(index: Index, tenants: Tenants) -> Iterator[Leak]:
    for grant in index.of("gateway.networking.k8s.io", "ReferenceGrant"):
        own = tenants.owner(grant)
        for at, entry in items(grant.data, "spec", "from"):
            other = tenants.owners.get(string(entry, "namespace"), "")
            if other != own:
                place = (*at, "namespace")
                through = f"{grant.label} lets {string(entry, 'kind')} objects there name them"
                yield Leak(VOLUME, _who(other), f"objects of {_who(own)}", through, grant, place, "take the entry out")


def _restores(index: Index, tenants: Tenants) -> Iterator[Leak]:
    for restore in index.of("velero.io", "Restore"):
        for source, target in mapping(restore.data, "spec", "namespaceMapping").items():
            one, other = (
                tenants.owners.get(source, ""),
                tenants.owners.get(target, "") if isinstance(target, str) else "",
            )
            if one != other:
                at = ("spec", "namespaceMapping", source)
                yield Leak(
                    VOLUME,
                    _who(other),
                    f"the backup of {source}, {_who(one)}'s",
                    "the restore maps the namespaces so",
                    restore,
                    at,
                    "restore a namespace as itself",
                    "gets",
                )


def _node(tenants: Tenants, pods: Pods) -> Iterator[Leak]:
    own = tenants.owner(pods.owner)
    if not own:
        return
    origin, target = f"pods of tenant {own}", "other tenants' pods on the node"
    closed = "leave it out: a tenant's pods need nothing of their node"
    base = (*pods.at, "spec")
    for name in ("hostPID", "hostIPC"):
        if field(pods.spec, name) is True:
            yield Leak(NODE, origin, target, f"{pods.owner.label} sets {name}", pods.owner, (*base, name), closed)
    for at, volume in items(pods.spec, "volumes"):
        if isinstance(field(volume, "hostPath"), dict):
            through = f"{pods.owner.label} mounts a path of the node"
            yield Leak(NODE, origin, target, through, pods.owner, (*base, *at, "hostPath"), closed, key=True)
    for at, container in pods.containers():
        if field(container, "securityContext", "privileged") is True:
            through = f"{pods.owner.label} is privileged"
            yield Leak(NODE, origin, target, through, pods.owner, (*at, "securityContext", "privileged"), closed)


def _mounted(index: Index, tenants: Tenants, pods: Pods) -> Iterator[Leak]:
    if pods.owner.namespace in tenants.owners:
        return  # All there is its tenant's, and pods read only what is in their namespace.
    for at, kind, name in _references(pods):
        leak = foreign(index, tenants, pods.owner, at, kind, name)
        if leak is not None:
            yield leak


def foreign(index: Index, tenants: Tenants, owner: Rendered, at: Pointer, kind: str, name: str) -> Leak | None:
    """The leak where the pods that `owner` starts read a Secret, ConfigMap or claim of a tenant that they are not of;
    `at` is where it names it."""
    own = tenants.owner(owner)
    maker = index.get("", kind, owner.namespace, name)
    other = tenants.owner(maker) if maker is not None else ""
    if maker is None or other in {"", own}:
        return None
    return Leak(
        MOUNTED,
        f"pods of tenant {own}" if own else f"pods of {owner.label}, with which all tenants are served,",
        f"the {kind} {name} of tenant {other}",
        f"{owner.label} names it",
        owner,
        at,
        "read it in the tenant's own pods, or make one of the platform's",
        "read",
        ((f"it is made for tenant {other} here", maker, ("metadata", "name")),),
    )


def _references(pods: Pods) -> Iterator[tuple[Pointer, str, str]]:
    """Every Secret, ConfigMap and claim that pods name: place of the name, kind, name."""
    base: Pointer = (*pods.at, "spec")
    for at, volume in items(pods.spec, "volumes"):
        yield from sources((*base, *at), volume)
        for place, source in items(volume, "projected", "sources"):
            yield from sources((*base, *at, *place), source)
    for at, container in pods.containers():
        for place, variable in items(container, "env"):
            for key, kind in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
                if name := string(variable, "valueFrom", key, "name"):
                    yield (*at, *place, "valueFrom", key, "name"), kind, name
        for place, source in items(container, "envFrom"):
            for key, kind in (("secretRef", "Secret"), ("configMapRef", "ConfigMap")):
                if name := string(source, key, "name"):
                    yield (*at, *place, key, "name"), kind, name


def sources(at: Pointer, volume: Any) -> Iterator[tuple[Pointer, str, str]]:
    """What a volume, or a source of a projected one, is made from: place of the name, kind, name."""
    for path, kind in (
        (("secret", "secretName"), "Secret"),
        (("secret", "name"), "Secret"),
        (("configMap", "name"), "ConfigMap"),
        (("persistentVolumeClaim", "claimName"), "PersistentVolumeClaim"),
    ):
        if name := string(volume, *path):
            yield (*at, *path), kind, name


def _who(tenant: str) -> str:
    return f"tenant {tenant}" if tenant else "the platform"
