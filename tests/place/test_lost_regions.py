"""What becomes of tenants when a region drains or fails."""

from __future__ import annotations

from math import ceil
from pathlib import Path

import pytest

from generator.diagnostics import Severity
from generator.model.fleet import Fleet
from generator.model.tenant import Role, State
from generator.place import Load, Search, needs_of, objections, rank
from tests.conftest import REPOSITORY
from tests.fleets import Edit, small_fleet
from tests.fleets.changed import Output, example_fleet, output

REGIONS = sorted(path.stem for path in (REPOSITORY / "regions").glob("*.yaml"))
NORTH = Edit("regions/north.yaml", "state: active", "state: failed")
SOUTH = Edit("regions/south.yaml", "state: active", "state: failed")


def serving(fleet: Fleet, tenant: str) -> list[str]:
    return [each.cluster.name for each in fleet.assignments if each.tenant.name == tenant and each.serving]


def weights(found: Output, name: str) -> dict[str, str]:
    """The cells that a DNS name leads to, each with its weight."""
    return {
        endpoint["setIdentifier"]: endpoint["providerSpecific"][0]["value"]
        for body in found.of("DNSEndpoint", "/tenants/")
        for endpoint in body["spec"]["endpoints"]
        if endpoint["dnsName"] == name
    }


def test_a_standby_serves_where_there_is_one(tmp_path: Path) -> None:
    found = output(small_fleet(tmp_path, [NORTH]))
    assert serving(found.fleet, "anvil") == ["south-1"]
    assert not found.diagnostics


def test_without_a_standby_the_first_peer_that_may_hold_the_tenant_takes_it_in(tmp_path: Path) -> None:
    found = output(small_fleet(tmp_path, [SOUTH]))
    assert serving(found.fleet, "cedar") == ["north-1"]
    recorded = next(each for each in found.fleet.tenants if each.name == "cedar")
    lost = next(each for each in found.fleet.assignments if each.tenant is recorded and not each.serving)
    assert (lost.cluster.name, lost.role) == ("south-1", Role.PRIMARY)


def test_who_arrives_has_its_minimum_raised_by_the_fleets_factor(tmp_path: Path) -> None:
    change = Edit("tenants/cedar.yaml", "tier: bronze", "tier: gold")
    calm = output(small_fleet(tmp_path / "calm", [change]))
    lost = output(small_fleet(tmp_path / "lost", [change, SOUTH]))
    factor = lost.fleet.failover_factor
    assert factor > 1
    before = next(each for each in calm.fleet.assignments if each.tenant.name == "cedar")
    after = next(each for each in lost.fleet.assignments if each.tenant.name == "cedar" and each.serving)
    assert before.workloads
    for one, other in zip(before.workloads, after.workloads, strict=True):
        expected = min(ceil(one.replicas.minimum * factor), one.replicas.maximum)
        assert other.replicas.minimum == expected


def test_the_pool_of_a_region_that_takes_in_another_grows(tmp_path: Path) -> None:
    def minimum(found: Output, cell: str) -> int:
        installation = next(each for each in found.fleet.installations if each.cluster.name == cell)
        return next(each for each in installation.workloads if each.service.name == "api").replicas.minimum

    calm, lost = output(small_fleet(tmp_path / "a")), output(small_fleet(tmp_path / "b", [SOUTH]))
    assert minimum(lost, "north-1") == ceil(minimum(calm, "north-1") * lost.fleet.failover_factor)
    assert minimum(lost, "west-1") == minimum(calm, "west-1")


def test_a_tenant_that_no_peer_may_hold_is_named_with_both_places_and_stays_unserved(tmp_path: Path) -> None:
    edits = [
        Edit("regions/west.yaml", "state: active", "state: failed"),
        Edit("regions/west.yaml", "failover: []", "failover: [south]"),
    ]
    found = output(small_fleet(tmp_path, edits))
    assert serving(found.fleet, "birch") == []
    (about,) = found.diagnostics
    assert (about.code.id, about.severity) == ("PLC010", Severity.WARNING)
    assert "'birch'" in about.message
    assert "'west'" in about.message
    assert "jurisdiction US, not EU" in about.found
    assert about.location.path == "tenants/birch.yaml"
    assert about.related[0].location.path == "regions/west.yaml"


