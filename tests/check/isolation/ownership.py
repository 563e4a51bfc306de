"""Ways to break whose an object is."""

from __future__ import annotations

from tests.check.isolation.mutation import Cell, Mutation

CELL = "aws-us-east-1-prod-1"


def object_in_another_namespace(cell: Cell) -> None:
    cell.get("ConfigMap", "tenant-acme", "ceilings")["metadata"]["namespace"] = "tenant-brightfiles"


def namespace_of_another(cell: Cell) -> None:
    cell.get("Namespace", "", "tenant-acme")["metadata"]["labels"]["tenantry.dev/tenant"] = "brightfiles"


def namespace_of_nobody(cell: Cell) -> None:
    del cell.get("Namespace", "", "tenant-acme")["metadata"]["labels"]["tenantry.dev/tenant"]


def rule_of_nobody(cell: Cell) -> None:
    metadata = cell.get("AuthorizationPolicy", "a2z-soc", "tenant-kestrel-api")["metadata"]
    del metadata["labels"]["tenantry.dev/tenant"]


MUTATIONS = (
    Mutation(
        "a namespace that does not say whose it is",
        CELL,
        namespace_of_nobody,
        (
            "ISO002 Namespace tenant-acme",
            "ISO054 Application argocd/aws-us-east-1-prod-1.tenant-acme",
            "ISO063 ExternalSecret tenant-acme/analytics",
            "ISO063 ExternalSecret tenant-acme/cache",
            "ISO063 ExternalSecret tenant-acme/database",
            "ISO063 ExternalSecret tenant-acme/database-owner",
            "ISO063 ExternalSecret tenant-acme/search",
        ),
    ),
    Mutation(
        "a rule of a shared service that does not say whose it is",
        "aws-us-east-1-prod-2",
        rule_of_nobody,
        ("ISO002 AuthorizationPolicy a2z-soc/tenant-kestrel-api",),
    ),
    Mutation(
        "a namespace with the name of another tenant",
        CELL,
        namespace_of_another,
        (
            "ISO001 Namespace tenant-acme",
            # What is in the namespace is the other tenant's now, and still draws and writes what is the first one's.
            "ISO054 Application argocd/aws-us-east-1-prod-1.tenant-acme",
            "ISO063 ExternalSecret tenant-acme/analytics",
            "ISO063 ExternalSecret tenant-acme/cache",
            "ISO063 ExternalSecret tenant-acme/database",
            "ISO063 ExternalSecret tenant-acme/database-owner",
            "ISO063 ExternalSecret tenant-acme/search",
            "ISO081 ObjectStore tenant-acme/postgres",
        ),
        "the files of tenant acme hold Namespace tenant-acme of tenant brightfiles",
    ),
    Mutation(
        "a ConfigMap in the namespace of another tenant",
        CELL,
        object_in_another_namespace,
        ("ISO001 ConfigMap tenant-brightfiles/ceilings",),
        "the files of tenant acme hold ConfigMap tenant-brightfiles/ceilings of tenant brightfiles",
    ),
)
