"""Which workloads rest, when, and when they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.model.platform import PodsMetric
from generator.model.workload import Workload
from tests.fleets import Edit
from tests.resolve.test_values import assignment, resolved

HOURS = Edit(
    "platforms/tiny.yaml",
    "  tenantClaim: tenant_id\n",
    "  tenantClaim: tenant_id\n"
    "  offHours:\n"
    "    timezone: Etc/UTC\n"
    '    shutdown: {environments: [staging], days: 1-5, opens: "08:30", closes: "18:00", floor: 0}\n'
    '    downscale: {environments: [production], days: "*", opens: "06:00", closes: "22:00", floor: 1}\n',
)
NIGHT = Edit("policies/tiers/gold.yaml", "  nodePool:", "  nightFloor: true\n  nodePool:")
STAGING = Edit(
    "regions/north.yaml",
    "    - name: north-1\n      environment: production",
    "    - name: north-1\n      environment: staging",
)


def schedules(workloads: tuple[Workload, ...]) -> set[tuple[str, str, str, int] | None]:
    return {
        (each.schedule.timezone, each.schedule.start, each.schedule.end, each.schedule.floor) if each.schedule else None
        for each in workloads
    }


def test_without_hours_nothing_rests(tmp_path: Path) -> None:
    fleet = resolved(tmp_path, NIGHT)
    assert {each.schedule for one in fleet.assignments for each in one.workloads} == {None}


def test_in_production_a_tenant_rests_at_night_where_its_tier_allows_it(tmp_path: Path) -> None:
    fleet = resolved(tmp_path, HOURS, NIGHT)
    assert schedules(assignment(fleet, "anvil", "north-1").workloads) == {("Etc/UTC", "0 6 * * *", "0 22 * * *", 1)}
    assert schedules(assignment(fleet, "birch", "west-1").workloads) == {None}


def test_pooled_services_rest_where_nobody_waits_and_never_at_night(tmp_path: Path) -> None:
    fleet = resolved(tmp_path, HOURS, NIGHT, STAGING)
    pooled = {each.cluster.name: each.workloads for each in fleet.installations if each.platform.name == "tiny"}
    assert schedules(pooled["north-1"]) == {("Etc/UTC", "30 8 * * 1-5", "0 18 * * 1-5", 0)}
    assert schedules(pooled["south-1"]) == {None}


def test_the_hours_are_those_of_the_region(tmp_path: Path) -> None:
    clock = Edit("regions/north.yaml", "  clusters:\n", "  timezone: America/Chicago\n  clusters:\n")
    fleet = resolved(tmp_path, HOURS, NIGHT, clock)
    zones = {each.schedule.timezone for each in assignment(fleet, "anvil", "north-1").workloads if each.schedule}
    assert zones == {"America/Chicago"}


def test_where_the_tenants_of_a_failed_region_arrive_nobody_rests(tmp_path: Path) -> None:
    failed = Edit("regions/north.yaml", "state: active", "state: failed")
    fleet = resolved(tmp_path, HOURS, NIGHT, failed)
    assert schedules(assignment(fleet, "anvil", "south-1").workloads) == {None}


def test_a_service_whose_minimum_is_the_floor_has_no_schedule(tmp_path: Path) -> None:
    one = Edit("policies/tiers/gold.yaml", "{min: 3, max: 10}", "{min: 1, max: 10}")
    fleet = resolved(tmp_path, HOURS, NIGHT, one)
    assert schedules(assignment(fleet, "anvil", "north-1").workloads) == {None}


@pytest.mark.parametrize(
    ("average", "replicas", "expected"), [("30", 1, "30"), ("1000", 50, "50000"), ("500m", 1, "0.5"), ("500m", 4, "2")]
)
def test_a_quantity_becomes_a_plain_number_for_keda(average: str, replicas: int, expected: str) -> None:
    assert PodsMetric("requests", average).threshold(replicas) == expected
