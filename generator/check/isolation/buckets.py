"""Where in object stores the data of each tenant lies: backups, dumps, exports, audit records.

A place is a bucket with a path in it. A tenant's places are those that its backups (ObjectStore) and its pods (URLs,
and pairs of variables as `X_BUCKET` and `X_PREFIX`) name; the platform's are its own backups and Velero's.

A leak is
- a place of a tenant that is neither below `tenants/<tenant>/` nor in a bucket that an object of the tenant declares;
- two places of which one lies in the other, and which are of two tenants or of a tenant and the platform;
- a path of another tenant (`tenants/<other>/`) in a variable, argument or command of a tenant's pods;
- a bucket that objects of two tenants declare, that is open to the public, or whose policy lets in everybody or an
  identity that has no business there.

Not proven, and reported as such: a policy that cannot be read.

Accepted: backups by tier, where Velero puts objects of several tenants into the platform's own bucket. What a cloud
identity may do in a bucket that has no policy is the provider's to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from generator.check.fields import field, items, string, strings
from generator.check.index import Index
from generator.check.isolation.cloud import principals
from generator.check.isolation.leaks import Leak
from generator.check.isolation.settings import Setting, settings
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

PLACE: Final = Code(
    "ISO081",
    "a tenant's files lie where another's do",
    "Whoever may read or expire the one tenant's backups and exports may do it to the other's.",
)
BUCKET: Final = Code(
    "ISO082",
    "a bucket lets in others than its owner",
    "Files of one tenant are read or changed by another, or by everybody.",
)

_STORE: Final = re.compile(
    r"s3://|gs://|https://[^/]+\.(?:blob|dfs)\.core\.windows\.net/|https://storage\.googleapis\.com/"
)
_PATH: Final = re.compile(r"(?<![\w-])tenants/([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?![\w-])")
_BELOW: Final = "tenants/"
"""Stands in whatever `_PATH` finds."""
_FLAGS: Final = ("blockPublicACLs", "blockPublicPolicy", "ignorePublicACLs", "restrictPublicBuckets")


class Place(Struct, frozen=True):
    """A bucket with a path in it, as parts, and who says so."""

    parts: tuple[str, ...]
    owner: str
    rendered: Rendered
    at: Pointer

    @property
    def shown(self) -> str:
        """The place as people write it."""
        return "/".join(self.parts)


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every place and every bucket."""
    declared = _declared(index, tenants)
    places = [*_places(index, tenants)]
    for parts in (
        _outside(tenants, places, declared),
        _nested(places),
        _foreign(index, tenants),
        _buckets(index, tenants),
    ):
        for leak in parts:
            yield leak.diagnostic()


def _cloud_name(bucket: Rendered) -> tuple[str, Pointer]:
    for at in (("spec", "name"), ("spec", "resourceID")):
        if name := string(bucket.data, *at):
            return name, at
    return bucket.name, ("metadata", "name")


def _bucket_objects(index: Index) -> tuple[Rendered, ...]:
    return (*index.of("s3.services.k8s.aws", "Bucket"), *index.of("storage.cnrm.cloud.google.com", "StorageBucket"))


def _declared(index: Index, tenants: Tenants) -> dict[str, str]:
    """Buckets that are one tenant's: by an object of the tenant, or by its record of the audit store."""
    found = {_cloud_name(bucket)[0]: tenants.owner(bucket) for bucket in _bucket_objects(index)}
    for record in index.of("", "ConfigMap"):
        if (owner := tenants.owner(record)) and (name := strings(record.data, "data").get("store")):
            found.setdefault(name, owner)
    return found


