"""Containers that run to their end, as platform files say them, and what they name that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from generator.diagnostics import Diagnostic
from generator.model.container import Image, Scratch, SecretVariable, Variable
from generator.model.document import Document
from generator.model.task import Task
from generator.resolve.amounts import amount
from generator.resolve.index import Reference, unknown
from generator.source import Pointer

PLACES: Final[tuple[Pointer, ...]] = (
    ("domains", "verification", "task"),
    ("compliance", "portability", "task"),
    ("compliance", "consent", "task"),
    ("compliance", "finalExport"),
    ("compliance", "finalBackup"),
    ("compliance", "erasure"),
)
"""Where tasks of tenants stand in a platform's spec."""


def task(name: str, data: dict[str, Any]) -> Task:
    """One task; `name` is what its objects are named after."""
    return Task(
        name=name,
        image=Image(**data["image"]),
        arguments=tuple(data.get("arguments", ())),
        requests=amount(data["requests"]),
        limits=amount(data["limits"]),
        attempts=data["attempts"],
        deadline=data["deadline"],
        variables=tuple(Variable(**variable) for variable in data.get("variables", ())),
        secrets=tuple(SecretVariable(**variable) for variable in data.get("secrets", ())),
        scratch=tuple(Scratch(**folder) for folder in data.get("scratch", ())),
        uses=tuple(data.get("uses", ())),
        internet=data.get("internet", False),
    )


def task_faults(document: Document) -> list[Diagnostic]:
    """Flows and secrets that a platform's tasks name and the platform does not declare."""
    spec = document.data["spec"]
    flows = [flow["name"] for flow in spec["flows"]]
    secrets = [secret["name"] for secret in spec["secrets"]["tenant"]]
    found = []
    for pointer, data in _tasks(spec):
        for at, name in enumerate(data.get("uses", ())):
            if name not in flows:
                reference = Reference(document, (*pointer, "uses", at), "Flow", name)
                found.append(unknown(reference, flows, f"spec.flows of {document.path}"))
        for at, variable in enumerate(data.get("secrets", ())):
            if variable["secret"] not in secrets:
                reference = Reference(document, (*pointer, "secrets", at, "secret"), "Secret", variable["secret"])
                found.append(unknown(reference, secrets, f"spec.secrets.tenant of {document.path}"))
    return found


def _tasks(spec: dict[str, Any]) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    for place in PLACES:
        data: Any = spec
        for word in place:
            data = data.get(word) if isinstance(data, dict) else None
        if isinstance(data, dict):
            yield ("spec", *place), data
