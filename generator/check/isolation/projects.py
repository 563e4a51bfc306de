"""What Argo CD would let a tenant's files do: AppProjects and the Applications that are bound to them.

The files of a tenant are those below `<cluster>/tenants/<tenant>/`. Its folder `tenancy` is the platform's word about
the tenant (namespace, quota, policies, database) and is synced with the platform's project; all else there is synced
with the project of the tenant, which is the AppProject with its label.

A leak is
- a destination of a tenant's project that is not a namespace of that tenant by its very name, or is in another cluster
  than the cell's own Applications write to: a wildcard also takes the namespaces of tenants still to come;
- any cluster-wide kind in a tenant's project, and any kind by which a tenant would widen its own rights or open its
  fences (roles, accounts, network and mesh policies, quotas, Applications, databases, what copies secrets elsewhere);
- a wildcard among the repositories of a project, or among its `sourceNamespaces`; a namespace there that is a tenant's,
  unless it is the project's own tenant;
- a role of a project that is given to a group of another tenant, or whose policies speak of another project;
- an Application that brings a tenant's files with a project that is not the tenant's, into a namespace that is not the
  tenant's, or together with those of other tenants; one of a tenant that brings anything but the tenant's files; one of
  a tenant's project that is no Application of the tenant;
- an ApplicationSet: what it will make is not rendered, so nothing can be proven of it.

Accepted: that a platform's project reaches all `tenant-*` namespaces, for it sets them up; Services, workloads, routes,
SecretStores and ExternalSecrets in a tenant's own project, which the other dimensions look at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from generator.check.charts import sources
from generator.check.fields import field, items, string
from generator.check.index import Index
from generator.check.isolation.leaks import Leak, several
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.check.projects import matches
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

DESTINATION: Final = Code(
    "ISO051",
    "a tenant's project may write where another's objects are",
    "Whatever comes into the tenant's files is applied to what is another tenant's, or the platform's.",
)
KIND: Final = Code(
    "ISO052",
    "a tenant's project may hold a kind that opens its fences",
    "The tenant's own files could widen its rights, or take its policies away.",
)
SOURCE: Final = Code(
    "ISO053",
    "a project may be used by others than those it is for",
    "Others bring objects into its namespaces with its rights.",
)
APPLICATION: Final = Code(
    "ISO054",
    "an Application mixes what is of different tenants",
    "One tenant's files are applied with rights that are not that tenant's.",
)

_GROUP: Final = "argoproj.io"
_TENANCY: Final = "tenancy"
_CLUSTER: Final = ("server", "name")
_WILDCARD: Final = re.compile(r"[*?\[{]")
_FENCES: Final[tuple[tuple[str, str], ...]] = (
    ("rbac.authorization.k8s.io", "Role"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
    ("networking.k8s.io", "NetworkPolicy"),
    ("security.istio.io", "AuthorizationPolicy"),
    ("security.istio.io", "PeerAuthentication"),
    ("security.istio.io", "RequestAuthentication"),
    ("networking.istio.io", "Sidecar"),
    ("networking.istio.io", "Gateway"),
    ("networking.istio.io", "ServiceEntry"),
    ("networking.istio.io", "EnvoyFilter"),
    ("gateway.networking.k8s.io", "ReferenceGrant"),
    ("", "ServiceAccount"),
    ("", "ResourceQuota"),
    ("", "LimitRange"),
    ("", "Endpoints"),
    ("discovery.k8s.io", "EndpointSlice"),
    ("external-secrets.io", "PushSecret"),
    ("postgresql.cnpg.io", "Cluster"),
    ("postgresql.cnpg.io", "Database"),
    ("postgresql.cnpg.io", "DatabaseRole"),
    ("barmancloud.cnpg.io", "ObjectStore"),
    ("argoproj.io", "Application"),
    ("argoproj.io", "AppProject"),
)

_Permitted: TypeAlias = dict[str, dict[Pointer, list[str]]]
"""The two lists of a project for kinds in namespaces, as text → the fences that they permit."""


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every AppProject, Application and ApplicationSet of the cluster."""
    projects = {project.name: project for project in index.of(_GROUP, "AppProject")}
    groups = _groups(index, tenants)
    cell = _cell(index)
    leaks: list[Leak] = []
    permitted: _Permitted = {}
    for project in projects.values():
        own = tenants.labelled(project)
        leaks += _users(tenants, project, own)
        leaks += _roles(groups, project, own)
        if own:
            leaks += _destinations(tenants, cell, project, own)
            leaks += _kinds(permitted, project, own)
    for application in index.of(_GROUP, "Application"):
        leaks += _application(index, tenants, projects, cell, application)
    for each in index.of(_GROUP, "ApplicationSet"):
        closed = "render the Applications themselves"
        leaks.append(
            Leak(
                APPLICATION,
                "whatever it makes",
                "any namespace",
                "its Applications are not rendered",
                each,
                ("kind",),
                closed,
            )
        )
    for leak in leaks:
        yield leak.diagnostic()


