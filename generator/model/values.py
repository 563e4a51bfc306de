"""What a tenant has been resolved to, value by value: the words of its file first, then what follows on each cell."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from generator.model.tenant import Assignment, Record, Tenant


def tenant_values(tenant: Tenant) -> dict[str, Any]:
    """A tenant's values that are the same on all its cells, by dotted path; what it does not have is left out."""
    return _flat(
        {
            "title": tenant.title,
            "note": tenant.note,
            "platform": tenant.platform.name,
            "tier": tenant.tier.name,
            "isolation": tenant.isolation,
            "state": tenant.state,
            "residency": tenant.residency,
            "compliance": [framework.name for framework in tenant.frameworks],
            "ring": tenant.ring,
            "domains": [asdict(domain) for domain in tenant.domains],
            "identity": {"issuer": tenant.issuer.url, "jwks": tenant.issuer.jwks, "group": tenant.issuer.group},
            "costCentre": tenant.cost_centre,
            "team": tenant.team,
            "contacts": dict(sorted(tenant.contacts.items())),
            "namespace": tenant.namespace,
        }
    )


def assignment_values(assignment: Assignment) -> dict[str, Any]:
    """What a tenant gets on one cell, by dotted path; what it does not have is left out."""
    settings, quota, data = assignment.settings, assignment.quota, assignment.data
    return _flat(
        {
            "role": assignment.role,
            "serving": assignment.serving,
            "hosts": list(assignment.all_hosts),
            "cloudIdentity": assignment.identity,
            "limits": settings.limits,
            "replicas": {"min": settings.replicas.minimum, "max": settings.replicas.maximum},
            "targets": settings.targets,
            "retention": settings.retention,
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
            "services": {workload.service.name: _service(workload) for workload in assignment.workloads},
            "database": {
                "own": data.own,
                "name": data.role,
                "backups": data.backups,
                "dumps": data.dumps,
                "dumpSchedule": data.dump_schedule,
                "host": data.host,
            }
            if data is not None
            else {},
        }
    )


def record_values(record: Record) -> dict[str, Any]:
    """A tenant's audit record on one cell, by dotted path."""
    return _flat({"auditRecord": {"bucket": record.bucket, "retention": record.retention}})


def _service(workload: Any) -> dict[str, Any]:
    return {
        "image": workload.service.image.reference,
        "requests": workload.requests,
        "limits": workload.limits,
        "replicas": {"min": workload.replicas.minimum, "max": workload.replicas.maximum},
        "targets": workload.targets,
        "schedule": workload.schedule,
    }


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Scalars by path: `limits.cpu`, `hosts[0]`. Empty text, None and empty collections are nothing to speak of."""
    if isinstance(value, Struct):
        value = asdict(value)
    if isinstance(value, dict):
        named = ((f"{path}.{key}" if path else str(key), inner) for key, inner in value.items())
        return {place: found for key, inner in named for place, found in _flat(inner, key).items()}
    if isinstance(value, list | tuple):
        numbered = ((f"{path}[{number}]", inner) for number, inner in enumerate(value))
        return {place: found for key, inner in numbered for place, found in _flat(inner, key).items()}
    if value is None or value == "":
        return {}
    return {path: value.value if isinstance(value, StrEnum) else value}