def _places(index: Index, tenants: Tenants) -> Iterator[Place]:
    for store in index.of("barmancloud.cnpg.io", "ObjectStore"):
        at: Pointer = ("spec", "configuration", "destinationPath")
        yield Place(_split(string(store.data, *at)), tenants.owner(store), store, at)
    for location in index.of("velero.io", "BackupStorageLocation"):
        at = ("spec", "objectStorage", "bucket")
        parts = (string(location.data, *at), *_split(string(location.data, "spec", "objectStorage", "prefix")))
        yield Place(parts, tenants.owner(location), location, at)
    for pods in index.workloads:
        own = tenants.owner(pods.owner)
        for at, container in pods.containers() if own else ():
            variables = items(container, "env")
            if not any(_names_place(variable) for _, variable in variables):
                continue
            values = {
                string(variable, "name"): (string(variable, "value"), (*at, *place, "value"))
                for place, variable in variables
            }
            for name, (value, place) in values.items():
                if name.endswith("_BUCKET") and value:
                    prefix, prefix_at = values.get(f"{name.removesuffix('_BUCKET')}_PREFIX", ("", place))
                    yield Place((value, *_split(prefix)), own, pods.owner, prefix_at)
                elif _STORE.match(value):
                    yield Place(_split(value), own, pods.owner, place)


def _names_place(variable: Any) -> bool:
    """Whether a variable may be the name of a bucket or a URL in one."""
    value = string(variable, "value")
    return bool(value) and ("://" in value or string(variable, "name").endswith("_BUCKET"))


def _split(path: str) -> tuple[str, ...]:
    """The parts of a path or URL below its scheme. An Azure account is a part like others."""
    return (
        tuple(part for part in path.partition("://")[2].split("/") if part)
        if "://" in path
        else tuple(part for part in path.split("/") if part)
    )


def _outside(tenants: Tenants, places: list[Place], declared: Mapping[str, str]) -> Iterator[Leak]:
    for place in places:
        if not place.owner or not place.parts or declared.get(place.parts[0]) == place.owner:
            continue
        folders = zip(place.parts, place.parts[1:], strict=False)
        if ".." in place.parts or ("tenants", place.owner) not in folders:
            other = next(
                (name for word, name in zip(place.parts, place.parts[1:], strict=False) if word == "tenants"), ""
            )
            of = f" of tenant {other}" if other in tenants.homes else ""
            through = f"{place.rendered.label} names a place that is not below tenants/{place.owner}/"
            closed = f"write below tenants/{place.owner}/, or into a bucket of the tenant's own"
            yield Leak(
                PLACE,
                f"tenant {place.owner}",
                f"{place.shown}{of}",
                through,
                place.rendered,
                place.at,
                closed,
                "writes to",
            )


def _nested(places: list[Place]) -> Iterator[Leak]:
    """Places in places of somebody else. Sorted, those in one place follow it."""
    above: list[Place] = []
    for place in sorted((each for each in places if each.parts), key=lambda each: (each.parts, each.owner)):
        while above and above[-1].parts != place.parts[: len(above[-1].parts)]:
            above.pop()
        outer = next((each for each in above if each.owner != place.owner), None)
        if outer is not None:
            # The outer of the two reaches into the other, and of two that are alike the platform's is as it should be.
            at_fault, other = (place, outer) if outer.parts == place.parts else (outer, place)
            through = (
                f"{at_fault.shown} holds {other.shown}" if at_fault.parts != other.parts else f"both are {place.shown}"
            )
            closed = "give each tenant a path of its own, and the platform one beside theirs"
            related = ((f"{_who(other.owner)} has them here", other.rendered, other.at),)
            target, has = f"the files of {_who(other.owner)}", at_fault.rendered
            yield Leak(PLACE, _who(at_fault.owner), target, through, has, at_fault.at, closed, "has", related)
        above.append(place)


def _foreign(index: Index, tenants: Tenants) -> Iterator[Leak]:
    """Paths of other tenants in what a tenant's containers are told."""
    for setting in settings(index, tenants):
        if _BELOW in setting.value:
            yield from _told(tenants, setting)
    for pods in index.workloads:
        own = tenants.owner(pods.owner)
        for at, container in pods.containers() if own else ():
            for part in ("command", "args"):
                for place, word in items(container, part):
                    if isinstance(word, str) and _BELOW in word:
                        yield from _told(tenants, Setting(own, part, word, pods.owner, (*at, *place)))


