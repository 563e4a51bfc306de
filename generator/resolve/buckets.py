"""Object buckets on a cell: their names, where they are reached, and what keeps them locked.

A bucket is a bucket of S3 or Google. On Azure it is a container in a storage account of the region: one account holds
a platform's buckets, and a second one those that are locked, since a lock with a time is a property of an account
there (a container's own would be a resource that Azure Service Operator does not have).
"""

from __future__ import annotations

import json
from typing import Any

from generator.model.cell import Cluster
from generator.model.data import PlacedBucket, StorageAccount, storage_account
from generator.model.names import fit
from generator.model.platform import Platform


def bucket_name(platform: str, bucket: str, cluster: str) -> str:
    """A platform's bucket on a cell, at the provider."""
    return fit(f"{platform}-{bucket}-{cluster}")


def bucket_url(cluster: Cluster, owner: str, name: str, *, locked: bool = False) -> str:
    """Where a bucket is reached: `s3://…`, `gs://…`, or `https://…` in a storage account of the owner (Azure)."""
    match cluster.provider.name:
        case "azure":
            return f"https://{account_name(cluster, owner, locked=locked)}.blob.core.windows.net/{name}"
        case "gcp":
            return f"gs://{name}"
        case _:
            return f"s3://{name}"


def account_name(cluster: Cluster, owner: str, *, locked: bool) -> str:
    """The storage account of an owner in the region of a cell; "" where the provider has none."""
    if cluster.provider.name != "azure":
        return ""
    return storage_account(f"{owner}-locked" if locked else owner, cluster.region.label)


def place_buckets(platform: Platform, cluster: Cluster, *, audit: int, backups: int) -> tuple[PlacedBucket, ...]:
    """A platform's buckets on a cell; `audit` and `backups` are how long what is locked or expires is kept, in days."""
    made = []
    for bucket in platform.data.buckets if platform.data else ():
        name = bucket_name(platform.name, bucket.name, cluster.name)
        locked, expires = audit if bucket.locked else 0, backups if bucket.expires else 0
        url = bucket_url(cluster, platform.namespace, name, locked=bucket.locked)
        made.append(PlacedBucket(bucket, name, url, locked, expires, bucket_policy(name, locked)))
    return tuple(made)


def storage_accounts(
    platform: Platform, cluster: Cluster, buckets: tuple[PlacedBucket, ...], audit: int
) -> tuple[StorageAccount, ...]:
    """The accounts that hold a platform's buckets in the region of a cell, where the provider has such.

    The locked one is always there: it also holds the audit records of tenants.
    """
    if not cluster.region.resource_group:
        return ()
    return tuple(
        StorageAccount(
            name=account_name(cluster, platform.namespace, locked=locked),
            locked_days=audit if locked else 0,
            buckets=tuple(each for each in buckets if each.bucket.locked is locked),
        )
        for locked in (False, True)
    )


def bucket_policy(name: str, locked_days: int) -> str:
    """An AWS bucket policy as JSON: TLS only and, where objects are locked, none is written with a shorter lock.

    The bucket's own default retention is no field of ACK's Bucket, so the policy asks each writer for it.
    """
    resources = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    statements: list[dict[str, Any]] = [
        {"Sid": "tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources,
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    ]  # fmt: skip
    if locked_days:
        days = "s3:object-lock-remaining-retention-days"
        put = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": resources[1]}
        statements += [
            {"Sid": "locked", **put, "Condition": {"Null": {days: "true"}}},
            {"Sid": "long", **put, "Condition": {"NumericLessThan": {days: str(locked_days)}}},
        ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
