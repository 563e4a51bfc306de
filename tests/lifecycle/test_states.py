"""Each step of a tenant's life, and what of it is rendered before and after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.fleets.changed import Output, example_fleet, output

# A tenant under a framework that asks for erasure and a record, with workloads and domains of its own.
FILE, CELL, NAME = "tenants/a2z-soc/fjordlys.yaml", "aws-eu-west-1-prod-1", "fjordlys"
KEEP = "Prune=false,Delete=false"


def in_state(folder: Path, state: str) -> Output:
    folder.mkdir(parents=True, exist_ok=True)
    changes = [(FILE, "state: active", f"state: {state}")] if state != "active" else []
    return output(example_fleet(folder, *changes))


def cell(found: Output) -> str:
    """Where the tenant is served."""
    return next(
        each.cluster.name for each in found.fleet.assignments if each.tenant.name == NAME and each.role == "primary"
    )


def own(found: Output, kind: str) -> list[dict[str, Any]]:
    return found.of(kind, f"/tenants/{NAME}/")


def names(bodies: list[dict[str, Any]]) -> set[str]:
    return {body["metadata"]["name"] for body in bodies}


def test_active_runs_and_is_kept(tmp_path: Path) -> None:
    found = in_state(tmp_path, "active")
    assert own(found, "HorizontalPodAutoscaler")
    assert all("replicas" not in body["spec"] for body in own(found, "Rollout"))
    assert not any("argocd.argoproj.io/hook" in body["metadata"].get("annotations", {}) for body in own(found, "Job"))
    assert {body["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] for body in own(found, "Namespace")} == {
        KEEP
    }
    assert all("finalizers" not in body["metadata"] for body in found.of("Application", f"/{NAME}.yaml"))


def test_active_to_suspended_closes_routes_and_stops_workloads_and_keeps_data(tmp_path: Path) -> None:
    before, after = in_state(tmp_path / "a", "active"), in_state(tmp_path / "b", "suspended")
    for kind in ("HorizontalPodAutoscaler", "PodDisruptionBudget", "ScaledObject"):
        assert not own(after, kind)
    assert {body["spec"]["replicas"] for body in own(after, "Rollout")} == {0}
    routes = [body for body in own(after, "VirtualService") if body["metadata"]["namespace"] == f"tenant-{NAME}"]
    assert routes
    for body in routes:
        assert body["spec"]["http"] == [{"name": "closed", "directResponse": {"status": 503}}]
    rules = [body for body in own(after, "AuthorizationPolicy") if body["metadata"]["namespace"] != "istio-ingress"]
    gateway = "cluster.local/ns/istio-ingress/sa/istio-ingress"
    assert gateway not in str(rules)
    # Data, secrets, certificates and what the frameworks ask for stay.
    for kind in ("Namespace", "ExternalSecret", "SecretStore", "Certificate", "CronJob", "ResourceQuota"):
        assert names(own(after, kind)) == names(own(before, kind)), kind
    assert {body["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] for body in own(after, "Namespace")} == {
        KEEP
    }
    assert all("finalizers" not in body["metadata"] for body in after.of("Application", f"/{NAME}.yaml"))


def test_suspended_to_active_is_as_if_it_had_never_been(tmp_path: Path) -> None:
    before, after = in_state(tmp_path / "a", "active"), in_state(tmp_path / "b", "active")
    assert before.objects == after.objects


def test_to_offboarding_exports_and_backs_up_first_and_erases_last(tmp_path: Path) -> None:
    found = in_state(tmp_path, "offboarding")
    jobs = {
        body["metadata"]["name"]: body["metadata"]["annotations"]
        for body in found.of("Job", f"{cell(found)}/tenants/{NAME}/")
    }
    phases = {name: annotations["argocd.argoproj.io/hook"] for name, annotations in jobs.items()}
    assert phases == {"final-export": "PreSync", "final-backup": "PreSync", "erasure": "PostSync"}
    # A Job that has succeeded stays under its name, so that no later sync exports what has been erased.
    assert {each["argocd.argoproj.io/hook-delete-policy"] for each in jobs.values()} == {"HookFailed"}
    assert not own(found, "CronJob")


def test_offboarding_drops_the_protection_and_cleans_up_behind_it(tmp_path: Path) -> None:
    found = in_state(tmp_path, "offboarding")
    for body in own(found, "Namespace"):
        assert "argocd.argoproj.io/sync-options" not in body["metadata"]["annotations"]
    applications = found.of("Application", f"/{NAME}.yaml")
    assert applications
    for body in applications:
        assert body["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]
    assert {body["spec"]["replicas"] for body in own(found, "Rollout")} == {0}


def test_a_tenant_without_such_a_framework_leaves_without_an_erasure(tmp_path: Path) -> None:
    frameworks = (FILE, "compliance: [gdpr, soc2]", "compliance: [soc2]")
    found = output(example_fleet(tmp_path, (FILE, "state: active", "state: offboarding"), frameworks))
    assert names(own(found, "Job")) == {"final-export", "final-backup"}


def test_to_offboarded_leaves_nothing_but_the_audit_record(tmp_path: Path) -> None:
    before, after = in_state(tmp_path / "a", "offboarding"), in_state(tmp_path / "b", "offboarded")
    left = [(path, body["kind"]) for path, body in after.objects if NAME in path]
    assert left
    assert {path.split("/")[1] for path, _ in left} == {"cluster"}
    assert {kind for _, kind in left} <= {
        "ConfigMap",
        "Bucket",
        "StorageBucket",
        "StorageAccountsBlobServicesContainer",
    }
    assert not [path for path, body in after.objects if NAME not in path and f"tenant-{NAME}" in str(body)]
    kept = {path: body for path, body in after.objects if NAME in path}
    for path, body in before.objects:
        if path in kept and body["kind"] != "ConfigMap":
            # The same object under the same owner: nothing about it changes hands, so nothing is deleted and made anew.
            assert body in [each for place, each in after.objects if place == path]


def test_the_record_says_that_the_tenant_is_gone(tmp_path: Path) -> None:
    found = in_state(tmp_path, "offboarded")
    (note,) = found.of("ConfigMap", f"{cell_of_record(found)}/cluster/a2z-soc/records/{NAME}.yaml")
    assert note["data"]["state"] == "offboarded"


def cell_of_record(found: Output) -> str:
    return next(each.cluster.name for each in found.fleet.records if each.tenant.name == NAME)


def test_an_offboarded_tenant_without_such_a_framework_leaves_nothing_at_all(tmp_path: Path) -> None:
    frameworks = (FILE, "compliance: [gdpr, soc2]", "compliance: []")
    found = output(example_fleet(tmp_path, (FILE, "state: active", "state: offboarded"), frameworks))
    assert not [path for path, _ in found.objects if NAME in path]
