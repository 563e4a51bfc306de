"""`tenantry tenant show`: one tenant as resolved, with what it gets on each of its clusters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import click
from msgspec.structs import asdict

from generator.cli.session import Session, put
from generator.cli.tenant import names

if TYPE_CHECKING:
    from generator.model.tenant import Assignment, Tenant
    from generator.model.workload import Workload


_TOLD_APART: Final = ("cluster", "role", "serving", "services", "inputs")


@click.command("show")
@click.argument("name", shell_complete=names.tenants)
@click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(session: Session, name: str, format: str) -> int:  # noqa: A002
    """Show the tenant NAME with everything resolved.

    What it is, and what it gets on each of its clusters.
    """
    fleet, code = names.fleet_of(session)
    if fleet is None:
        return code
    names.known("tenant", name, (tenant.name for tenant in fleet.tenants))
    tenant = next(tenant for tenant in fleet.tenants if tenant.name == name)
    shown = _tenant(tenant, [at for at in fleet.assignments if at.tenant.name == name])
    if format == "json":
        put(json.dumps({"version": 1, **shown}, ensure_ascii=False, indent=2) + "\n")
    else:
        put("".join(f"{line}\n" for line in _block(shown)))
    return code


def _tenant(tenant: Tenant, assignments: list[Assignment]) -> dict[str, Any]:
    """In the words and the order of a tenant's file, with what follows from it at the end."""
    return {
        "name": tenant.name,
        "path": tenant.path,
        "title": tenant.title,
        "platform": tenant.platform.name,
        "tier": tenant.tier.name,
        "isolation": tenant.isolation.value,
        "state": tenant.state.value,
        "residency": tenant.residency,
        "compliance": [framework.name for framework in tenant.frameworks],
        "ring": tenant.ring,
        "domains": [asdict(domain) for domain in tenant.domains],
        "identity": {"issuer": tenant.issuer.url, "jwks": tenant.issuer.jwks, "group": tenant.issuer.group},
        "costCentre": tenant.cost_centre,
        "team": tenant.team,
        "contacts": dict(sorted(tenant.contacts.items())),
        "note": tenant.note,
        "namespace": tenant.namespace,
        "placements": [_placement(assignment) for assignment in assignments],
    }


def _placement(assignment: Assignment) -> dict[str, Any]:
    settings, quota = assignment.settings, assignment.quota
    return {
        "cluster": assignment.cluster.name,
        "region": assignment.cluster.region.name,
        "environment": assignment.cluster.environment,
        "role": assignment.role.value,
        "serving": assignment.serving,
        "hosts": list(assignment.all_hosts),
        "identity": assignment.identity,
        "limits": asdict(settings.limits),
        "replicas": {"min": settings.replicas.minimum, "max": settings.replicas.maximum},
        "targets": asdict(settings.targets),
        "retention": asdict(settings.retention),
        "accessLogs": settings.access_logs,
        "quota": {
            "cpu": quota.cpu,
            "memory": quota.memory,
            "pods": quota.pods,
            "services": quota.services,
            "secrets": quota.secrets,
            "configMaps": quota.config_maps,
            "volumeClaims": quota.volume_claims,
        },
        "services": [_service(workload) for workload in assignment.workloads],
        "inputs": list(assignment.inputs),
    }


def _service(workload: Workload) -> dict[str, Any]:
    return {
        "name": workload.service.name,
        "image": workload.service.image.reference,
        "requests": asdict(workload.requests),
        "limits": asdict(workload.limits),
        "replicas": {"min": workload.replicas.minimum, "max": workload.replicas.maximum},
    }


def _block(shown: dict[str, Any]) -> Iterator[str]:
    """A line for each value, and a block for each placement; what is empty is left out."""
    told = {key: value for key, value in shown.items() if key not in ("domains", "placements")}
    told["domains"] = [
        domain["name"] + ("" if domain["verified"] else " (not verified)") for domain in shown["domains"]
    ]
    yield from _lines(told)
    for placement in shown["placements"]:
        yield ""
        yield f"{placement['cluster']} ({placement['role']}, {'serving' if placement['serving'] else 'not serving'})"
        told = {key: value for key, value in placement.items() if key not in _TOLD_APART}
        for line in _lines(told):
            yield f"  {line}"
        for service in placement["services"]:
            sizes = "; ".join(f"{key} {_line(service[key])}" for key in ("requests", "limits", "replicas"))
            yield f"  service {service['name']}: {sizes}"


def _lines(told: dict[str, Any]) -> Iterator[str]:
    """Keys and values in two columns; a text of several lines stays in its own."""
    width = max(len(key) for key in told)
    for key, value in told.items():
        if value not in ("", [], {}):
            yield f"{key:{width}}  {_line(value)}".replace("\n", "\n" + " " * (width + 2)).rstrip()


def _line(value: Any) -> str:
    """`cpu 250m, memory 512Mi`: objects with their keys, lists with commas."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {inner}" for key, inner in value.items())
    return ", ".join(value) if isinstance(value, list) else str(value)
