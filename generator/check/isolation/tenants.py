"""Which tenant each namespace and each object belongs to, as the rendered labels say.

A namespace with the label `tenantry.dev/tenant` is its tenant's, with all that is in it. In every other namespace,
which is the platform's, an object with that label is kept there for the tenant: its certificate at the gateway, its
rules for a shared service, its database in the pooled cluster. What has no such label is the platform's own.

A namespace that tenants are served from (`tenantry.dev/served-from` of their own namespaces) and that is nobody's holds
the shared services. Its code works for several tenants at once, so to every other tenant it is as foreign as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from generator.check.fields import mapping, string, strings
from generator.check.index import Index
from generator.check.isolation.leaks import Leak
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic

TENANT: Final = "tenantry.dev/tenant"
PLATFORM: Final = "tenantry.dev/platform"
SERVED_FROM: Final = "tenantry.dev/served-from"

MISLABELLED: Final = Code(
    "ISO001",
    "an object in a tenant's files belongs to another tenant",
    "Whoever may change the one tenant's files changes the other tenant's objects, and every rule that goes by the "
    "label or the namespace takes the object for the other's.",
)
NOBODYS: Final = Code(
    "ISO002",
    "an object in a tenant's files does not say whose it is",
    "It is taken for the platform's own, which every tenant trusts, so no leak through it would be found.",
)


class Tenants(Struct, frozen=True):
    """The tenants of one cluster.

    `owners` is namespace → tenant, for the namespaces that are a tenant's; `homes` is the same the other way round,
    in order. `serving` is namespace → the tenants whose services run in it, for shared namespaces. `platforms` is
    namespace → platform where the label says one. `labels` are every rendered Namespace's, with the one that the API
    server adds; `declared` are the Namespaces themselves.
    """

    names: tuple[str, ...]
    owners: Mapping[str, str]
    homes: Mapping[str, tuple[str, ...]]
    serving: Mapping[str, tuple[str, ...]]
    platforms: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]
    declared: Mapping[str, Rendered]

    def owner(self, rendered: Rendered) -> str:
        """The tenant that an object is, "" for the platform's: by its namespace, else by its label."""
        return self.owners.get(rendered.namespace) or self.labelled(rendered)

    def labelled(self, rendered: Rendered) -> str:
        """The tenant of an object's label, "" where there is none or none of this cluster."""
        named = string(rendered.data, "metadata", "labels", TENANT)
        return named if named in self.homes else ""

    def side(self, namespace: str) -> str:
        """Who the code in a namespace works for: a tenant, the shared services of a namespace (its name in brackets),
        or "" for the platform's own machinery, which all tenants trust."""
        if namespace in self.owners:
            return self.owners[namespace]
        return f"[{namespace}]" if namespace in self.serving else ""

    def called(self, side: str) -> str:
        """A side in words."""
        if not side.startswith("["):
            return f"tenant {side}"
        served = self.serving.get(side[1:-1], ())
        return f"the services in {side[1:-1]} that tenant {served[0] if served else '?'}" + (
            f" and {len(served) - 1} more share" if len(served) > 1 else " is served from"
        )

    def serves(self, namespace: str, tenant: str) -> bool:
        """Whether a tenant's own services run in a namespace: in its own, or in the shared one it is served from."""
        return self.owners.get(namespace) == tenant or tenant in self.serving.get(namespace, ())


def tenants_of(index: Index) -> Tenants:
    """The tenants of a cluster, by the labels of its Namespaces."""
    declared = {rendered.name: rendered for rendered in index.of("", "Namespace")}
    labels = {
        name: strings(rendered.data, "metadata", "labels") | {"kubernetes.io/metadata.name": name}
        for name, rendered in sorted(declared.items())
    }
    for name in sorted(index.namespaces - labels.keys()):
        labels[name] = {"kubernetes.io/metadata.name": name}
    owners = {name: given[TENANT] for name, given in labels.items() if given.get(TENANT)}
    homes: dict[str, list[str]] = {}
    serving: dict[str, set[str]] = {}
    for name, tenant in owners.items():
        homes.setdefault(tenant, []).append(name)
        source = labels[name].get(SERVED_FROM, name)
        if source not in owners:
            serving.setdefault(source, set()).add(tenant)
    return Tenants(
        names=tuple(sorted(homes)),
        owners=owners,
        homes={tenant: tuple(found) for tenant, found in homes.items()},
        serving={name: tuple(sorted(found)) for name, found in serving.items()},
        platforms={name: given[PLATFORM] for name, given in labels.items() if given.get(PLATFORM)},
        labels=labels,
        declared=declared,
    )


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Whether every object in the files of a tenant (`<cluster>/tenants/<tenant>/`) is that tenant's.

    A namespace with another tenant's name is one finding; what is in it is not reported again.
    """
    astray = {rendered.name for rendered in tenants.declared.values() if _astray(rendered)}
    for reading in index.readings:
        tenant = _folder(reading.file.path)
        for rendered in reading.objects if tenant else ():
            yield from _misplaced(tenants, astray, rendered, tenant)


def _misplaced(tenants: Tenants, astray: set[str], rendered: Rendered, tenant: str) -> Iterator[Diagnostic]:
    label = string(rendered.data, "metadata", "labels", TENANT)
    home = tenants.owners.get(rendered.namespace, "") if rendered.namespace not in astray else ""
    if label == tenant and home in {"", tenant}:
        return
    if not label and not tenants.owners.get(rendered.namespace) and rendered.namespace not in astray:
        yield _nobodys(rendered, tenant).diagnostic()
    for owner, at in ((label, ("metadata", "labels", TENANT)), (home, ("metadata", "namespace"))):
        if owner and owner != tenant:
            yield Leak(
                code=MISLABELLED,
                origin=f"the files of tenant {tenant}",
                verb="hold",
                target=f"{rendered.label} of tenant {owner}",
                through="its label says so" if at[-1] == TENANT else "its namespace is that tenant's",
                rendered=rendered,
                at=at,
                closed=f"give the object to {tenant}, or move it to the files of {owner}",
            ).diagnostic()
            break


def _folder(path: str) -> str:
    """The tenant whose files a path is of, "" for the platform's files."""
    parts = path.split("/")
    return parts[2] if len(parts) > 3 and parts[1] == "tenants" else ""


def _astray(namespace: Rendered) -> bool:
    """Whether a namespace is in a tenant's files and not labelled as that tenant's."""
    tenant = _folder(namespace.path)
    return bool(tenant) and string(namespace.data, "metadata", "labels", TENANT) != tenant


def _nobodys(rendered: Rendered, tenant: str) -> Leak:
    return Leak(
        code=NOBODYS,
        origin=f"the files of tenant {tenant}",
        verb="hold",
        target=f"{rendered.label}, which passes for the platform's own",
        through=f"neither its namespace nor a label {TENANT} says that it is the tenant's",
        rendered=rendered,
        at=("metadata", "labels") if mapping(rendered.data, "metadata", "labels") else ("metadata",),
        key=True,
        expected=f"{TENANT}: {tenant}",
        closed="give it the label, or render it with the platform's files",
    )
