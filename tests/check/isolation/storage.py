"""Ways to break where tenants' data lies and what their pods mount."""

from __future__ import annotations

import json
from typing import Any

from tests.check.isolation.mutation import Cell, Mutation

CELL = "aws-us-west-2-prod-1"
DUMP = ("CronJob", "tenant-oldmill", "database-dump")
EXPORT = ("Job", "tenant-oldmill", "final-export")
STORE = ("ObjectStore", "tenant-brightfiles", "postgres")
AUDIT = ("Bucket", "a2z-soc", "audit-record-saint-orin")
VOLUME = """
apiVersion: v1
kind: PersistentVolume
metadata: {name: %s}
spec:
  claimRef: {namespace: %s, name: data}
  csi: {driver: ebs.csi.aws.com, volumeHandle: vol-1}
"""
CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: tenant-oldmill, labels: {tenantry.dev/tenant: oldmill}}
spec: %s
"""


def pod(cell: Cell) -> Any:
    return cell.spec(*DUMP)["jobTemplate"]["spec"]["template"]["spec"]


def variable(cell: Cell, of: tuple[str, str, str], name: str, value: str) -> None:
    spec = pod(cell) if of is DUMP else cell.spec(*of)["template"]["spec"]
    next(each for each in spec["containers"][0]["env"] if each["name"] == name)["value"] = value


def destination(cell: Cell, path: str) -> None:
    cell.spec(*STORE)["configuration"]["destinationPath"] = f"s3://oams-backups-{CELL}/{path}"


def backups_of_all(cell: Cell) -> None:
    destination(cell, "shared")


def backups_of_another(cell: Cell) -> None:
    destination(cell, "tenants/pixelpress")


def backups_at_the_root(cell: Cell) -> None:
    destination(cell, "")


def shared_backups_over_all(cell: Cell) -> None:
    path = f"s3://oams-backups-{CELL}/tenants"
    cell.spec("ObjectStore", "oams-data", "postgres")["configuration"]["destinationPath"] = path


def dumps_of_another(cell: Cell) -> None:
    variable(cell, DUMP, "DUMP_URL", f"s3://a2z-soc-dumps-{CELL}/tenants/deltagrid")


def export_without_a_prefix(cell: Cell) -> None:
    variable(cell, EXPORT, "EXPORT_PREFIX", "")


def export_to_another(cell: Cell) -> None:
    variable(cell, EXPORT, "EXPORT_PREFIX", "tenants/deltagrid/")


def velero_in_the_dumps(cell: Cell) -> None:
    location = cell.spec("BackupStorageLocation", "velero", "default")
    location["objectStorage"]["bucket"] = f"a2z-soc-dumps-{CELL}"


def argument_of_another(cell: Cell) -> None:
    cell.spec(*EXPORT)["template"]["spec"]["containers"][0]["args"].append("--from=tenants/deltagrid/")


def public_bucket(cell: Cell) -> None:
    cell.spec(*AUDIT)["publicAccessBlock"]["blockPublicPolicy"] = False


def policy(cell: Cell, principal: object) -> None:
    spec = cell.spec(*AUDIT)
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"}
    spec["policy"] = json.dumps({"Statement": [*json.loads(spec["policy"])["Statement"], statement]})


def policy_for_another(cell: Cell) -> None:
    policy(cell, {"AWS": ["arn:aws:iam::111122223333:role/tenant-oldmill"]})


def policy_for_itself(cell: Cell) -> None:
    policy(cell, {"AWS": "arn:aws:iam::111122223333:role/tenant-saint-orin"})


def policy_for_everybody(cell: Cell) -> None:
    policy(cell, "*")


def policy_that_is_no_json(cell: Cell) -> None:
    cell.spec(*AUDIT)["policy"] = "{"


def one_disk(cell: Cell) -> None:
    cell.add("cluster/volumes.yaml", VOLUME % ("one", "tenant-oldmill") + "---" + VOLUME % ("two", "tenant-deltagrid"))


def claim_of_another(cell: Cell) -> None:
    cell.add("cluster/volumes.yaml", VOLUME % ("one", "tenant-deltagrid"))
    cell.add("tenants/oldmill/tenancy/claims.yaml", CLAIM % "{volumeName: one}")


def filled_from_another(cell: Cell) -> None:
    source = "{dataSourceRef: {kind: PersistentVolumeClaim, name: data, namespace: tenant-deltagrid}}"
    cell.add("tenants/oldmill/tenancy/claims.yaml", CLAIM % source)


def node_path(cell: Cell) -> None:
    pod(cell)["volumes"].append({"name": "node", "hostPath": {"path": "/var/lib/kubelet"}})


def node_processes(cell: Cell) -> None:
    pod(cell)["hostPID"] = True


def privileged(cell: Cell) -> None:
    pod(cell)["containers"][0]["securityContext"]["privileged"] = True


def others_secret(cell: Cell) -> None:
    job = cell.spec("Job", "a2z-soc-data", "security-events")
    secret = {"name": "role", "secret": {"secretName": "a2z-tenant-deltagrid"}}
    job["template"]["spec"]["volumes"].append(secret)


def reference_grant(cell: Cell) -> None:
    text = """
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: shared, namespace: tenant-oldmill, labels: {tenantry.dev/tenant: oldmill}}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: tenant-deltagrid}]
  to: [{group: "", kind: Secret}]