def test_a_peer_without_room_takes_nobody_in(tmp_path: Path) -> None:
    room = 'capacity: {{tenants: {0}, cpu: "100", memory: 400Gi}}\n      ingress: north-1.'
    full = Edit("regions/north.yaml", room.format(20), room.format(1))
    found = output(small_fleet(tmp_path, [SOUTH, full]))
    assert serving(found.fleet, "cedar") == []
    assert [each.code.id for each in found.diagnostics] == ["PLC010"]
    assert "over its capacity: 2 tenants of 1" in found.diagnostics[0].found


def test_of_two_standbys_one_serves(tmp_path: Path) -> None:
    tiers = "platforms: [tiny]\n      tiers: [{0}silver, bronze]"
    third = "\n    - {cluster: west-1, role: standby, identity: 00000000-0000-4000-8000-000000000009}"
    edits = [
        Edit("regions/west.yaml", tiers.format(""), tiers.format("gold, ")),
        Edit("tenants/anvil.yaml", "residency: US", "residency: any"),
        Edit("tenants/anvil.yaml", "role: standby}", f"role: standby}}{third}"),
        NORTH,
    ]
    assert serving(output(small_fleet(tmp_path, edits)).fleet, "anvil") == ["south-1"]


def test_a_draining_region_keeps_its_tenants_and_takes_no_new_ones(tmp_path: Path) -> None:
    drained = Edit("regions/south.yaml", "state: active", "state: draining")
    fleet = output(small_fleet(tmp_path, [drained])).fleet
    assert serving(fleet, "cedar") == ["south-1"]
    needs = needs_of(next(each for each in fleet.tenants if each.name == "cedar"))
    candidates, refused = rank(fleet, Search(needs=needs, demand=Load()))
    assert "south-1" not in {each.cluster.name for each in candidates}
    assert "region 'south' is draining" in {each.cluster.name: each.reasons for each in refused}["south-1"]


def test_a_draining_peer_takes_in_nobody_either(tmp_path: Path) -> None:
    drained = Edit("regions/north.yaml", "state: active", "state: draining")
    found = output(small_fleet(tmp_path, [SOUTH, drained]))
    assert serving(found.fleet, "cedar") == []
    assert "region 'north' is draining" in found.diagnostics[0].found


@pytest.fixture(scope="module", params=REGIONS)
def lost(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Output]:
    """The example fleet with one of its regions lost."""
    region = str(request.param)
    file = f"regions/{region}.yaml"
    state = "active" if "state: active" in (REPOSITORY / file).read_text(encoding="utf-8") else "draining"
    change = (file, f"state: {state}", "state: failed")
    return region, output(example_fleet(tmp_path_factory.mktemp("lost"), change))


def test_nothing_of_a_failed_region_serves(lost: tuple[str, Output]) -> None:
    region, found = lost
    cells = {each.name for each in found.fleet.clusters if each.region.name == region}
    for assignment in found.fleet.assignments:
        if assignment.cluster.name in cells:
            assert not assignment.serving
            assert not assignment.domains
    for path, body in found.objects:
        if path.split("/")[0] not in cells or "/tenants/" not in path:
            continue
        if body["kind"] == "VirtualService":
            assert [sorted(route) for route in body["spec"]["http"]] == [["directResponse", "name"]], path
        if body["kind"] == "DNSEndpoint":
            values = {each["providerSpecific"][0]["value"] for each in body["spec"]["endpoints"]}
            assert values == {"0"}, path


def test_residency_holds_wherever_tenants_arrive(lost: tuple[str, Output]) -> None:
    for assignment in lost[1].fleet.assignments:
        assert not objections(assignment.cluster, needs_of(assignment.tenant)), assignment.tenant.name


def test_a_tenants_global_name_leads_to_the_one_cell_that_serves_it(lost: tuple[str, Output]) -> None:
    _, found = lost
    stranded = {each.message.split("'")[1] for each in found.diagnostics if each.code.id == "PLC010"}
    for tenant in found.fleet.tenants:
        if tenant.state is not State.ACTIVE:
            continue
        answers = weights(found, f"{tenant.name}.{tenant.platform.domain}")
        serves = {name for name, weight in answers.items() if weight == "100"}
        assert sorted(serves) == serving(found.fleet, tenant.name)
        assert len(serves) == (0 if tenant.name in stranded else 1), tenant.name
