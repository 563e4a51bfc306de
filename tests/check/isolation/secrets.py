"""Ways to break which secrets a tenant draws, and by whose identity."""

from __future__ import annotations

from tests.check.isolation.mutation import Cell, Mutation

CELL = "aws-us-west-2-prod-1"
AZURE = "az-westeurope-prod-1"
GOOGLE = "gcp-us-central1-prod-1"
SECRET = ("ExternalSecret", "tenant-oldmill", "cache")
STORE = ("SecretStore", "tenant-oldmill", "tenant")
SHARED = ("ClusterSecretStore", "", "platform")
ACCOUNT = ("ServiceAccount", "tenant-oldmill", "tenant-secrets")
ROLE = "eks.amazonaws.com/role-arn"
ARN = "arn:aws:iam::111122223333:role/"


def remote(cell: Cell, key: str, of: tuple[str, str, str] = SECRET) -> None:
    cell.spec(*of)["data"][0]["remoteRef"]["key"] = key


def others_key(cell: Cell) -> None:
    remote(cell, "tenants/deltagrid/cache")


def others_key_above(cell: Cell) -> None:
    remote(cell, "tenants/oldmill/../deltagrid/cache")


def like_named_key(cell: Cell) -> None:
    remote(cell, "tenants/oldmill-2/cache")


def platforms_key(cell: Cell) -> None:
    remote(cell, "platforms/a2z-soc/cache")


def key_for_shared_services(cell: Cell) -> None:
    remote(cell, "tenants/deltagrid/database", ("ExternalSecret", "a2z-soc", "database"))


def key_of_a_pooled_role(cell: Cell) -> None:
    remote(cell, "tenants/deltagrid/database", ("ExternalSecret", "a2z-soc-data", "a2z-tenant-oldmill"))


def capital_key(cell: Cell) -> None:
    remote(cell, "Tenants--Atelier--cache", ("ExternalSecret", "tenant-lindgren", "cache"))


def search(cell: Cell) -> None:
    spec = cell.spec(*SECRET)
    del spec["data"]
    spec["dataFrom"] = [{"find": {"name": {"regexp": ".*cache"}}}]


def own_search(cell: Cell) -> None:
    search(cell)
    cell.spec(*SECRET)["dataFrom"] = [{"find": {"path": "tenants/oldmill/"}}]


def extract(cell: Cell) -> None:
    search(cell)
    cell.spec(*SECRET)["dataFrom"] = [{"extract": {"key": "tenants/deltagrid/cache"}}]


def prefixed_store(cell: Cell) -> None:
    cell.spec(*STORE)["provider"]["aws"]["prefix"] = "tenants/deltagrid/"


def others_identity(cell: Cell) -> None:
    cell.get(*ACCOUNT)["metadata"]["annotations"][ROLE] = f"{ARN}tenant-deltagrid"


def cells_identity(cell: Cell) -> None:
    cell.get(*ACCOUNT)["metadata"]["annotations"][ROLE] = f"{ARN}{CELL}"


def azure_identity(cell: Cell) -> None:
    key = "azure.workload.identity/client-id"
    other = cell.get("ServiceAccount", "tenant-atelier", "tenant-secrets")["metadata"]["annotations"][key]
    cell.get("ServiceAccount", "tenant-lindgren", "database-dump")["metadata"]["annotations"][key] = other


def google_identity(cell: Cell) -> None:
    account = "tenant-thousand@fleet-example-prod.iam.gserviceaccount.com"
    cluster = cell.spec("Cluster", "tenant-fieldnotes", "postgres")
    cluster["serviceAccountTemplate"]["metadata"]["annotations"]["iam.gke.io/gcp-service-account"] = account


def no_identity(cell: Cell) -> None:
    del cell.get(*ACCOUNT)["metadata"]["annotations"]


def foreign_account(cell: Cell) -> None:
    reference = cell.spec(*STORE)["provider"]["aws"]["auth"]["jwt"]["serviceAccountRef"]
    reference["namespace"] = "tenant-deltagrid"


def assumed_role(cell: Cell) -> None:
    cell.spec(*STORE)["provider"]["aws"]["role"] = f"{ARN}tenant-deltagrid"


def no_account(cell: Cell) -> None:
    del cell.spec(*STORE)["provider"]["aws"]["auth"]


def admitted(cell: Cell, condition: dict[str, object]) -> None:
    cell.spec(*SHARED)["conditions"].append(condition)


def admitted_by_name(cell: Cell) -> None:
    admitted(cell, {"namespaces": ["tenant-oldmill"]})


