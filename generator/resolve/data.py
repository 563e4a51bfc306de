"""`spec.data` of a platform → its stores, and what they are called on a cell and for a tenant."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from msgspec import Struct

from generator.diagnostics import Diagnostic
from generator.model.cell import Cluster
from generator.model.container import Image
from generator.model.data import (
    Backup,
    Bucket,
    Data,
    Dumps,
    Events,
    PlacedData,
    Postgres,
    Size,
    Store,
    TenantData,
    Tiering,
)
from generator.model.document import Document
from generator.model.platform import Platform
from generator.model.tenant import Isolation, Tenant
from generator.resolve.amounts import amount
from generator.resolve.buckets import account_name, bucket_name, bucket_url, place_buckets, storage_accounts
from generator.resolve.index import Index, Reference, unknown
from generator.source import Pointer

_MINUTES: Final = 60


def data(spec: dict[str, Any]) -> Data | None:
    """A platform's stores, or None when its file describes none."""
    section = spec.get("data")
    if section is None:
        return None
    return Data(
        namespace=f"{spec['namespace']}-data",
        postgres=_postgres(section["postgres"]),
        dumps=_dumps(section["dumps"]),
        events=_events(section["securityEvents"]) if "securityEvents" in section else None,
        redis=_store(section.get("redis")),
        clickhouse=_store(section.get("clickhouse")),
        elasticsearch=_store(section.get("elasticsearch")),
        buckets=tuple(_bucket(each) for each in section["buckets"]),
        backups=section["backups"],
        dumped=section["dumps"]["bucket"],
    )


def data_faults(document: Document) -> list[Diagnostic]:
    """Buckets and a secret that a platform names and its file does not declare."""
    spec = document.data["spec"]
    section = spec.get("data")
    exports: Pointer = ("spec", "compliance", "exports")
    if section is None:
        if "compliance" not in spec:
            return []
        reference = Reference(document, exports, "Bucket", spec["compliance"]["exports"])
        return [unknown(reference, [], f"spec.data.buckets of {document.path}")]
    here: Pointer = ("spec", "data")
    buckets = [bucket["name"] for bucket in section["buckets"]]
    secrets = [secret["name"] for secret in spec["secrets"]["tenant"]]
    named: list[tuple[Pointer, str, str, list[str], str]] = [
        ((*here, "backups"), "Bucket", section["backups"], buckets, "data.buckets"),
        ((*here, "dumps", "bucket"), "Bucket", section["dumps"]["bucket"], buckets, "data.buckets"),
        ((*here, "postgres", "secret"), "Secret", section["postgres"]["secret"], secrets, "secrets.tenant"),
    ]
    if "compliance" in spec:
        named.append((exports, "Bucket", spec["compliance"]["exports"], buckets, "data.buckets"))
    return [
        unknown(Reference(document, pointer, kind, name), known, f"spec.{where} of {document.path}")
        for pointer, kind, name, known, where in named
        if name not in known
    ]


def backup(spec: dict[str, Any]) -> Backup | None:
    """The fleet's backups of Kubernetes objects, or None where it has none."""
    section = spec.get("backup")
    return Backup(section["schedule"], section["ttl"], section["bucket"]) if section else None


def longest(index: Index, platform: str, kind: str) -> int:
    """The longest retention of a kind, in days, that the platform, any tier or any framework asks for.

    A tenant that asks for more by itself is left out, so that no tenant's file changes what a cell shares: a bucket's
    lock is the least that whoever writes to it must ask for.
    """
    blocks = [index.of("Platform")[platform].data["spec"]["settings"]]
    blocks += [document.data["spec"]["settings"] for document in index.valid("Tier")]
    blocks += [document.data["spec"]["floors"] for document in index.valid("ComplianceFramework")]
    return max(int(block.get("retention", {}).get(kind, 0)) for block in blocks)


def retention_inputs(index: Index, platform: Platform) -> set[str]:
    """The files that `longest` read, where the platform has data at all."""
    if platform.data is None:
        return set()
    return {document.path for kind in ("Tier", "ComplianceFramework") for document in index.valid(kind)}


def placed(index: Index, cluster: Cluster, platform: Platform) -> PlacedData | None:
    """A platform's data on a cell."""
    if platform.data is None:
        return None
    audit, backups = longest(index, platform.name, "audit"), longest(index, platform.name, "backups")
    buckets = place_buckets(platform, cluster, audit=audit, backups=backups)
    accounts = storage_accounts(platform, cluster, buckets, audit)
    return PlacedData(buckets, accounts, f"{_url(cluster, platform, platform.data.backups)}/shared", backups)