def _cell(index: Index) -> dict[str, str]:
    """The cell's own cluster, by the server and the name that most destinations of its projects give, and the
    repository that most of its Applications bring files from."""
    counted: dict[tuple[str, str], int] = {}
    for project in index.of(_GROUP, "AppProject"):
        for _, entry in items(project.data, "spec", "destinations"):
            for part in _CLUSTER:
                _count(counted, part, entry)
    for application in index.of(_GROUP, "Application"):
        for _, source in sources(application):
            if string(source, "path"):
                _count(counted, "repoURL", source)
    return {
        part: max(
            (value for kind, value in counted if kind == part), key=lambda value: counted[part, value], default=""
        )
        for part in (*_CLUSTER, "repoURL")
    }


def _count(counted: dict[tuple[str, str], int], part: str, entry: Any) -> None:
    key = (part, string(entry, part))
    counted[key] = counted.get(key, 0) + 1


def _destinations(tenants: Tenants, cell: Mapping[str, str], project: Rendered, own: str) -> Iterator[Leak]:
    closed = f"name the namespace of tenant {own} and the cell's cluster in full"
    for at, entry in items(project.data, "spec", "destinations"):
        namespace = string(entry, "namespace")
        if namespace.startswith("!"):
            continue
        if _WILDCARD.search(namespace) or not namespace:
            first = next(
                (name for name in tenants.labels if matches(namespace, name) and tenants.owners.get(name) != own), ""
            )
            target = f"namespace {first}" + (f" of tenant {tenants.owners[first]}" if first in tenants.owners else "")
            target = target if first else "every namespace that will be named so"
            yield _into(project, own, target, (*at, "namespace"), closed)
        elif tenants.owners.get(namespace) != own:
            other = tenants.owners.get(namespace)
            target = f"namespace {namespace} of {f'tenant {other}' if other else 'the platform'}"
            yield _into(project, own, target, (*at, "namespace"), closed)
        for part in _CLUSTER:
            given = string(entry, part)
            if given and given != cell[part]:
                yield _into(project, own, f"namespace {namespace} of the cluster {given}", (*at, part), closed)


def _into(project: Rendered, own: str, target: str, at: Pointer, closed: str) -> Leak:
    return Leak(
        DESTINATION,
        f"the project of tenant {own}",
        target,
        "it is a destination of the project",
        project,
        at,
        closed,
        "may write to",
    )


def _kinds(alike: _Permitted, project: Rendered, own: str) -> Iterator[Leak]:
    """`alike` is what was found for projects before, by what their lists say: most say the same."""
    origin, verb = f"the project of tenant {own}", "may hold"
    for at, entry in items(project.data, "spec", "clusterResourceWhitelist"):
        target = f"{string(entry, 'kind')} objects of the whole cluster"
        closed = "leave the list empty: the platform makes what is not in a namespace"
        yield Leak(KIND, origin, target, "the project permits the kind", project, at, closed, verb)
    white, black = (f"namespaceResource{colour}list" for colour in ("White", "Black"))
    closed = "permit by namespaceResourceWhitelist the kinds that the tenant's files hold, each by its name"
    if field(project.data, "spec", white) is None:
        open_kinds = [kind for kind in _FENCES if _listing(project, black, *kind) is None]
        if open_kinds:
            through = "the project has no namespaceResourceWhitelist"
            target = f"{open_kinds[0][1]} objects in its own namespace"
            yield Leak(KIND, origin, target, through, project, ("spec",), closed, verb, key=True)
        return
    lists = repr([field(project.data, "spec", part) for part in (white, black)])
    if lists not in alike:
        alike[lists] = _fences(project, white, black)
    for place, kinds in alike[lists].items():
        target = f"{several(kinds[0], len(kinds), 'kind')} in its own namespace"
        yield Leak(KIND, origin, target, "the project permits the kind", project, place, closed, verb)


def _fences(project: Rendered, white: str, black: str) -> dict[Pointer, list[str]]:
    """The kinds by which a tenant would open its fences that the project permits, by the entry that does."""
    permitted: dict[Pointer, list[str]] = {}
    for group, kind in _FENCES:
        place = _listing(project, white, group, kind)
        if place is not None and _listing(project, black, group, kind) is None:
            permitted.setdefault(place, []).append(kind)
    return permitted


def _listing(project: Rendered, part: str, group: str, kind: str) -> Pointer | None:
    """The entry of a list of the project that takes objects of a kind, whatever they are called."""
    for at, entry in items(project.data, "spec", part):
        if matches(string(entry, "group"), group) and matches(string(entry, "kind"), kind):
            return at
    return None


def _users(tenants: Tenants, project: Rendered, own: str) -> Iterator[Leak]:
    target = f"the project {project.name}" + (f" of tenant {own}" if own else "")
    for at, repository in items(project.data, "spec", "sourceRepos"):
        if isinstance(repository, str) and not repository.startswith("!") and _WILDCARD.search(repository):
            closed = "name each repository in full"
            yield Leak(
                SOURCE, "other repositories", target, "a wildcard takes them", project, at, closed, "may be synced with"
            )
    for at, namespace in items(project.data, "spec", "sourceNamespaces"):
        if not isinstance(namespace, str):
            continue
        of = tenants.owners.get(namespace, "")
        wild = _WILDCARD.search(namespace) is not None or namespace.startswith("/")
        if wild or (of and of != own):
            origin = "Applications in any namespace" if wild else f"Applications in {namespace} of tenant {of}"
            closed = "keep Applications in Argo CD's own namespace: leave the list out"
            yield Leak(SOURCE, origin, target, "sourceNamespaces takes them", project, at, closed, "may use")


