"""Tenants' own domains: the platform's section, and what platforms say against them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.model.document import Document
from generator.model.domains import Domains, KeyAlgorithm
from generator.model.tenant import Domain
from generator.resolve.index import Index
from generator.resolve.tasks import task
from generator.source import Pointer

OURS = Code(
    "REF020",
    "a tenant's domain below a platform's",
    "The platform's wildcard already answers there, and a tenant could take another's name.",
)
NOT_OFFERED = Code(
    "REF021", "a domain on a platform that serves none", "It would be accepted, never proven and never reachable."
)


def domains(spec: dict[str, Any]) -> Domains | None:
    """The section `domains` of a platform; None where it has none."""
    data = spec.get("domains")
    if data is None:
        return None
    verification = data["verification"]
    return Domains(
        verification=task("domain-verification", verification["task"]),
        method=verification["method"],
        secret=verification["secret"]["name"],
        key=verification["secret"]["key"],
        key_sizes={algorithm: data["keySizes"][algorithm.value] for algorithm in KeyAlgorithm},
        renew_before=data["renewBeforePercentage"],
    )


def tenant_domains(spec: dict[str, Any]) -> tuple[Domain, ...]:
    """A tenant's domains, by name."""
    found = (
        Domain(data["name"], data["verified"], KeyAlgorithm(data.get("key", KeyAlgorithm.ECDSA)))
        for data in spec.get("domains", ())
    )
    return tuple(sorted(found, key=lambda domain: domain.name))


def domain_faults(index: Index) -> list[Diagnostic]:
    """Domains that are a platform's, or whose platform serves none."""
    platforms = {document.name: document for document in index.valid("Platform")}
    found: list[Diagnostic] = []
    for document in index.valid("Tenant"):
        spec = document.data["spec"]
        listed = spec.get("domains", ())
        platform = platforms.get(spec["platform"])
        if listed and platform is not None and "domains" not in platform.data["spec"]:
            found.append(_not_offered(document, platform))
        for number, data in enumerate(listed):
            at: Pointer = ("spec", "domains", number, "name")
            found += _below(document, at, data["name"], platforms.values())
    return found


def _not_offered(document: Document, platform: Document) -> Diagnostic:
    return Diagnostic(
        code=NOT_OFFERED,
        severity=Severity.ERROR,
        message=f"platform '{platform.name}' serves no domains of its tenants",
        location=document.locate(("spec", "domains"), key=True),
        related=(Related("the platform", platform.locate(("spec",), key=True)),),
        hint=f"remove the domains, or give {platform.path} a section `domains`",
    )


def _below(document: Document, at: Pointer, name: str, platforms: Iterable[Document]) -> list[Diagnostic]:
    return [
        Diagnostic(
            code=OURS,
            severity=Severity.ERROR,
            message=f"'{name}' belongs to platform '{platform.name}'",
            location=document.locate(at),
            declared=platform.locate(("spec", "domain")),
            expected="a domain of the tenant's own",
            hint="remove it; every tenant is reached by its name below the platform's domain already",
        )
        for platform in platforms
        if f".{name}".endswith(f".{platform.data['spec']['domain']}")
    ]
