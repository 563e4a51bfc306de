"""Ways to break what Argo CD may do with a tenant's files."""

from __future__ import annotations

from tests.check.isolation.mutation import Cell, Mutation

CELL = "aws-us-west-2-prod-1"
PROJECT = ("AppProject", "argocd", f"{CELL}.tenant-oldmill")
APPLICATION = ("Application", "argocd", f"{CELL}.tenant-oldmill")
TENANCY = ("Application", "argocd", f"{CELL}.tenant-oldmill.tenancy")


def destination(cell: Cell, **changes: str) -> None:
    cell.spec(*PROJECT)["destinations"][0].update(changes)


def another_destination(cell: Cell) -> None:
    spec = cell.spec(*PROJECT)
    spec["destinations"].append({**spec["destinations"][0], "namespace": "tenant-deltagrid"})


def platform_destination(cell: Cell) -> None:
    destination(cell, namespace="istio-system")


def wild_destination(cell: Cell) -> None:
    destination(cell, namespace="tenant-*")


def longer_names(cell: Cell) -> None:
    destination(cell, namespace="tenant-oldmill*")


def other_cluster(cell: Cell) -> None:
    destination(cell, server="*")


def cluster_kinds(cell: Cell) -> None:
    cell.spec(*PROJECT)["clusterResourceWhitelist"].append({"group": "", "kind": "Namespace"})


def role_kinds(cell: Cell) -> None:
    cell.spec(*PROJECT)["namespaceResourceWhitelist"].append({"group": "rbac.authorization.k8s.io", "kind": "*"})


def no_whitelist(cell: Cell) -> None:
    del cell.spec(*PROJECT)["namespaceResourceWhitelist"]


def any_repository(cell: Cell) -> None:
    cell.spec(*PROJECT)["sourceRepos"].append("*")


def source_namespace(cell: Cell) -> None:
    cell.spec(*PROJECT)["sourceNamespaces"] = ["tenant-deltagrid"]


def foreign_role(cell: Cell) -> None:
    policy = f"p, proj:{PROJECT[2]}:viewer, applications, get, {PROJECT[2]}/*, allow"
    cell.spec(*PROJECT)["roles"] = [{"name": "viewer", "groups": ["deltagrid-admins"], "policies": [policy]}]


def own_role(cell: Cell) -> None:
    foreign_role(cell)
    cell.spec(*PROJECT)["roles"][0]["groups"] = ["oldmill-admins"]


def policy_of_another(cell: Cell) -> None:
    own_role(cell)
    policy = f"p, proj:{PROJECT[2]}:viewer, applications, sync, {CELL}.tenant-deltagrid/*, allow"
    cell.spec(*PROJECT)["roles"][0]["policies"].append(policy)


def others_project(cell: Cell) -> None:
    cell.spec(*APPLICATION)["project"] = f"{CELL}.tenant-deltagrid"


def platforms_project(cell: Cell) -> None:
    cell.spec(*APPLICATION)["project"] = f"{CELL}.platform.a2z-soc"


def others_files(cell: Cell) -> None:
    cell.spec(*APPLICATION)["source"]["path"] = f"{CELL}/tenants/deltagrid/workload"


def all_files(cell: Cell) -> None:
    cell.spec(*TENANCY)["source"]["path"] = f"{CELL}/tenants"


def others_namespace(cell: Cell) -> None:
    cell.spec(*APPLICATION)["destination"]["namespace"] = "tenant-deltagrid"


def all_files_with_the_platforms_project(cell: Cell) -> None:
    cell.spec("Application", "argocd", f"{CELL}.cell")["source"]["path"] = CELL


def other_repository(cell: Cell) -> None:
    cell.spec(*APPLICATION)["source"]["repoURL"] = "https://git.example.com/fleet/other.git"


def application_set(cell: Cell) -> None:
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all, namespace: argocd}\nspec: {}\n"
    )
    cell.add("argocd/more.yaml", text)


def at_project(code: str) -> tuple[str, ...]:
    return (f"{code} AppProject argocd/{PROJECT[2]}",)


AT_APPLICATION = (f"ISO054 Application argocd/{APPLICATION[2]}",)
MUTATIONS = (
    Mutation(
        "a project that may write to another tenant",
        CELL,
        another_destination,
        at_project("ISO051"),
        "tenant deltagrid",
    ),
    Mutation("a project that may write to the mesh's namespace", CELL, platform_destination, at_project("ISO051")),
    Mutation("a project that may write to all tenants", CELL, wild_destination, at_project("ISO051")),
    Mutation(
        "a project that may write to longer names", CELL, longer_names, at_project("ISO051"), "that will be named so"
    ),
    Mutation("a project that may write to every cluster", CELL, other_cluster, at_project("ISO051")),
    Mutation("a project that may hold cluster-wide kinds", CELL, cluster_kinds, at_project("ISO052")),
    Mutation("a project that may hold roles", CELL, role_kinds, at_project("ISO052")),
    Mutation("a project that may hold every kind", CELL, no_whitelist, at_project("ISO052")),
    Mutation("a project that takes every repository", CELL, any_repository, at_project("ISO053")),
    Mutation("a project that another tenant's Applications may use", CELL, source_namespace, at_project("ISO053")),
    Mutation("a project with a role for another tenant's group", CELL, foreign_role, at_project("ISO053")),
    Mutation("a project with a role for its own group", CELL, own_role, ()),
    Mutation("a project whose policy speaks of another", CELL, policy_of_another, at_project("ISO053")),
    Mutation("an Application in another tenant's project", CELL, others_project, AT_APPLICATION),
    Mutation("a tenant's workload in the platform's project", CELL, platforms_project, AT_APPLICATION),
    Mutation(
        "an Application that brings another tenant's files",
        CELL,
        others_files,
        AT_APPLICATION,
        "files of tenant deltagrid",
    ),
    Mutation(
        "an Application that brings all tenants' files", CELL, all_files, (f"ISO054 Application argocd/{TENANCY[2]}",)
    ),
    Mutation("an Application that writes to another tenant", CELL, others_namespace, AT_APPLICATION),
    Mutation(
        "an Application of the cell that brings all files",
        CELL,
        all_files_with_the_platforms_project,
        (f"ISO054 Application argocd/{CELL}.cell",),
    ),
    Mutation("an Application that brings what is not rendered", CELL, other_repository, AT_APPLICATION),
    Mutation("an ApplicationSet", CELL, application_set, ("ISO054 ApplicationSet argocd/all",)),
)