def admitted_by_label(cell: Cell) -> None:
    admitted(cell, {"namespaceSelector": {"matchLabels": {"tenantry.dev/platform": "oams"}}})


def admitted_by_pattern(cell: Cell) -> None:
    admitted(cell, {"namespaceRegexes": ["^tenant-d"]})


def admits_all(cell: Cell) -> None:
    del cell.spec(*SHARED)["conditions"]


def one_target(cell: Cell) -> None:
    cell.spec("ExternalSecret", "a2z-soc-data", "a2z-tenant-oldmill")["target"]["name"] = "a2z-tenant-deltagrid"


def reflected(cell: Cell) -> None:
    template = {"metadata": {"annotations": {"reflector.v1.k8s.emberstack.com/reflection-allowed": "true"}}}
    cell.spec(*SECRET)["target"]["template"] = template


IN_SECRET = ("ISO063 ExternalSecret tenant-oldmill/cache",)
IN_STORE = ("ISO062 SecretStore tenant-oldmill/tenant",)
IN_SHARED = ("ISO062 ClusterSecretStore platform",)
MUTATIONS = (
    Mutation(
        "a key of another tenant", CELL, others_key, IN_SECRET, "tenant oldmill is given 'tenants/deltagrid/cache'"
    ),
    Mutation("a key that goes up and down again", CELL, others_key_above, IN_SECRET),
    Mutation("a key of a tenant with a like name", CELL, like_named_key, IN_SECRET),
    Mutation("a key of the platform for a tenant", CELL, platforms_key, IN_SECRET),
    Mutation(
        "a key of a tenant for shared services",
        CELL,
        key_for_shared_services,
        ("ISO063 ExternalSecret a2z-soc/database",),
    ),
    Mutation(
        "another tenant's password for a database role",
        CELL,
        key_of_a_pooled_role,
        ("ISO063 ExternalSecret a2z-soc-data/a2z-tenant-oldmill",),
    ),
    Mutation(
        "a key of another tenant in capitals", AZURE, capital_key, ("ISO063 ExternalSecret tenant-lindgren/cache",)
    ),
    Mutation("a search for keys of every tenant", CELL, search, IN_SECRET),
    Mutation("a search for keys of the tenant", CELL, own_search, ()),
    Mutation("a whole secret of another tenant", CELL, extract, IN_SECRET),
    Mutation(
        "a store that puts another tenant's name before each key",
        CELL,
        prefixed_store,
        tuple(f"ISO063 ExternalSecret tenant-oldmill/{name}" for name in ("analytics", "cache", "database", "search")),
    ),
    Mutation(
        "an account with another tenant's identity",
        CELL,
        others_identity,
        ("ISO061 ServiceAccount tenant-oldmill/tenant-secrets",),
    ),
    Mutation(
        "an account with the cell's identity",
        CELL,
        cells_identity,
        ("ISO061 ServiceAccount tenant-oldmill/tenant-secrets",),
    ),
    Mutation(
        "an Azure identity of two tenants",
        AZURE,
        azure_identity,
        ("ISO061 ServiceAccount tenant-lindgren/database-dump",),
    ),
    Mutation(
        "a database cluster with another tenant's identity",
        GOOGLE,
        google_identity,
        ("ISO061 Cluster tenant-fieldnotes/postgres",),
    ),
    Mutation("an account without an identity", CELL, no_identity, ("ISO065 SecretStore tenant-oldmill/tenant",)),
    Mutation("a store that reads with another tenant's account", CELL, foreign_account, IN_STORE),
    Mutation(
        "a store that takes another tenant's role", CELL, assumed_role, ("ISO061 SecretStore tenant-oldmill/tenant",)
    ),
    Mutation("a store that reads as the operator", CELL, no_account, IN_STORE),
    Mutation(
        "a shared store that names a tenant", CELL, admitted_by_name, IN_SHARED, "tenant oldmill reads secrets with"
    ),
    Mutation("a shared store that selects tenants", CELL, admitted_by_label, IN_SHARED),
    Mutation("a shared store whose pattern takes a tenant", CELL, admitted_by_pattern, IN_SHARED, "tenant deltagrid"),
    Mutation("a shared store for everybody", CELL, admits_all, IN_SHARED),
    Mutation(
        "two tenants' passwords in one Secret",
        CELL,
        one_target,
        ("ISO064 ExternalSecret a2z-soc-data/a2z-tenant-oldmill",),
    ),
    Mutation(
        "a secret that is copied to other namespaces", CELL, reflected, ("ISO064 ExternalSecret tenant-oldmill/cache",)
    ),
)
