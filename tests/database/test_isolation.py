"""On a real server: a tenant's role reaches its own database and sees its own events, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.database.conftest import CLUSTER, PASSWORD, PLATFORM, Server
from tests.database.scripts import container, run
from tests.fleets.example import Example, Rendered


@pytest.fixture(scope="session")
def job(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """The migration, run as its Job runs it."""
    [item] = [each for each in server.objects if each.kind == "Job" and each.namespace == f"{PLATFORM}-data"]
    migrate(server, item, tmp_path_factory.mktemp("migration"))
    return item


def migrate(server: Server, item: Rendered, folder: Path) -> None:
    owner, migration = folder / "owner", folder / "security-events.sql"
    owner.write_text("*:*:*:*:" + PASSWORD.replace("\\", r"\\").replace(":", r"\:"), encoding="utf-8")
    migration.write_text(server.one("ConfigMap", "security-events")["data"]["security-events.sql"], encoding="utf-8")
    client = server.environment("", "")
    done = run(
        item,
        {
            "PATH": client["PATH"],
            "PGHOST": client["PGHOST"],
            "PGPASSFILE": str(folder / "pgpass"),
            "OWNER_FILE": str(owner),
            "MIGRATION": str(migration),
        },
        folder,
    )
    assert done.returncode == 0, done.stderr


def names(server: Server) -> list[tuple[str, str]]:
    """(tenant, role) of the pooled tenants."""
    return [(each.body["metadata"]["labels"]["tenantry.dev/tenant"], each.body["spec"]["name"])
            for each in server.tenants]  # fmt: skip


def own(server: Server) -> tuple[str, str]:
    """The shared database and its owner."""
    initdb = server.one("Cluster", "postgres")["spec"]["bootstrap"]["initdb"]
    return initdb["database"], initdb["owner"]


def test_a_tenants_role_reaches_its_own_database_and_no_other_tenants(server: Server) -> None:
    roles = [role for _, role in names(server)]
    for role in roles:
        assert server.rows("SELECT current_database()", role, role) == [role]
        for other in {*roles, "postgres"} - {role}:
            done = server.sql("SELECT 1", role, other)
            assert done.returncode != 0
            assert "pg_hba.conf rejects connection" in done.stderr, done.stderr


def test_every_partition_stands_before_the_first_row_and_rows_land_in_them(server: Server, job: Rendered) -> None:
    database, owner = own(server)
    wanted = {each["name"]: each["value"] for each in container(job)["env"]}["PARTITIONS"]
    counted = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'security_events'::regclass"
    assert server.rows(counted, owner, database) == [wanted]
    server.rows("INSERT INTO security_events (tenant_id) SELECT 'many-' || n FROM generate_series(1, 300) n", owner,
                database)  # fmt: skip
    used = "SELECT count(DISTINCT tableoid) > 1, count(*) FROM security_events WHERE tenant_id LIKE 'many-%'"
    assert server.rows(used, owner, database) == ["t|300"]
    server.rows("DELETE FROM security_events", owner, database)
    assert server.rows("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal", owner, database) == ["0"]


def test_a_tenants_role_sees_and_writes_its_own_events_alone(server: Server, job: Rendered) -> None:
    database, owner = own(server)
    tenants = names(server)
    server.rows("DELETE FROM security_events", owner, database)
    for tenant, role in tenants:
        server.rows(f"INSERT INTO security_events (tenant_id) VALUES ('{tenant}')", role, database)
    assert server.rows("SELECT count(*) FROM security_events", owner, database) == [str(len(tenants))]
    for tenant, role in tenants:
        assert server.rows("SELECT tenant_id FROM security_events", role, database) == [tenant]
        other = next(each for each, _ in tenants if each != tenant)
        done = server.sql(f"INSERT INTO security_events (tenant_id) VALUES ('{other}')", role, database)
        assert "violates row-level security policy" in done.stderr
        for statement in ("SELECT FROM security_events_0", "DELETE FROM security_events", "TRUNCATE security_events"):
            assert "permission denied" in server.sql(statement, role, database).stderr
    server.rows("DELETE FROM security_events", owner, database)


def test_the_migration_may_run_again_and_changes_nothing(server: Server, job: Rendered, tmp_path: Path) -> None:
    database, owner = own(server)
    state = "SELECT relname, relkind, relrowsecurity FROM pg_class WHERE relname LIKE 'security_events%' ORDER BY 1"
    before = server.rows(state, owner, database)
    migrate(server, job, tmp_path)
    assert server.rows(state, owner, database) == before


def test_the_seeds_own_table_is_refused(server: Server) -> None:
    done = server.sql(
        "CREATE TABLE seed_events (tenant_id uuid NOT NULL, event_id uuid PRIMARY KEY) PARTITION BY HASH (tenant_id)"
    )
    assert "unique constraint on partitioned table must include all partitioning columns" in done.stderr


def test_the_server_takes_every_parameter_that_is_rendered(server: Server, example: Example) -> None:
    for item in example.of("Cluster", path=CLUSTER):
        for name, value in item.body["spec"]["postgresql"]["parameters"].items():
            assert server.rows(f"SELECT count(*) FROM pg_settings WHERE name = '{name}'") == ["1"], name
            done = server.sql(f"ALTER SYSTEM SET {name} = '{value}'")
            assert done.returncode == 0, done.stderr
    server.rows("ALTER SYSTEM RESET ALL")