class Stores(Struct, frozen=True):
    """A platform's stores on a cell, as far as they are the same for all tenants: the addresses of the buckets for
    backups and dumps, the bucket for exports with its account, the hours of dumps and the database's host."""

    backups: str
    dumps: str
    exports: str
    exports_account: str
    hours: str
    host: str
    role_prefix: str


def stores(platform: Platform, cluster: Cluster) -> Stores | None:
    """What `of_tenant` needs to know of a platform on a cell; None where the platform has no data."""
    section = platform.data
    if section is None:
        return None
    exports = platform.compliance.exports if platform.compliance else ""
    return Stores(
        backups=_url(cluster, platform, section.backups),
        dumps=_url(cluster, platform, section.dumped),
        exports=bucket_name(platform.name, exports, cluster.name) if exports else "",
        exports_account=account_name(cluster, platform.namespace, locked=_locked(platform, exports)) if exports else "",
        hours=f"*/{section.dumps.every}" if section.dumps.every > 1 else "*",
        host=f"postgres-r.{section.namespace}.svc.cluster.local",
        role_prefix=section.postgres.role_prefix,
    )


def of_tenant(found: Tenant, where: Stores) -> TenantData:
    """A tenant's database on a cell. Keys in buckets stand below `tenants/<tenant>/`."""
    role = where.role_prefix + found.name.replace("-", "_")
    minute = int(hashlib.sha256(found.name.encode()).hexdigest(), 16) % _MINUTES
    return TenantData(
        role=role,
        object=role.replace("_", "-"),
        own=found.isolation is Isolation.DEDICATED,
        backups=f"{where.backups}/tenants/{found.name}",
        dumps=f"{where.dumps}/tenants/{found.name}",
        dump_schedule=f"{minute} {where.hours} * * *",
        host=where.host,
        exports=where.exports,
        exports_account=where.exports_account,
    )


def _url(cluster: Cluster, platform: Platform, bucket: str) -> str:
    name = bucket_name(platform.name, bucket, cluster.name)
    return bucket_url(cluster, platform.namespace, name, locked=_locked(platform, bucket))


def _locked(platform: Platform, bucket: str) -> bool:
    return platform.data is not None and any(each.name == bucket and each.locked for each in platform.data.buckets)


def _postgres(section: dict[str, Any]) -> Postgres:
    pooler = section["pooler"]
    return Postgres(
        image=Image(**section["image"]),
        pooler_image=Image(**pooler["image"]),
        storage_class=section["storageClass"],
        shared=_size(section["shared"]),
        dedicated=_size(section["dedicated"]),
        sidecar_requests=amount(section["sidecar"]["requests"]),
        sidecar_limits=amount(section["sidecar"]["limits"]),
        pooler=_size(pooler["size"]),
        pool_mode=pooler["mode"],
        pool_parameters=dict(sorted(pooler["parameters"].items())),
        parameters=dict(sorted(section["parameters"].items())),
        schedule=section["schedule"],
        role_prefix=section["roles"]["prefix"],
        group=section["roles"]["group"],
        secret=section["secret"],
        operator=section["operator"],
    )


def _dumps(section: dict[str, Any]) -> Dumps:
    return Dumps(
        image=Image(**section["image"]),
        every=section["everyHours"],
        deadline=section["deadlineSeconds"],
        scratch=section["scratch"],
        requests=amount(section["requests"]),
        limits=amount(section["limits"]),
    )


def _events(section: dict[str, Any]) -> Events:
    return Events(section["partitions"], amount(section["requests"]), amount(section["limits"]))


def _store(section: dict[str, Any] | None) -> Store | None:
    if section is None:
        return None
    return Store(
        image=Image(**section["image"]),
        version=section.get("version", ""),
        shards=section.get("shards", 1),
        size=_size(section["size"]),
        storage_class=section["storageClass"],
        heap=section.get("heap", ""),
        secret=section.get("secret", ""),
        operator=section["operator"],
    )


def _size(section: dict[str, Any]) -> Size:
    return Size(
        section["instances"], amount(section["requests"]), amount(section["limits"]), section.get("storage", "")
    )


def _bucket(section: dict[str, Any]) -> Bucket:
    return Bucket(
        name=section["name"],
        transitions=tuple(Tiering(each["days"], each["storage"]) for each in section.get("transitions", ())),
        automatic=tuple(Tiering(each["days"], each["storage"]) for each in section.get("automatic", ())),
        locked=section.get("locked", False),
        expires=section.get("expires", False),
    )
