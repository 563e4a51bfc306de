"""The stores of a platform's data: PostgreSQL, Redis, ClickHouse, Elasticsearch and object buckets.

Figures come from `spec.data` of platforms/<name>.yaml: A2Z SOC "Database Layer", "Data Storage", "Advanced PostgreSQL
Configuration" and "Backup & Recovery Strategy"; OAMS "Database Isolation Strategy" and "Backup Configuration".
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from msgspec import Struct

from generator.model.container import Amount, Image
from generator.model.names import fit

ACCOUNT_LIMIT: Final = 24
"""An Azure storage account's name: letters and digits only."""


def storage_account(owner: str, label: str) -> str:
    """The owner and a region's label without hyphens; a digest ends a name that would be too long."""
    name = re.sub(r"[^a-z0-9]", "", owner + label)
    if len(name) <= ACCOUNT_LIMIT:
        return name
    return name[: ACCOUNT_LIMIT - 8] + hashlib.sha256(name.encode()).hexdigest()[:8]


class Size(Struct, frozen=True):
    """How large a store is: `instances` pods (of a shard, where there are shards), what each asks for and may use, and
    the volume of each, a quantity. `storage` is "" for a store without a volume."""

    instances: int
    requests: Amount
    limits: Amount
    storage: str


class Postgres(Struct, frozen=True):
    """The PostgreSQL clusters of a platform, and the PgBouncer before each.

    `schedule` is a cron of six fields, seconds first (CloudNativePG). `storage_class` is one of the provider's.
    `role_prefix` and the tenant's name with `_` for `-` make the name of its database and of its role; `group` is the
    role that all tenants' roles are in. The sidecar is the backup plugin's, in every instance. `secret` is the
    tenant's secret that holds the role's `password`.
    `operator` is the namespace of the operator.
    """

    image: Image
    pooler_image: Image
    storage_class: str
    shared: Size
    dedicated: Size
    sidecar_requests: Amount
    sidecar_limits: Amount
    pooler: Size
    pool_mode: str
    pool_parameters: dict[str, str]
    parameters: dict[str, str]
    schedule: str
    role_prefix: str
    group: str
    secret: str
    operator: str


class Dumps(Struct, frozen=True):
    """The dump of each pooled tenant's database: the image has pg_dump and the provider's command line.

    `every` is in hours, `deadline` in seconds; `scratch` is the room for one dump, a quantity.
    """

    image: Image
    every: int
    deadline: int
    scratch: str
    requests: Amount
    limits: Amount


class Events(Struct, frozen=True):
    """The shared table of security events: in how many partitions, made by a Job of this size."""

    partitions: int
    requests: Amount
    limits: Amount


class Store(Struct, frozen=True):
    """Redis, ClickHouse or Elasticsearch. `version` is what its operator is told, `heap` the options of the JVM;
    each is "" where the store has none. `secret` holds the `password` of its application, "" where the operator makes
    one. `operator` is the namespace of the operator."""

    image: Image
    version: str
    shards: int
    size: Size
    storage_class: str
    heap: str
    secret: str
    operator: str


class Tiering(Struct, frozen=True):
    """After `days`, an object moves to `storage`: "infrequent", "archive"."""

    days: int
    storage: str


class Bucket(Struct, frozen=True):
    """One bucket of a platform, by what it is for. `automatic` moves objects by how they are used. What is `locked`
    nobody deletes or changes before the longest retention of audit records ends. What `expires` goes when the longest
    retention of backups ends."""

    name: str
    transitions: tuple[Tiering, ...]
    automatic: tuple[Tiering, ...]
    locked: bool
    expires: bool


class Data(Struct, frozen=True):
    """All stores of a platform; None stands for a store that it does not have. `backups` and `dumped` name the buckets
    that PostgreSQL's own backups and the tenants' dumps go to."""

    namespace: str
    postgres: Postgres
    dumps: Dumps
    events: Events | None
    redis: Store | None
    clickhouse: Store | None
    elasticsearch: Store | None
    buckets: tuple[Bucket, ...]
    backups: str
    dumped: str


class PlacedBucket(Struct, frozen=True):
    """A bucket on a cell: its name at the provider, its URL there (`s3://…`, `gs://…`, `https://…`), how long what is
    locked is kept and when what expires goes (days), and the bucket policy as JSON (AWS)."""

    bucket: Bucket
    name: str
    url: str
    locked_days: int
    expires_days: int
    policy: str


class StorageAccount(Struct, frozen=True):
    """An Azure storage account of a platform in a region, and the buckets that are containers in it. What is written to
    one with `locked_days` can be neither deleted nor changed for that long."""

    name: str
    locked_days: int
    buckets: tuple[PlacedBucket, ...]

    @property
    def tracks_access(self) -> bool:
        """Whether objects of it move by when they were last read, which Azure must be told to write down."""
        return any(placed.bucket.automatic for placed in self.buckets)

    @property
    def moving(self) -> tuple[PlacedBucket, ...]:
        """The buckets whose objects move or go by themselves."""
        return tuple(
            each for each in self.buckets if each.bucket.transitions or each.bucket.automatic or each.bucket.expires
        )


class PlacedData(Struct, frozen=True):
    """A platform's data on a cell: its buckets, the Azure storage accounts that they stand in (none elsewhere, or where
    the region names no resource group for them), where its shared PostgreSQL cluster is backed up to and for how many
    days."""

    buckets: tuple[PlacedBucket, ...]
    accounts: tuple[StorageAccount, ...]
    backups: str
    days: int


class TenantData(Struct, frozen=True):
    """A tenant's database on a cell. `role` is the name of the role and of the database, `object` of their objects.

    `own` is whether the tenant has a PostgreSQL cluster of its own. `backups` is where that is backed up to;
    `dumps` is where a pooled tenant's dumps go and `dump_schedule` when, spread over the hour. `host` is where a pooled
    tenant's database is read from for its dumps. `exports` is the bucket that exports of its data go to, "" where the
    platform makes none, and `exports_account` the storage account that this is a container of (Azure).
    """

    role: str
    object: str
    own: bool
    backups: str
    dumps: str
    dump_schedule: str
    host: str
    exports: str
    exports_account: str


class Backup(Struct, frozen=True):
    """Velero on every cell (fleet.yaml): when (cron of five fields, UTC), how long it is kept (a Go duration), and the
    first part of the bucket's name."""

    schedule: str
    ttl: str
    bucket: str

    def bucket_on(self, cluster: str) -> str:
        """The bucket of a cell."""
        return fit(f"{self.bucket}-{cluster}")

    def account_on(self, label: str) -> str:
        """The Azure storage account that holds the buckets of a region, by the region's label."""
        return storage_account(self.bucket, label)
