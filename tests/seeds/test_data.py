"""Where the seeds' data stores and backups are wrong, what is rendered instead.

A2Z SOC "Advanced PostgreSQL Configuration", "Backup & Recovery Strategy" and "Data Storage"; OAMS "Database Isolation
Strategy", "Backup Configuration" and "Database Backup Strategy".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from generator.model.tenant import Isolation
from tests.conftest import REPOSITORY
from tests.database.scripts import container, script
from tests.fleets.example import Example, Rendered


def dumps(example: Example) -> list[Rendered]:
    return [item for item in example.of("CronJob") if item.name == "database-dump"]


def migration(example: Example) -> str:
    [text] = {item.body["data"]["security-events.sql"] for item in example.of("ConfigMap")
              if item.name == "security-events"}  # fmt: skip
    return str(text)


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def test_the_primary_key_of_security_events_holds_the_partition_key(example: Example) -> None:
    text = migration(example)
    assert "PARTITION BY HASH (tenant_id)" in text
    assert "PRIMARY KEY (tenant_id, event_id)" in text
    assert "uuid PRIMARY KEY" not in text


def test_the_migration_makes_the_partitions_and_no_trigger_does(example: Example) -> None:
    text = migration(example)
    assert "PARTITION OF security_events FOR VALUES WITH" in text
    assert not re.search(r"\bTRIGGER\b", text, re.IGNORECASE)


def test_security_events_are_shared_by_tenants_behind_row_security(example: Example) -> None:
    text = migration(example)
    assert "ENABLE ROW LEVEL SECURITY" in text
    assert "WITH CHECK" in text


def test_a_migration_that_is_changed_can_be_synced_again(example: Example) -> None:
    for item in example.of("Job"):
        if item.name == "security-events":
            assert item.annotations["argocd.argoproj.io/hook"] == "Sync", item
            assert item.annotations["argocd.argoproj.io/hook-delete-policy"] == "BeforeHookCreation", item


def test_dumps_run_an_image_that_has_the_clients_of_the_object_stores(example: Example) -> None:
    for item in dumps(example):
        assert "/database-dump:" in container(item)["image"], item
        assert not re.search(r"(^|/)postgres(ql)?:", container(item)["image"]), item
        assert all(client in script(item) for client in ("aws s3 cp", "gcloud storage cp", "azcopy copy")), item


def test_no_password_is_on_the_environment_or_a_command_line_of_a_dump(example: Example) -> None:
    for item in dumps(example):
        names = {each["name"]: each for each in container(item)["env"]}
        assert not {"PGPASSWORD", "DB_PASSWORD"} & set(names), item
        assert all("value" in each for each in names.values()), item
        assert "--password" not in script(item), item
        assert "postgresql://" not in script(item), item
        assert names["PGPASSFILE"]["value"] == "/work/pgpass", item


def test_a_dump_whose_first_half_fails_is_a_failure_and_is_not_uploaded(example: Example) -> None:
    for item in dumps(example):
        lines = script(item).splitlines()
        assert lines[0] == "set -euo pipefail", item
        [dump] = [number for number, line in enumerate(lines) if line.startswith("pg_dump")]
        uploads = [number for number, line in enumerate(lines) if '$target" ;;' in line]
        assert uploads, item
        assert min(uploads) > dump, item
        assert not re.search(r"pg_dump[^\n]*\|[^\n]*(aws|gcloud|azcopy)", script(item)), item


def test_dumps_go_every_six_hours_at_a_minute_of_the_tenants_own(example: Example) -> None:
    schedules = {item.body["spec"]["schedule"] for item in dumps(example)}
    assert all(re.fullmatch(r"[0-9]{1,2} \*/6 \* \* \*", schedule) for schedule in schedules)
    assert len(schedules) > 1


def test_a_tenants_dumps_stand_below_its_own_keys_and_run_as_itself(example: Example) -> None:
    for assignment in example.fleet.assignments:
        for item in dumps(example):
            if item.path.startswith(f"{assignment.cluster.name}/tenants/{assignment.tenant.name}/"):
                values = {each["name"]: each["value"] for each in container(item)["env"]}
                assert values["DUMP_URL"].endswith(f"/tenants/{assignment.tenant.name}"), item
                assert item.body["spec"]["suspend"] is not assignment.serving, item


def test_the_databases_of_pooled_tenants_are_named_as_the_seed_names_them(example: Example) -> None:
    names = {item.body["spec"]["name"] for item in example.of("Database")}
    assert names == {item.body["spec"]["name"] for item in example.of("DatabaseRole")}
    assert all(re.fullmatch(r"(oams|a2z)_tenant_[a-z0-9_]+", name) for name in names)
    for item in example.of("Database", "DatabaseRole"):
        assert item.name == item.body["spec"]["name"].replace("_", "-"), item


def test_backups_are_never_copies_of_a_database_in_the_same_cluster(example: Example) -> None:
    assert not [path for path, text in example.texts.items() if re.search(r"CREATE DATABASE", text, re.IGNORECASE)]


def test_clusters_back_up_by_the_plugin_and_never_by_the_field_that_goes(example: Example) -> None:
    for item in example.of("Cluster"):
        assert "barmanObjectStore" not in set(keys(item.body)), item
        [plugin] = item.body["spec"]["plugins"]
        assert plugin["isWALArchiver"] is True, item
        assert plugin["parameters"] == {"barmanObjectName": "postgres"}, item
    for item in example.of("ScheduledBackup"):
        assert item.body["spec"]["method"] == "plugin", item
        assert len(item.body["spec"]["schedule"].split()) == 6, item


@pytest.mark.parametrize(("platform", "within"), [("a2z-soc", "55s"), ("oams", "15min")])
def test_write_ahead_logs_are_archived_as_often_as_the_platform_says_it_may_lose(
    example: Example, platform: str, within: str
) -> None:
    found = [
        item
        for item in example.of("Cluster")
        if item.body["metadata"]["labels"]["app.kubernetes.io/part-of"] == platform
    ]
    assert found
    assert {item.body["spec"]["postgresql"]["parameters"]["archive_timeout"] for item in found} == {within}


def test_no_key_of_an_object_store_is_in_any_cluster(example: Example) -> None:
    wanted = {"s3Credentials": "inheritFromIAMRole", "azureCredentials": "inheritFromAzureAD",
              "googleCredentials": "gkeEnvironment"}  # fmt: skip
    seen = set()
    for item in example.of("ObjectStore"):
        configuration = item.body["spec"]["configuration"]
        [kind] = set(configuration) & set(wanted)
        assert configuration[kind] == {wanted[kind]: True}, item
        seen.add(kind)
    assert seen == set(wanted)


def test_a_dedicated_tenant_has_a_cluster_of_its_own_and_keeps_backups_as_its_frameworks_ask(example: Example) -> None:
    for assignment in example.fleet.assignments:
        found = example.folder(assignment)
        own = assignment.tenant.isolation is Isolation.DEDICATED
        kinds = [item.kind for item in found]
        assert ("Cluster" in kinds) == own
        assert ("Database" in kinds) != own
        if own:
            [store] = [item for item in found if item.kind == "ObjectStore"]
            assert store.body["spec"]["retentionPolicy"] == f"{assignment.settings.retention.backups}d"
            assert store.body["spec"]["configuration"]["destinationPath"].endswith(f"/tenants/{assignment.tenant.name}")


def test_what_holds_a_tenants_data_stays_until_the_tenant_is_leaving(example: Example) -> None:
    for assignment in example.fleet.assignments:
        for item in example.folder(assignment):
            if item.kind in ("Cluster", "Database", "DatabaseRole", "ObjectStore"):
                options = item.annotations["argocd.argoproj.io/sync-options"].split(",")
                assert ({"Prune=false", "Delete=false"} <= set(options)) == assignment.protected, item
                policy = {item.body["spec"].get(f"{word}ReclaimPolicy") for word in ("database", "databaseRole")}
                assert policy <= {None, "retain" if assignment.protected else "delete"}, item


def test_services_of_a_dedicated_tenant_are_let_through_to_its_own_pooler_and_to_no_other(example: Example) -> None:
    pooler = {"cnpg.io/poolerName": "database"}
    for assignment in example.fleet.assignments:
        if not assignment.workloads:
            continue
        own = assignment.tenant.isolation is Isolation.DEDICATED
        platform = assignment.tenant.platform
        wanted = assignment.tenant.namespace if own else f"{platform.namespace}-data"
        peers = [
            peer
            for item in example.folder(assignment)
            if item.kind == "NetworkPolicy" and item.name.startswith("flows-of-")
            for rule in item.body["spec"]["egress"]
            for peer in rule["to"]
            if peer["podSelector"]["matchLabels"] == pooler
        ]
        assert peers
        assert {peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] for peer in peers} == {wanted}


def test_velero_takes_config_maps_and_secrets_daily_and_keeps_them_for_thirty_days(example: Example) -> None:
    for cluster, objects in example.clusters():
        schedules = [item for item in objects if item.kind == "Schedule"]
        assert {item.name for item in schedules} == {f"tier-{tier}" for tier in cluster.tiers}
        for item in schedules:
            assert not any(word.startswith("excluded") for word in keys(item.body)), item
            assert item.body["spec"]["schedule"].endswith("0 2 * * *"), item
            assert item.body["spec"]["template"]["ttl"] == "720h", item
        assert [item.kind for item in objects].count("BackupStorageLocation") == 1


def test_everything_of_a_tenant_has_the_label_that_veleros_schedules_look_for(example: Example) -> None:
    for assignment in example.fleet.assignments:
        for item in example.folder(assignment):
            assert item.body["metadata"]["labels"]["tenantry.dev/tier"] == assignment.tenant.tier.name, item


def test_files_move_to_cheaper_storage_as_the_seeds_say(example: Example) -> None:
    by_age = [
        [(move["days"], move["storageClass"]) for move in rule["transitions"]]
        for item in example.of("Bucket")
        for rule in item.body["spec"].get("lifecycle", {}).get("rules", [])
        if rule["id"] == "by-age"
    ]
    assert by_age
    assert all(moves == [(30, "STANDARD_IA"), (90, "GLACIER")] for moves in by_age)
    assert [item for item in example.of("Bucket") if "intelligentTiering" in item.body["spec"]]


def test_audit_records_are_locked_for_as_long_as_the_longest_framework_asks(example: Example) -> None:
    files = (REPOSITORY / "policies" / "compliance").glob("*.yaml")
    longest = max(
        yaml.safe_load(file.read_text())["spec"]["floors"].get("retention", {}).get("audit", 0) for file in files
    )
    locked = [item for item in example.of("Bucket") if "-audit-" in item.name]
    assert locked
    for item in locked:
        assert item.body["spec"]["objectLockEnabledForBucket"] is True, item
        [days] = re.findall(
            r'NumericLessThan":\{"s3:object-lock-remaining-retention-days":"(\d+)"', item.body["spec"]["policy"]
        )
        assert int(days) >= longest, item
    for item in example.of("StorageBucket"):
        if "-audit-" in item.name:
            assert item.body["spec"]["retentionPolicy"]["isLocked"] is True, item
            assert item.body["spec"]["retentionPolicy"]["retentionPeriod"] >= longest * 86400, item
    accounts = {item.body["spec"]["azureName"]: item.body["spec"] for item in example.of("StorageAccount")}
    containers = [
        item
        for item in example.of("StorageAccountsBlobServicesContainer")
        if "-audit-" in item.name and "name" in item.body["spec"]["owner"]
    ]
    assert containers
    for item in containers:
        lock = accounts[item.body["spec"]["owner"]["name"]]["immutableStorageWithVersioning"]["immutabilityPolicy"]
        assert lock["state"] == "Locked", item
        assert lock["immutabilityPeriodSinceCreationInDays"] >= longest, item


def test_no_bucket_is_public(example: Example) -> None:
    for item in example.of("Bucket"):
        assert set(item.body["spec"]["publicAccessBlock"].values()) == {True}, item
    for item in example.of("StorageBucket"):
        assert item.body["spec"]["publicAccessPrevention"] == "enforced", item
    for item in example.of("StorageAccount"):
        assert item.body["spec"]["allowBlobPublicAccess"] is False, item
        assert item.body["spec"]["allowSharedKeyAccess"] is False, item
    for item in example.of("StorageAccountsBlobServicesContainer"):
        assert item.body["spec"]["publicAccess"] == "None", item


def test_every_bucket_of_every_platform_is_rendered_on_every_cell_of_every_provider(example: Example) -> None:
    made = {
        (item.path.partition("/")[0], item.name)
        for kind in ("Bucket", "StorageBucket", "StorageAccountsBlobServicesContainer")
        for item in example.of(kind)
    }
    providers = set()
    for installation in example.fleet.installations:
        assert installation.data is not None
        for placed in installation.data.buckets:
            assert (installation.cluster.name, placed.name) in made
        providers.add(installation.cluster.provider.name)
    assert providers == {"aws", "azure", "gcp"}
