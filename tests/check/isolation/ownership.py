"""Ways to break whose an object is."""

from __future__ import annotations

from tests.check.isolation.mutation import Cell, Mutation

CELL = "aws-us-east-1-prod-1"


def object_in_another_namespace(cell: Cell) -> None:
    cell.get("ConfigMap", "tenant-acme", "ceilings")["metadata"]["namespace"] = "tenant-brightfiles"


def namespace_of_another(cell: Cell) -> None:
    cell.get("Namespace", "", "tenant-acme")["metadata"]["labels"]["tenantry.dev/tenant"] = "brightfiles"


MUTATIONS = (
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
