"""Ways to break who may do what."""

from __future__ import annotations

from tests.check.isolation.mutation import Cell, Mutation

CELL = "aws-us-west-2-prod-1"
BINDING = ("RoleBinding", "tenant-oldmill", "tenant-viewer")
ROLE = ("Role", "tenant-oldmill", "tenant-viewer")
NAMES = "apiVersion: rbac.authorization.k8s.io/v1\nmetadata: {name: %s}\n"
PEOPLE = "{apiGroup: rbac.authorization.k8s.io, kind: Group, name: oldmill-admins}"


def subject(kind: str, name: str, namespace: str = "") -> dict[str, str]:
    return {"kind": kind, "name": name} | ({"namespace": namespace} if namespace else {})


def shared_group(cell: Cell) -> None:
    cell.get(*BINDING)["subjects"].append(subject("Group", "deltagrid-admins"))


def foreign_account(cell: Cell) -> None:
    cell.get(*BINDING)["subjects"].append(subject("ServiceAccount", "database-dump", "tenant-deltagrid"))


def foreign_account_as_a_user(cell: Cell) -> None:
    name = "system:serviceaccount:tenant-deltagrid:database-dump"
    cell.get(*BINDING)["subjects"].append(subject("User", name))


def all_accounts_of_another(cell: Cell) -> None:
    cell.get(*BINDING)["subjects"].append(subject("Group", "system:serviceaccounts:tenant-deltagrid"))


def everybody(cell: Cell) -> None:
    cell.get(*BINDING)["subjects"].append(subject("Group", "system:authenticated"))


def whole_cluster(cell: Cell) -> None:
    text = f"{NAMES % 'prometheus-too'}kind: ClusterRoleBinding\nsubjects: [{PEOPLE}]\n"
    role = "{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: prometheus}"
    cell.add("cluster/more.yaml", f"{text}roleRef: {role}\n")


def platforms_namespace(cell: Cell) -> None:
    cell.get("RoleBinding", "oams", "file-sensor")["subjects"].append(
        subject("ServiceAccount", "api", "tenant-saint-orin")
    )


def shared_services_in_a_tenant(cell: Cell) -> None:
    cell.get("RoleBinding", "tenant-saint-orin", "tenant-viewer")["subjects"].append(
        subject("ServiceAccount", "api", "a2z-soc")
    )


def shared_services_in_one_they_serve(cell: Cell) -> None:
    cell.get(*BINDING)["subjects"].append(subject("ServiceAccount", "api", "a2z-soc"))


def network_policies(cell: Cell) -> None:
    rule = {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": ["get", "patch"]}
    cell.get(*ROLE)["rules"].append(rule)


def everything(cell: Cell) -> None:
    cell.get(*ROLE)["rules"].append({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]})


def escalate(cell: Cell) -> None:
    cell.get(*ROLE)["rules"][0]["verbs"].append("escalate")


def tokens(cell: Cell) -> None:
    rule = {"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]}
    cell.get(*ROLE)["rules"].append(rule)


def own_secrets(cell: Cell) -> None:
    cell.get(*ROLE)["rules"].append({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]})


def built_in_admin(cell: Cell) -> None:
    cell.get(*BINDING)["roleRef"] |= {"kind": "ClusterRole", "name": "admin"}


def built_in_view(cell: Cell) -> None:
    cell.get(*BINDING)["roleRef"] |= {"kind": "ClusterRole", "name": "view"}


def aggregated(cell: Cell) -> None:
    built_in_view(cell)
    text = (
        f"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: more\n  labels: {{{LABEL}}}\n"
    )
    rule = "{apiGroups: [security.istio.io], resources: [authorizationpolicies], verbs: [delete]}"
    cell.add("cluster/more.yaml", f"{text}rules: [{rule}]\n")


LABEL = "rbac.authorization.k8s.io/aggregate-to-view: 'true'"


def dropped_role(cell: Cell) -> None:
    cell.drop(*ROLE)


IN_BINDING = ("ISO041 RoleBinding tenant-oldmill/tenant-viewer",)
IN_ROLE = ("ISO042 Role tenant-oldmill/tenant-viewer",)
MUTATIONS = (
    Mutation(
        "a group that two tenants share", CELL, shared_group, IN_BINDING, "Group deltagrid-admins of tenant deltagrid"
    ),
    Mutation(
        "an account of another tenant in a binding",
        CELL,
        foreign_account,
        IN_BINDING,
        "database-dump of tenant deltagrid",
    ),
    Mutation("an account of another tenant under its user name", CELL, foreign_account_as_a_user, IN_BINDING),
    Mutation("all accounts of another tenant in a binding", CELL, all_accounts_of_another, IN_BINDING),
    Mutation(
        "everybody in a binding", CELL, everybody, IN_BINDING, "every tenant may work in namespace tenant-oldmill"
    ),
    Mutation(
        "a tenant's group in a ClusterRoleBinding", CELL, whole_cluster, ("ISO041 ClusterRoleBinding prometheus-too",)
    ),
    Mutation(
        "a tenant's account in a platform's binding",
        CELL,
        platforms_namespace,
        ("ISO041 RoleBinding oams/file-sensor",),
    ),
    Mutation(
        "an account of shared services in a tenant that they do not serve",
        CELL,
        shared_services_in_a_tenant,
        ("ISO041 RoleBinding tenant-saint-orin/tenant-viewer",),
    ),
    Mutation("an account of shared services in a tenant that they serve", CELL, shared_services_in_one_they_serve, ()),
    Mutation("a tenant that may change its network policies", CELL, network_policies, IN_ROLE),
    Mutation("a tenant that may do everything in its namespace", CELL, everything, IN_ROLE),
    Mutation("a tenant that may give itself rights", CELL, escalate, IN_ROLE),
    Mutation("a tenant that may take tokens of its accounts", CELL, tokens, IN_ROLE),
    Mutation("a tenant that may read its own secrets", CELL, own_secrets, ()),
    Mutation(
        "a tenant bound to the built-in role admin",
        CELL,
        built_in_admin,
        ("ISO042 RoleBinding tenant-oldmill/tenant-viewer",),
    ),
    Mutation("a tenant bound to the built-in role view", CELL, built_in_view, ()),
    Mutation("a ClusterRole that widens the built-in role of a tenant", CELL, aggregated, ("ISO042 ClusterRole more",)),
    Mutation(
        "a tenant bound to a role that is not rendered",
        CELL,
        dropped_role,
        ("ISO043 RoleBinding tenant-oldmill/tenant-viewer",),
    ),
)