def _groups(index: Index, tenants: Tenants) -> dict[str, str]:
    """Groups of people by tenant, as RoleBindings in the tenants' namespaces say."""
    return {
        string(subject, "name"): tenants.owners[binding.namespace]
        for binding in index.of("rbac.authorization.k8s.io", "RoleBinding")
        if binding.namespace in tenants.owners
        for _, subject in items(binding.data, "subjects")
        if string(subject, "kind") == "Group"
    }


def _roles(groups: Mapping[str, str], project: Rendered, own: str) -> Iterator[Leak]:
    for at, role in items(project.data, "spec", "roles"):
        for pointer, group in items(role, "groups"):
            of = groups.get(group, "") if isinstance(group, str) else ""
            if of and of != own:
                target = f"the project {project.name}" + (f" of tenant {own}" if own else " of the platform")
                closed = "give the role to a group of the project's own tenant, or to platform staff"
                through = f"the project's role {string(role, 'name')} is theirs"
                yield Leak(
                    SOURCE,
                    f"the group {group} of tenant {of}",
                    target,
                    through,
                    project,
                    (*at, *pointer),
                    closed,
                    "may work with",
                )
        for pointer, policy in items(role, "policies"):
            words = [word.strip() for word in policy.split(",")] if isinstance(policy, str) else []
            if len(words) == 6 and words[5] == "allow" and words[4].partition("/")[0] != project.name:
                closed = f"let the policy speak of {project.name}/… alone"
                through = "a policy of its role speaks of them"
                yield Leak(
                    SOURCE,
                    f"the role {string(role, 'name')} of {project.name}",
                    f"Applications {words[4]}",
                    through,
                    project,
                    (*at, *pointer),
                    closed,
                    "may work with",
                )


def _application(
    index: Index,
    tenants: Tenants,
    projects: Mapping[str, Rendered],
    cell: Mapping[str, str],
    application: Rendered,
) -> Iterator[Leak]:
    project = projects.get(string(application.data, "spec", "project"))
    of_project = tenants.labelled(project) if project is not None else ""
    own = tenants.labelled(application)
    tenant = own or of_project
    for place, source in sources(application):
        path = string(source, "path")
        at: Pointer = (*place, "path") if path else place
        repository = string(source, "repoURL")
        if tenant and path and repository != cell["repoURL"]:
            closed = f"bring the files from {cell['repoURL']}, where they are rendered"
            yield _mixed(application, f"files that are not rendered ({repository})", (*place, "repoURL"), closed)
        wrong = _files(index.cluster, _folder(index.cluster, path), own, of_project)
        if wrong:
            target, closed, in_path = wrong
            yield _mixed(application, target, at if in_path else ("spec", "project"), closed)
    namespace = string(application.data, "spec", "destination", "namespace")
    if tenant and namespace and tenants.owners.get(namespace) != tenant:
        closed = f"write to the namespace of tenant {tenant}"
        yield _mixed(application, f"namespace {namespace}", ("spec", "destination", "namespace"), closed)


def _files(cluster: str, folder: tuple[str, str] | None, own: str, of_project: str) -> tuple[str, str, bool] | None:
    """What is wrong with the files that an Application with the label of `own` (or none) brings with the project of
    `of_project` (or one of the platform): in words, what to do, and whether the path is at fault rather than the
    project."""
    tenant, inner = folder or ("", "")
    if folder and not tenant:
        return "the files of every tenant", "bring the files of one tenant, or those of the platform", True
    if tenant and own and tenant != own:
        return f"the files of tenant {tenant}", f"bring {cluster}/tenants/{own}", True
    if of_project and tenant != of_project:
        return f"the project of tenant {of_project}", "name a project of the platform", False
    if tenant and inner != _TENANCY and of_project != tenant:
        closed = f"name the project of tenant {tenant}; the platform's is for its folder {_TENANCY} alone"
        return "a project of the platform", closed, False
    if own and not tenant:
        return "files that are not its own", f"bring {cluster}/tenants/{own}", True
    return None


def _mixed(application: Rendered, target: str, at: Pointer, closed: str) -> Leak:
    return Leak(
        APPLICATION, application.label, target, "it is not of the same tenant", application, at, closed, "works with"
    )


def _folder(cluster: str, path: str) -> tuple[str, str] | None:
    """The tenant and the inner folder of a path below `<cluster>/tenants`; the tenant is "" for a path that holds all
    tenants' files, and None stands for a path that holds none of them."""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if parts[:2] != [cluster, "tenants"]:
        above = bool(path) and [cluster, "tenants"][: len(parts)] == parts
        return ("", "") if above or ".." in parts else None
    if len(parts) == 2 or ".." in parts:
        return "", ""
    return parts[2], parts[3] if len(parts) > 3 else ""
