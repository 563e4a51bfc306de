"""Tenants' own domains: the platform's section, and faults between tenants' files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.model.document import Document
from generator.model.domains import Domains, KeyAlgorithm
from generator.model.fleet import Domain
from generator.resolve.index import Index
from generator.resolve.tasks import task
from generator.source import Pointer

TAKEN = Code(
    "REF020",
    "one domain of two tenants",
    "Two routes would answer to one name, and one tenant's users would be sent to the other.",
)
OURS = Code(
    "REF021",
    "a tenant's domain below a platform's",
    "The platform's wildcard already answers there, and a tenant could take another's name.",
)
NOT_OFFERED = Code(
    "REF022", "a domain on a platform that serves none", "It would be accepted, never proven and never reachable."
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
    """Domains that another tenant has, that are a platform's, or whose platform serves none.

    A tenant that has been offboarded holds its domains no longer.
    """
    platforms = {document.name: document for document in index.valid("Platform")}
    first: dict[str, tuple[Document, Pointer]] = {}
    found: list[Diagnostic] = []
    for document in index.valid("Tenant"):
        spec = document.data["spec"]
        listed = spec.get("domains", ())
        platform = platforms.get(spec["platform"])
        if listed and platform is not None and "domains" not in platform.data["spec"]:
            found.append(_not_offered(document, platform))
        if spec["state"] == "offboarded":
            continue
        for number, data in enumerate(listed):
            at: Pointer = ("spec", "domains", number, "name")
            found += _below(document, at, data["name"], platforms.values())
            if data["name"] in first:
                found.append(_taken(document, at, data["name"], *first[data["name"]]))
            else:
                first[data["name"]] = (document, at)
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


def _taken(document: Document, at: Pointer, name: str, earlier: Document, there: Pointer) -> Diagnostic:
    return Diagnostic(
        code=TAKEN,
        severity=Severity.ERROR,
        message=f"'{name}' is a domain of tenant '{earlier.name}' already",
        location=document.locate(at),
        related=(Related("first declared here", earlier.locate(there)),),
        hint="remove it from one of the two",
    )