"""
    cell.add("tenants/oldmill/tenancy/grants.yaml", text)


def restore(cell: Cell) -> None:
    text = """
apiVersion: velero.io/v1
kind: Restore
metadata: {name: again, namespace: velero}
spec: {namespaceMapping: {tenant-oldmill: tenant-deltagrid}}
"""
    cell.add("cluster/restores.yaml", text)


IN_STORE = ("ISO081 ObjectStore tenant-brightfiles/postgres",)
IN_DUMP = ("ISO081 CronJob tenant-oldmill/database-dump",)
IN_EXPORT = ("ISO081 Job tenant-oldmill/final-export",)
IN_AUDIT = ("ISO082 Bucket a2z-soc/audit-record-saint-orin",)
MUTATIONS = (
    Mutation("backups among those of all tenants", CELL, backups_of_all, IN_STORE),
    Mutation(
        "backups among those of another tenant",
        CELL,
        backups_of_another,
        IN_STORE,
        "tenants/pixelpress of tenant pixelpress",
    ),
    Mutation("backups at the root of the bucket", CELL, backups_at_the_root, IN_STORE),
    Mutation(
        "shared backups around those of a tenant",
        CELL,
        shared_backups_over_all,
        ("ISO081 ObjectStore oams-data/postgres",),
    ),
    Mutation("dumps among those of another tenant", CELL, dumps_of_another, IN_DUMP),
    Mutation("an export without a prefix", CELL, export_without_a_prefix, IN_EXPORT),
    Mutation("an export among those of another tenant", CELL, export_to_another, IN_EXPORT),
    Mutation(
        "backups of the cell around the dumps of tenants",
        CELL,
        velero_in_the_dumps,
        ("ISO081 BackupStorageLocation velero/default",),
    ),
    Mutation("an argument that names another tenant's path", CELL, argument_of_another, IN_EXPORT),
    Mutation("a bucket that may be public", CELL, public_bucket, IN_AUDIT),
    Mutation("a bucket for another tenant's identity", CELL, policy_for_another, IN_AUDIT, "tenant oldmill can reach"),
    Mutation("a bucket for its own tenant's identity", CELL, policy_for_itself, ()),
    Mutation("a bucket for everybody", CELL, policy_for_everybody, IN_AUDIT),
    Mutation("a bucket whose policy cannot be read", CELL, policy_that_is_no_json, IN_AUDIT),
    Mutation("two volumes on one disk", CELL, one_disk, ("ISO083 PersistentVolume two",)),
    Mutation(
        "a claim on another tenant's volume",
        CELL,
        claim_of_another,
        ("ISO083 PersistentVolumeClaim tenant-oldmill/data",),
    ),
    Mutation(
        "a claim filled from another tenant's",
        CELL,
        filled_from_another,
        ("ISO083 PersistentVolumeClaim tenant-oldmill/data",),
    ),
    Mutation("pods with a path of their node", CELL, node_path, ("ISO084 CronJob tenant-oldmill/database-dump",)),
    Mutation(
        "pods among the processes of their node", CELL, node_processes, ("ISO084 CronJob tenant-oldmill/database-dump",)
    ),
    Mutation("privileged pods", CELL, privileged, ("ISO084 CronJob tenant-oldmill/database-dump",)),
    Mutation("pods with another tenant's secret", CELL, others_secret, ("ISO085 Job a2z-soc-data/security-events",)),
    Mutation(
        "a grant to another tenant's routes", CELL, reference_grant, ("ISO083 ReferenceGrant tenant-oldmill/shared",)
    ),
    Mutation("a restore of one tenant as another", CELL, restore, ("ISO083 Restore velero/again",)),
)
