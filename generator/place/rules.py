"""Which cells may hold a tenant: one set of rules, for recorded placements and for new ones."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from generator.model.cell import Cluster
from generator.model.tenant import Framework, Tenant

ANYWHERE = "any"
"""The residency of a tenant whose data may stand in every jurisdiction."""


class Rule(StrEnum):
    """What a cell can fail a tenant in."""

    PLATFORM = "platform"
    TIER = "tier"
    RESIDENCY = "residency"
    FRAMEWORK = "framework"


class Needs(Struct, frozen=True):
    """What a tenant asks of a cell."""

    platform: str
    tier: str
    residency: str
    frameworks: tuple[Framework, ...]


class Objection(Struct, frozen=True):
    """One reason why a cell may not hold a tenant. `framework` is set for the rule of that name."""

    rule: Rule
    reason: str
    framework: Framework | None = None


def needs_of(tenant: Tenant) -> Needs:
    """What an existing tenant asks of its cells."""
    return Needs(tenant.platform.name, tenant.tier.name, tenant.residency, tenant.frameworks)


def objections(cluster: Cluster, needs: Needs) -> tuple[Objection, ...]:
    """Every reason why the cell may not hold the tenant, whatever its state and load; none when it may."""
    found = []
    if needs.platform not in {platform.name for platform in cluster.platforms}:
        found.append(Objection(Rule.PLATFORM, f"cell '{cluster.name}' does not run platform '{needs.platform}'"))
    if needs.tier not in cluster.tiers:
        found.append(Objection(Rule.TIER, f"cell '{cluster.name}' does not offer tier '{needs.tier}'"))
    jurisdiction = cluster.region.jurisdiction
    if needs.residency not in (ANYWHERE, jurisdiction):
        reason = f"cell '{cluster.name}' is in jurisdiction {jurisdiction}, not {needs.residency}"
        found.append(Objection(Rule.RESIDENCY, reason))
    for framework in needs.frameworks:
        if framework.jurisdictions and jurisdiction not in framework.jurisdictions:
            allowed = ", ".join(framework.jurisdictions)
            reason = f"{framework.title} keeps data in {allowed}; cell '{cluster.name}' is in {jurisdiction}"
            found.append(Objection(Rule.FRAMEWORK, reason, framework))
    return tuple(found)