def _told(tenants: Tenants, setting: Setting) -> Iterator[Leak]:
    for found in _PATH.finditer(setting.value):
        if found[1] != setting.owner and found[1] in tenants.homes:
            through = f"{setting.name} of {setting.rendered.label} says so"
            target, closed = f"{found[0]}/ of tenant {found[1]}", f"name a path below tenants/{setting.owner}/"
            origin = f"pods of tenant {setting.owner}"
            yield Leak(PLACE, origin, target, through, setting.rendered, setting.at, closed, "use")


def _buckets(index: Index, tenants: Tenants) -> Iterator[Leak]:
    identities = principals(index, tenants)
    first: dict[str, Rendered] = {}
    for bucket in _bucket_objects(index):
        own, (name, at) = tenants.owner(bucket), _cloud_name(bucket)
        other = first.setdefault(name, bucket)
        if tenants.owner(other) != own:
            related = ((f"{_who(tenants.owner(other))} has it here", other, _cloud_name(other)[1]),)
            yield Leak(
                BUCKET,
                _who(own),
                f"the bucket of {_who(tenants.owner(other))}",
                f"both are {name}",
                bucket,
                at,
                "give each a bucket of its own",
                "has",
                related,
            )
        for flag in _FLAGS:
            if field(bucket.data, "spec", "publicAccessBlock", flag) is False:
                place: Pointer = ("spec", "publicAccessBlock", flag)
                yield Leak(
                    BUCKET, "everybody", bucket.label, f"{flag} is off", bucket, place, "block public access altogether"
                )
        if string(bucket.data, "spec", "publicAccessPrevention") not in {"", "enforced"}:
            place = ("spec", "publicAccessPrevention")
            yield Leak(
                BUCKET, "everybody", bucket.label, "public access is not prevented", bucket, place, "write enforced"
            )
        if policy := string(bucket.data, "spec", "policy"):
            yield from _policy(bucket, own, name, policy, identities)


def _policy(bucket: Rendered, own: str, name: str, policy: str, identities: Mapping[str, str]) -> Iterator[Leak]:
    at: Pointer = ("spec", "policy")
    try:
        statements: Any = json.loads(policy)["Statement"]
    except (ValueError, KeyError, TypeError):
        yield Leak(
            BUCKET,
            "a tenant",
            bucket.label,
            "its policy cannot be read",
            bucket,
            at,
            "write it as JSON with a Statement",
            "may reach",
        )
        return
    for statement in statements if isinstance(statements, list) else [statements]:
        if string(statement, "Effect") != "Allow":
            continue
        if "NotPrincipal" in statement:
            yield Leak(
                BUCKET,
                "everybody else",
                bucket.label,
                "its policy allows by NotPrincipal",
                bucket,
                at,
                "name who is allowed",
            )
        for principal in _words(statement.get("Principal")):
            tenant = identities.get(principal.lower())
            allowed = own == tenant or (not own and _below(statement, name, tenant))
            if "*" in principal or (tenant is not None and not allowed):
                who = "everybody" if tenant is None else f"tenant {tenant}"
                target = f"{bucket.label} of {_who(own)}"
                yield Leak(
                    BUCKET,
                    who,
                    target,
                    f"its policy allows {principal}",
                    bucket,
                    at,
                    "name identities of the bucket's own tenant, and paths below tenants/<tenant>/",
                )


def _below(statement: Any, bucket: str, tenant: str | None) -> bool:
    """Whether a statement speaks of nothing but the tenant's path in the bucket."""
    resources = _words(statement.get("Resource"))
    return bool(resources) and all(f"{bucket}/tenants/{tenant}/" in resource for resource in resources)


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [word for each in inner for word in _words(each)]


def _who(tenant: str) -> str:
    return f"tenant {tenant}" if tenant else "the platform"
