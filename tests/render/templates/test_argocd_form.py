"""What Argo CD is told: how it syncs, what each project may touch, and what it must never delete."""

from __future__ import annotations

from collections import defaultdict
from fnmatch import fnmatch

from generator.model.tenant import State
from tests.fleets.example import Example, folders

FINALIZER = "resources-finalizer.argocd.argoproj.io"
KEPT = "Prune=false,Delete=false"


def test_every_application_syncs_in_the_one_safe_way(example: Example) -> None:
    policies = [each.body["spec"]["syncPolicy"] for each in example.of("Application")]
    for policy in policies:
        assert policy == {
            "automated": {"prune": True, "selfHeal": True},
            "retry": {"limit": 5, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
            "syncOptions": [
                "ServerSideApply=true", "ApplyOutOfSyncOnly=true", "PruneLast=true",
                "PrunePropagationPolicy=foreground", "FailOnSharedResource=true", "RespectIgnoreDifferences=true",
            ],
        }  # fmt: skip


def test_every_application_follows_the_branch_of_its_environment_and_rebuilds_only_for_its_own_path(
    example: Example,
) -> None:
    branches = {
        cluster.name: f"refs/heads/{example.fleet.output.branch_of(cluster.environment)}"
        for cluster in example.fleet.clusters
    }
    for item in example.of("Application"):
        assert item.annotations["argocd.argoproj.io/manifest-generate-paths"] == ".", item
        source = item.body["spec"]["source"]
        if "chart" not in source:
            assert source["targetRevision"] == branches[item.cluster], item
            assert source["repoURL"] == example.fleet.output.repository, item


def test_every_path_of_an_application_is_rendered_and_every_file_is_synced(example: Example) -> None:
    covered: set[str] = set()
    for item in example.of("Application"):
        source = item.body["spec"]["source"]
        if "chart" in source:
            continue
        folder = source["path"] + "/"
        assert folder.startswith(f"{item.cluster}/"), item
        below = {path for path in example.texts if path.startswith(folder)}
        if not source.get("directory", {}).get("recurse"):
            below = {path for path in below if "/" not in path.removeprefix(folder)}
        assert below, item
        assert not covered & below, item
        covered |= below
    assert set(example.texts) - covered == {f"{cluster.name}/bootstrap.yaml" for cluster in example.fleet.clusters}


def test_no_path_of_an_application_holds_a_file_that_argo_cd_takes_for_a_helm_chart_or_kustomization(
    example: Example,
) -> None:
    names = {path.rpartition("/")[2].lower() for path in example.texts}
    assert not names & {"chart.yaml", "kustomization.yaml", "kustomization.yml", "values.yaml"}


def test_names_are_unique_in_an_argo_cd_that_holds_every_cell(example: Example) -> None:
    names = [(item.kind, item.name) for item in example.of("Application", "AppProject") if item.name != "default"]
    assert len(names) == len(set(names))
    assert all(len(name) <= 63 for _, name in names)


def test_each_application_stays_within_its_project(example: Example) -> None:
    projects = {(item.cluster, item.name): item.body["spec"] for item in example.of("AppProject")}
    for item in example.of("Application"):
        spec = item.body["spec"]
        project = projects[item.cluster, spec["project"]]
        assert spec["source"]["repoURL"] in project["sourceRepos"], item
        servers = {each["server"] for each in project["destinations"]}
        assert servers == {spec["destination"]["server"]}, item
        assert all({"server", "name", "namespace"} == set(each) for each in project["destinations"]), item


def test_objects_stay_in_the_namespaces_and_kinds_that_their_project_lists(example: Example) -> None:
    projects = {(item.cluster, item.name): item.body["spec"] for item in example.of("AppProject")}
    synced = 0
    for item in example.of("Application"):
        project = projects[item.cluster, item.body["spec"]["project"]]
        spaces = {each["namespace"] for each in project["destinations"]}
        wide = [(each["group"], each["kind"], each.get("name", "*")) for each in project["clusterResourceWhitelist"]]
        narrow = {(each["group"], each["kind"]) for each in project.get("namespaceResourceWhitelist", ())}
        source = item.body["spec"]["source"]
        for each in example.objects:
            folder, _, _ = each.path.rpartition("/")
            inside = folder == source.get("path") or (
                source.get("directory", {}).get("recurse") and each.path.startswith(f"{source['path']}/")
            )
            if not inside:
                continue
            synced += 1
            group = each.body["apiVersion"].rpartition("/")[0]
            if each.namespace:
                assert each.namespace in spaces or (each.namespace.startswith("tenant-") and "tenant-*" in spaces), each
                assert not narrow or (group, each.kind) in narrow, each
            else:
                assert any(
                    (group, each.kind) == (known, kind) and fnmatch(each.name, name) for known, kind, name in wide
                ), each
    assert synced


def test_a_tenants_project_reaches_its_namespace_and_nothing_that_the_platform_owns(example: Example) -> None:
    owned = {"Namespace", "ResourceQuota", "LimitRange", "NetworkPolicy", "Role", "RoleBinding", "ServiceAccount",
             "AuthorizationPolicy", "RequestAuthentication", "PeerAuthentication", "Sidecar"}  # fmt: skip
    for assignment in example.fleet.assignments:
        [project] = [each for each in example.folder(assignment) if each.kind == "AppProject"]
        spec = project.body["spec"]
        assert [each["namespace"] for each in spec["destinations"]] == [assignment.tenant.namespace], project
        assert spec["clusterResourceWhitelist"] == [], project
        assert spec["namespaceResourceWhitelist"], project
        assert not owned & {each["kind"] for each in spec["namespaceResourceWhitelist"]}, project


def test_the_default_project_is_empty_and_unused(example: Example) -> None:
    projects = [item.body["spec"] for item in example.of("AppProject") if item.name == "default"]
    assert projects
    for spec in projects:
        assert spec["sourceRepos"] == spec["destinations"] == spec["clusterResourceWhitelist"] == []
    assert all(item.body["spec"]["project"] != "default" for item in example.of("Application"))


def test_only_a_tenant_that_is_leaving_can_be_deleted(example: Example) -> None:
    states: dict[bool, int] = defaultdict(int)
    for assignment in example.fleet.assignments:
        leaving = assignment.tenant.state is State.OFFBOARDING
        states[leaving] += 1
        objects = example.folder(assignment)
        [namespace] = [each for each in objects if each.kind == "Namespace"]
        options = namespace.annotations.get("argocd.argoproj.io/sync-options", "")
        assert options == ("" if leaving else KEPT), namespace
        for item in objects:
            if item.kind == "Application":
                assert item.body["metadata"].get("finalizers", []) == ([FINALIZER] if leaving else []), item
    assert states[True]
    assert states[False]


def test_namespaces_and_classes_of_the_cell_are_kept_and_its_applications_cascade_nowhere(example: Example) -> None:
    for item in example.of("Namespace", "StorageClass"):
        if "/tenants/" not in item.path:
            assert item.annotations["argocd.argoproj.io/sync-options"] == KEPT, item
    tenants = {folders(assignment)[1] for assignment in example.fleet.assignments}
    for item in example.of("Application"):
        if item.path not in tenants:
            assert "finalizers" not in item.body["metadata"], item


def test_free_text_stands_in_annotations_only(example: Example) -> None:
    for assignment in example.fleet.assignments:
        texts = {text for text in (assignment.tenant.title, assignment.tenant.note) if " " in text}
        for item in example.folder(assignment):
            rest = {**item.body, "metadata": {**item.body["metadata"], "annotations": {}}}
            assert not [text for text in texts if text in str(rest)], item


def test_no_application_comes_near_the_size_that_argo_cd_refuses(example: Example) -> None:
    for item in example.of("Application"):
        path = item.body["spec"]["source"].get("path")
        if path:
            assert sum(len(text) for name, text in example.texts.items() if name.startswith(f"{path}/")) < 3_000_000, (
                item
            )


def test_a_freeze_is_a_sync_window_of_every_project_in_its_environments_and_of_no_other(example: Example) -> None:
    environments = {cluster.name: cluster.environment for cluster in example.fleet.clusters}
    seen = set()
    for project in example.of("AppProject"):
        if project.path.endswith("/bootstrap.yaml"):
            continue
        environment = environments[project.cluster]
        windows = project.body["spec"].get("syncWindows", [])
        assert [window["description"] for window in windows] == [
            freeze.name for freeze in example.fleet.freezes_of(environment)
        ], project
        assert all(window["kind"] == "deny" and window["applications"] == ["*"] for window in windows), project
        seen.add((environment, bool(windows)))
    assert seen == {("production", True), ("staging", False)}


def test_a_freeze_begins_and_lasts_as_the_guards_say(example: Example) -> None:
    freeze = next(freeze for freeze in example.fleet.freezes if freeze.name == "year-end")
    assert (freeze.schedule, freeze.duration) == ("0 18 18 12 *", "396h")
