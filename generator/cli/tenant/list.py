"""`tenantry tenant list`: who is in the fleet, and where."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import click

from generator.cli import options
from generator.cli.session import Session, counted, put, say
from generator.cli.tenant import names

if TYPE_CHECKING:
    from generator.model.fleet import Fleet
    from generator.model.tenant import Assignment, Tenant

_COLUMNS: Final = ("name", "platform", "tier", "state", "ring", "residency", "clusters")


@click.command("list")
@click.option("--platform", metavar="NAME", shell_complete=names.platforms, help="Only those of this platform.")
@click.option("--tier", metavar="NAME", shell_complete=names.tiers, help="Only those of this tier.")
@click.option("--cluster", metavar="NAME", help="Only those placed on this cluster.")
@click.option("--state", type=click.Choice(options.STATES), help="Only those in this state.")
@click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(
    session: Session,
    platform: str | None,
    tier: str | None,
    cluster: str | None,
    state: str | None,
    format: str,  # noqa: A002
) -> int:
    """List the tenants: a line for each, with where it is placed.

    A standby's cluster is marked; an offboarded tenant has none.
    """
    fleet, code = names.fleet_of(session)
    if fleet is None:
        return code
    names.known("platform", platform, (known.name for known in fleet.platforms))
    names.known("tier", tier, (known.name for known in fleet.tiers))
    names.known("cluster", cluster, (known.name for known in fleet.clusters))
    placed = _placed(fleet)
    chosen = [
        tenant
        for tenant in fleet.tenants
        if platform in (None, tenant.platform.name)
        and tier in (None, tenant.tier.name)
        and state in (None, tenant.state.value)
        and (cluster is None or any(at.cluster.name == cluster for at in placed.get(tenant.name, ())))
    ]
    if format == "json":
        listed = [_json(tenant, placed.get(tenant.name, ())) for tenant in chosen]
        put(json.dumps({"version": 1, "tenants": listed}, ensure_ascii=False, indent=2) + "\n")
    else:
        put(_table([_row(tenant, placed.get(tenant.name, ())) for tenant in chosen]))
    say(counted(len(chosen), "tenant"))
    return code


def _placed(fleet: Fleet) -> dict[str, tuple[Assignment, ...]]:
    """Each tenant's places, the primary first."""
    placed: dict[str, tuple[Assignment, ...]] = {}
    for assignment in sorted(fleet.assignments, key=lambda at: (at.role.value != "primary", at.cluster.name)):
        placed[assignment.tenant.name] = (*placed.get(assignment.tenant.name, ()), assignment)
    return placed


def _row(tenant: Tenant, placed: tuple[Assignment, ...]) -> tuple[str, ...]:
    clusters = [at.cluster.name + (" (standby)" if at.role.value == "standby" else "") for at in placed]
    return (
        tenant.name,
        tenant.platform.name,
        tenant.tier.name,
        tenant.state.value,
        tenant.ring,
        tenant.residency,
        ", ".join(clusters) or "-",
    )


def _json(tenant: Tenant, placed: tuple[Assignment, ...]) -> dict[str, object]:
    """The columns of the table, with the clusters as objects; `path` is the tenant's file."""
    return {
        **dict(zip(_COLUMNS, _row(tenant, placed), strict=True)),
        "clusters": [{"name": at.cluster.name, "role": at.role.value} for at in placed],
        "path": tenant.path,
    }


def _table(rows: list[tuple[str, ...]]) -> str:
    """Columns as wide as their widest cell, two blanks apart, never wrapped."""
    lines = [tuple(name.upper() for name in _COLUMNS), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_COLUMNS))]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "".join(f"{line.rstrip()}\n" for line in padded)
