"""What resolution makes of layers, floors and states."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.load import load_documents
from generator.model.fleet import Fleet
from generator.model.tenant import Assignment, Isolation
from generator.pipeline.inputs import validate
from generator.resolve import resolve
from tests.fleets import SMALL, Edit, small_fleet
from tests.fleets.changed import example_fleet


def resolved(folder: Path, *edits: Edit) -> Fleet:
    """The small fleet after edits, which must leave it sound."""
    validated = validate(small_fleet(folder, list(edits)))
    assert validated.diagnostics == ()
    assert validated.fleet is not None
    return validated.fleet


def assignment(fleet: Fleet, tenant: str, cluster: str) -> Assignment:
    """One tenant on one cell."""
    return next(each for each in fleet.assignments if (each.tenant.name, each.cluster.name) == (tenant, cluster))


@pytest.mark.parametrize(
    ("layer", "edit", "expected"),
    [
        ("platform", Edit("policies/tiers/gold.yaml", "    replicas: {min: 3, max: 10}\n", ""), (1, 12)),
        ("tier", Edit("policies/tiers/gold.yaml", "{min: 3, max: 10}", "{min: 4, max: 10}"), (4, 12)),
        (
            "provider",
            Edit("policies/providers/aws.yaml", "  prices:", "  settings: {replicas: {min: 5}}\n  prices:"),
            (5, 12),
        ),
        ("region", Edit("regions/north.yaml", "  clusters:", "  settings: {replicas: {min: 6}}\n  clusters:"), (6, 12)),
        (
            "cluster",
            Edit(
                "regions/north.yaml",
                "      ingress: north-1",
                "      settings: {replicas: {min: 7}}\n      ingress: north-1",
            ),
            (7, 12),
        ),
        ("tenant", Edit("tenants/anvil.yaml", "{max: 12}", "{min: 8, max: 12}"), (8, 12)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_layer_is_stronger_than_those_before_it(
    layer: str, edit: Edit, expected: tuple[int, int], tmp_path: Path
) -> None:
    replicas = assignment(resolved(tmp_path, edit), "anvil", "north-1").settings.replicas
    assert (replicas.minimum, replicas.maximum) == expected


def test_a_framework_raises_what_is_below_its_floor_and_nothing_lowers_it(tmp_path: Path) -> None:
    lower = Edit("tenants/anvil.yaml", "replicas: {max: 12}", "retention: {audit: 10}\n    accessLogs: errors")
    settings_ = assignment(resolved(tmp_path, lower), "anvil", "north-1").settings
    assert settings_.retention.audit == 2555
    assert settings_.access_logs == "all"


def test_a_framework_leaves_alone_what_is_above_its_floor(tmp_path: Path) -> None:
    higher = Edit("tenants/anvil.yaml", "replicas: {max: 12}", "retention: {audit: 3000}")
    assert assignment(resolved(tmp_path, higher), "anvil", "north-1").settings.retention.audit == 3000


def test_a_framework_raises_the_isolation_of_a_tier_that_shares(tmp_path: Path) -> None:
    fleet = resolved(tmp_path, Edit("tenants/birch.yaml", "tier: silver", "tier: bronze"))
    birch = assignment(fleet, "birch", "west-1")
    assert birch.tenant.isolation is Isolation.NAMESPACE
    assert [workload.service.name for workload in birch.workloads] == ["api", "web"]


def test_a_tenant_that_shares_has_no_services_of_its_own(tmp_path: Path) -> None:
    cedar = assignment(resolved(tmp_path), "cedar", "south-1")
    assert cedar.workloads == ()
    assert cedar.service_namespace == "tiny"


def test_the_standby_of_a_failed_region_serves_with_the_minimum_raised(tmp_path: Path) -> None:
    fleet = resolved(tmp_path, Edit("regions/north.yaml", "state: active", "state: failed"))
    primary, standby = assignment(fleet, "anvil", "north-1"), assignment(fleet, "anvil", "south-1")
    assert (primary.serving, standby.serving) == (False, True)
    assert {workload.replicas.minimum for workload in standby.workloads} == {5}  # 3 × 1.5, rounded up


def test_requests_for_a_failed_region_go_to_its_first_peer_that_is_up(tmp_path: Path) -> None:
    fleet = resolved(tmp_path, Edit("regions/north.yaml", "state: active", "state: failed"))
    steering = {each.cluster.name: {s.value: s.host for s in each.steering} for each in fleet.installations}
    assert steering["south-1"] == {"north": "", "south": "", "west": "ingress.west.tiny.example.com"}
    assert steering["west-1"]["north"] == "ingress.south.tiny.example.com"


def test_an_offboarded_tenant_is_on_no_cell(tmp_path: Path) -> None:
    fleet = resolved(tmp_path, Edit("tenants/cedar.yaml", "state: active", "state: offboarded"))
    assert "cedar" in {tenant.name for tenant in fleet.tenants}
    assert "cedar" not in {each.tenant.name for each in fleet.assignments}


def test_the_quota_holds_every_service_at_its_maximum_in_mid_update(tmp_path: Path) -> None:
    quota = assignment(resolved(tmp_path), "anvil", "north-1").quota
    copies = 2 * 12 * 2  # Two services, 12 replicas each, twice while blue and green stand side by side.
    database = 4  # Its own PostgreSQL: three instances and three poolers, and one more of each while one is replaced.
    cores, gibibytes = database * (3.5 + 1), database * (12.5 + 0.25)
    assert quota.pods == copies + 10 + 2 * database
    assert quota.cpu == str(copies * 2 + 2 + int(cores))
    assert quota.memory == f"{copies * 4 + 4 + int(gibibytes)}Gi"


@given(seed=st.integers())
@settings(max_examples=30, deadline=None)
def test_the_order_of_documents_makes_no_difference(seed: int) -> None:
    documents, _ = load_documents(SMALL)
    shuffled = list(documents)
    random.Random(seed).shuffle(shuffled)
    assert resolve(shuffled) == resolve(documents)


def test_exports_go_to_a_bucket_that_the_platform_has(tmp_path: Path) -> None:
    root = example_fleet(tmp_path, ("platforms/oams.yaml", "\n    exports: exports\n", "\n    exports: export\n"))
    (fault,) = validate(root).diagnostics
    assert fault.code.id == "REF001"
    assert fault.message == "no bucket is named 'export'"
    assert fault.location.path == "platforms/oams.yaml"
    assert fault.location.text.strip() == "exports: export"


def test_tenants_that_are_equal_but_for_their_ring_get_the_release_of_their_own(tmp_path: Path) -> None:
    birch = (SMALL / "tenants" / "birch.yaml").read_text(encoding="utf-8")
    digest = "sha256:" + "ab" * 32
    release = f"      releases:\n        - {{environment: production, ring: canary, tag: 2.0.0, digest: {digest}}}\n"
    root = small_fleet(tmp_path, [Edit("platforms/tiny.yaml", "      port: 8080\n", f"      port: 8080\n{release}")])
    early = (
        birch.replace("name: birch", "name: alder").replace("ring: stable", "ring: canary").replace("birch", "alder")
    )
    (root / "tenants" / "alder.yaml").write_text(early, encoding="utf-8")
    fleet = validate(root).fleet
    assert fleet is not None
    tags = {
        each.tenant.name: {workload.service.name: workload.service.image.tag for workload in each.workloads}["api"]
        for each in fleet.assignments
        if each.tenant.name in ("alder", "birch")
    }
    assert tags == {"alder": "2.0.0", "birch": "1.0.0"}
