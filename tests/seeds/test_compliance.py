"""Where the seed's ComplianceController promises what no object keeps, and what is rendered for it (A2Z SOC)."""

from __future__ import annotations

import json
import re

import pytest

from generator.model.compliance import Measure
from generator.model.tenant import Assignment
from tests.conftest import REPOSITORY
from tests.fleets.changed import Output, output

LABEL = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")


@pytest.fixture(scope="module")
def found() -> Output:
    return output(REPOSITORY)


def folder(assignment: Assignment) -> str:
    return f"{assignment.cluster.name}/tenants/{assignment.tenant.name}/"


def served(found: Output) -> list[Assignment]:
    return [each for each in found.fleet.assignments if each.serving and not each.leaving]


@pytest.mark.parametrize(
    ("measure", "name"),
    [(Measure.PORTABILITY_EXPORT, "portability-export"), (Measure.CONSENT_RECORDS, "consent-records")],
)
def test_what_a_framework_asks_runs_on_a_schedule_and_for_nobody_else(
    found: Output, measure: Measure, name: str
) -> None:
    asked = 0
    for each in served(found):
        jobs = [body for body in found.of("CronJob", folder(each)) if body["metadata"]["name"] == name]
        assert len(jobs) == int(each.tenant.asks(measure))
        asked += len(jobs)
        for job in jobs:
            spec = job["spec"]["jobTemplate"]["spec"]
            assert spec["activeDeadlineSeconds"]
            assert job["spec"]["concurrencyPolicy"] == "Forbid"
            assert job["metadata"]["labels"].items() >= each.tenant.controls(measure).items()
    assert asked


def test_access_logging_is_an_object_that_names_its_controls_and_filters_nothing(found: Output) -> None:
    asked = [each for each in found.fleet.assignments if each.workloads and each.tenant.asks(Measure.ACCESS_LOGGING)]
    assert asked
    for each in asked:
        (telemetry,) = found.of("Telemetry", folder(each))
        assert telemetry["spec"] == {"accessLogging": [{"providers": [{"name": "access-logs"}]}]}
        controls = each.tenant.controls(Measure.ACCESS_LOGGING)
        assert controls
        assert telemetry["metadata"]["labels"].items() >= controls.items()


def test_labels_of_controls_name_controls_of_the_framework_and_are_label_values(found: Output) -> None:
    known = {
        framework.name: {control for demand in framework.demands for control in demand.controls}
        for tenant in found.fleet.tenants
        for framework in tenant.frameworks
    }
    seen = set()
    for path, body in found.objects:
        for key, value in body["metadata"].get("labels", {}).items():
            if key.startswith("controls.tenantry.dev/"):
                framework = key.partition("/")[2]
                assert LABEL.fullmatch(value), path
                assert set(value.split("_")) <= known[framework], path
                seen.add(framework)
    assert seen == {"gdpr", "hipaa", "soc2"}


def test_the_audit_record_is_locked_for_as_long_as_the_frameworks_say(found: Output) -> None:
    providers = set()
    for record in found.fleet.records:
        path = f"{record.cluster.name}/cluster/{record.tenant.platform.name}/records/{record.tenant.name}.yaml"
        (note,) = found.of("ConfigMap", path)
        assert note["data"]["retention-days"] == str(record.retention)
        providers.add(record.cluster.provider.name)
        if record.cluster.provider.name == "aws":
            (bucket,) = found.of("Bucket", path)
            assert bucket["spec"]["objectLockEnabledForBucket"] is True
            assert bucket["spec"]["versioning"] == {"status": "Enabled"}
            statements = {each["Sid"]: each for each in json.loads(bucket["spec"]["policy"])["Statement"]}
            assert all(each["Effect"] == "Deny" for each in statements.values())
            assert statements["TooShort"]["Condition"] == {
                "NumericLessThan": {"s3:object-lock-remaining-retention-days": str(record.retention)}
            }
            assert statements["Unlocked"]["Condition"] == {"StringNotEquals": {"s3:object-lock-mode": "COMPLIANCE"}}
        if record.cluster.provider.name == "gcp":
            (store,) = found.of("StorageBucket", path)
            assert store["spec"]["retentionPolicy"] == {
                "isLocked": True,
                "retentionPeriod": record.retention * 24 * 3600,
            }
        if record.cluster.provider.name == "azure":
            (container,) = found.of("StorageAccountsBlobServicesContainer", path)
            assert container["spec"]["azureName"] == record.bucket
            assert container["spec"]["publicAccess"] == "None"
            account, _, service = container["spec"]["owner"]["armId"].rpartition("/blobServices/")
            assert service == "default"
            folder = f"{record.cluster.name}/cluster/{record.tenant.platform.name}/"
            (locked,) = (
                each for each in found.of("StorageAccount", folder) if account.endswith(f"/{each['spec']['azureName']}")
            )
            lock = locked["spec"]["immutableStorageWithVersioning"]["immutabilityPolicy"]
            assert lock["state"] == "Locked"
            # Who asks for longer than any framework is kept longer by whoever writes, as on AWS.
            asked = [each for each in found.fleet.records if each.tenant.frameworks == record.tenant.frameworks]
            least = min(each.retention for each in asked)
            assert lock["immutabilityPeriodSinceCreationInDays"] >= least
    assert providers == {"aws", "azure", "gcp"}


