"""Ways to break whose an object is."""

from __future__ import annotations

from tests.check.isolation.mutation import Cell, Mutation

CELL = "aws-us-east-1-prod-1"


def object_in_another_namespace(cell: Cell) -> None:
    cell.get("ConfigMap", "tenant-acme", "ceilings")["metadata"]["namespace"] = "tenant-brightfiles"


MUTATIONS = (
    Mutation(
        "a ConfigMap in the namespace of another tenant",
        CELL,
        object_in_another_namespace,
        ("ISO001 ConfigMap tenant-brightfiles/ceilings",),
        "the files of tenant acme hold ConfigMap tenant-brightfiles/ceilings of tenant brightfiles",
    ),
)
