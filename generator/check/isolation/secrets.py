"""Which secrets a tenant may draw from the provider's store, and where copies of them go.

A key below `tenants/<tenant>/` (`tenants--<tenant>--` where the provider allows no slash) is that tenant's; every other
key is the platform's.

A leak is
- a key, or a search for keys, that is not wholly the tenant's whose object asks for it: in the tenant's namespace, or
  beside it with the tenant's label. An object without a label may ask for no tenant's key. Nor may a key be pushed;
- two objects of different tenants that make one Secret;
- an annotation by which a controller copies a Secret or ConfigMap into other namespaces, and an object that an operator
  copies into namespaces by a selector.

Whose identity reads the keys is accounts.py's business: each of the two keeps tenants apart without the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from generator.check.fields import field, items, string, strings
from generator.check.index import Index
from generator.check.isolation.leaks import Leak
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

KEY: Final = Code(
    "ISO063",
    "a secret of one tenant is drawn for another",
    "The other tenant's pods hold its password or token.",
)
COPIED: Final = Code(
    "ISO064",
    "a Secret or ConfigMap is shared between tenants",
    "What is one tenant's stands where the other's pods can read it.",
)

_GROUP: Final = "external-secrets.io"
_COPIERS: Final = ("reflector.v1.k8s.emberstack.com/", "replicator.v1.mittwald.de/", "kubed.appscode.com/sync")
_OWNED: Final = re.compile(r"/?tenants(/|--)(.+)", re.DOTALL)


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every ExternalSecret, PushSecret and copied object of the cluster."""
    for parts in (_keys, _targets, _copies):
        for leak in parts(index, tenants):
            yield leak.diagnostic()


def owners_of(key: str, tenants: Tenants) -> tuple[str, ...]:
    """The tenants that a key may be of, () for a key of the platform. Two, where the names and `--` leave it open.
    Azure's names are the same in capitals, so a tenant's key is one however it is spelt."""
    found = _OWNED.fullmatch(key.lower())
    if found is None:
        return ()
    mark, rest = found.groups()
    parts = rest.split(mark)
    possible = [mark.join(parts[:length]) for length in range(1, len(parts))] or [rest]
    return tuple(name for name in possible if name in tenants.homes) or (possible[0],)


def _keys(index: Index, tenants: Tenants) -> Iterator[Leak]:
    for secret in index.of(_GROUP, "ExternalSecret", "PushSecret"):
        own = tenants.owner(secret)
        kind, name = (string(secret.data, "spec", "secretStoreRef", part) for part in ("kind", "name"))
        namespace = "" if kind == "ClusterSecretStore" else secret.namespace
        store = index.get(_GROUP, kind or "SecretStore", namespace, name)
        prefix = string(store.data, "spec", "provider", "aws", "prefix") if store is not None else ""
        for at, key, whole in _asked(secret):
            yield from _key(tenants, secret, own, at, prefix + key, whole)
    for secret in index.of(_GROUP, "ClusterExternalSecret", "ClusterPushSecret"):
        closed = "render an ExternalSecret in each namespace instead"
        yield Leak(
            COPIED,
            secret.label,
            "every namespace that its selector takes",
            "the operator copies it there",
            secret,
            ("kind",),
            closed,
        )


def _asked(secret: Rendered) -> Iterator[tuple[Pointer, str, bool]]:
    """The keys that an object asks for, each with its place; the last part says whether it is a key in full, rather
    than what the keys to be found start with."""
    for at, entry in items(secret.data, "spec", "data"):
        for path in (("remoteRef", "key"), ("match", "remoteRef", "remoteKey")):
            if key := string(entry, *path):
                yield (*at, *path), key, True
    for at, entry in items(secret.data, "spec", "dataFrom"):
        if key := string(entry, "extract", "key"):
            yield (*at, "extract", "key"), key, True
        if isinstance(found := field(entry, "find"), dict):
            pattern = string(found, "name", "regexp")
            if "path" in found:
                yield (*at, "find", "path"), string(found, "path"), False
            else:
                literal = re.match(r"\^((?:[\w/-]|\\[./-])*)", pattern)
                tail = pattern[literal.end() :] if literal else ""
                key = (
                    literal[1].replace("\\", "")
                    if literal and "|" not in pattern and tail[:1] not in {"*", "?", "{"}
                    else ""
                )
                yield (*at, "find"), key, False


def _key(tenants: Tenants, secret: Rendered, own: str, at: Pointer, key: str, whole: bool) -> Iterator[Leak]:
    owners = owners_of(key, tenants)
    if ".." not in key and "//" not in key:
        below = whole or key.startswith((f"tenants/{own}/", f"tenants--{own}--"))
        if own and owners == (own,) and below:
            return
        if not own and not owners and (whole or (key and not "tenants".startswith(key.lstrip("/").lower()))):
            return
    of = f"tenant {' or '.join(owners)}" if owners else "the platform"
    target = f"{key!r} of {of}" if whole and key else f"every key that starts with {key!r}"
    closed = f"ask for keys below tenants/{own}/ alone" if own else "read a key of the platform's"
    origin = f"tenant {own}" if own else f"{secret.label} of the platform, with which several tenants are served,"
    through = f"{secret.label} asks for it"
    yield Leak(KEY, origin, target, through, secret, at, closed, "is given", key=not whole and at[-1] == "find")


def _targets(index: Index, tenants: Tenants) -> Iterator[Leak]:
    made: dict[tuple[str, str], Rendered] = {}
    for secret in (
        *index.of(_GROUP, "ExternalSecret"),
        *index.of("cert-manager.io", "Certificate"),
        *index.of("", "Secret"),
    ):
        at: Pointer = {"ExternalSecret": ("spec", "target", "name"), "Certificate": ("spec", "secretName")}.get(
            secret.kind, ("metadata", "name")
        )
        name = string(secret.data, *at) or secret.name
        first = made.setdefault((secret.namespace, name), secret)
        if first is secret or tenants.owner(first) == tenants.owner(secret):
            continue
        own, other = (
            f"tenant {tenants.owner(each)}" if tenants.owner(each) else "the platform" for each in (secret, first)
        )
        through = f"{secret.label} and {first.label} make one Secret"
        closed = "give each Secret a name with its tenant's"
        yield Leak(
            COPIED,
            own,
            f"the Secret {name} of {other}",
            through,
            secret,
            at,
            closed,
            "shares",
            ((f"made for {other} here", first, ()),),
        )


def _copies(index: Index, tenants: Tenants) -> Iterator[Leak]:
    places: tuple[Pointer, ...] = (
        ("metadata",),
        ("spec", "target", "template", "metadata"),
        ("spec", "secretTemplate"),
    )
    for rendered in (
        *index.of(_GROUP, "ExternalSecret"),
        *index.of("cert-manager.io", "Certificate"),
        *index.of("", "Secret", "ConfigMap"),
    ):
        for place in places:
            for key, value in strings(rendered.data, *place, "annotations").items():
                if key.startswith(_COPIERS) and value != "false":
                    own = tenants.owner(rendered)
                    origin = f"{rendered.label} of tenant {own}" if own else rendered.label
                    closed = "take the annotation out, and render what each namespace needs in it"
                    yield Leak(
                        COPIED,
                        origin,
                        "other namespaces",
                        f"{key} has it copied",
                        rendered,
                        (*place, "annotations", key),
                        closed,
                        "is read in",
                    )