def test_exports_go_to_a_bucket_that_is_rendered(found: Output) -> None:
    seen = set()
    for path, body in found.objects:
        if body["kind"] not in ("CronJob", "Job"):
            continue
        pod = body["spec"].get("jobTemplate", body)["spec"]["template"]["spec"]
        for container in pod["containers"]:
            variables = {each["name"]: each.get("value", "") for each in container.get("env", ())}
            if "EXPORT_BUCKET" not in variables:
                continue
            cell = path.partition("/")[0]
            kinds = ("Bucket", "StorageBucket", "StorageAccountsBlobServicesContainer")
            made = [each for kind in kinds for each in found.of(kind, f"{cell}/cluster/")]
            (store,) = (each for each in made if each["metadata"]["name"] == variables["EXPORT_BUCKET"])
            seen.add(store["kind"])
            if store["kind"] == "StorageAccountsBlobServicesContainer":
                assert store["spec"]["owner"]["name"] == variables["EXPORT_ACCOUNT"]
    assert seen == {"Bucket", "StorageBucket", "StorageAccountsBlobServicesContainer"}


def test_soc_2_keeps_its_audit_trail_for_seven_years(found: Output) -> None:
    kept = [each for each in found.fleet.records if "soc2" in {one.name for one in each.tenant.frameworks}]
    assert kept
    assert all(each.retention >= 7 * 365 for each in kept)


def test_a_record_is_only_kept_where_a_framework_asks(found: Output) -> None:
    recorded = {each.tenant.name for each in found.fleet.records}
    asking = {each.name for each in found.fleet.tenants if each.asks(Measure.IMMUTABLE_AUDIT)}
    assert recorded == asking
    assert asking < {each.name for each in found.fleet.tenants}


def test_the_store_is_no_part_of_the_tenants_own_applications(found: Output) -> None:
    for path, body in found.objects:
        if (
            body["kind"] in ("Bucket", "StorageBucket", "StorageAccountsBlobServicesContainer")
            and "audit" in body["metadata"]["name"]
        ):
            assert "/tenants/" not in path
            assert "Prune=false" in body["metadata"]["annotations"]["argocd.argoproj.io/sync-options"]


def test_the_pods_of_these_jobs_are_restricted_and_stand_outside_the_mesh(found: Output) -> None:
    templates = [body["spec"]["jobTemplate"]["spec"]["template"] for body in found.of("CronJob", "/tenants/")]
    templates += [body["spec"]["template"] for body in found.of("Job", "/tenants/")]
    assert templates
    for template in templates:
        assert template["metadata"]["labels"]["sidecar.istio.io/inject"] == "false"
        spec = template["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "@sha256:" in container["image"]
            assert set(container["resources"]) == {"requests", "limits"}


def test_each_of_these_pods_has_exactly_the_ways_out_that_it_needs(found: Output) -> None:
    for each in found.fleet.assignments:
        policies = {body["metadata"]["name"]: body["spec"] for body in found.of("NetworkPolicy", folder(each))}
        assert ("task-compliance" in policies) == bool(each.tasks)
        if "task-domains" in policies:
            ports = [port["port"] for rule in policies["task-domains"]["egress"] for port in rule["ports"]]
            assert ports == [53, 53]


def test_every_measure_is_asked_by_some_framework(found: Output) -> None:
    frameworks = [framework for tenant in found.fleet.tenants for framework in tenant.frameworks]
    assert {demand.measure for framework in frameworks for demand in framework.demands} == set(Measure)
