"""Ways to break what keeps tenants apart on the databases that they share."""

from __future__ import annotations

from typing import Any

from tests.check.isolation.mutation import Cell, Mutation

CELL = "aws-us-west-2-prod-1"
CLUSTER = ("Cluster", "a2z-soc-data", "postgres")
ROLE = ("DatabaseRole", "a2z-soc-data", "a2z-tenant-oldmill")
DATABASE = ("Database", "a2z-soc-data", "a2z-tenant-oldmill")
DUMP = ("CronJob", "tenant-oldmill", "database-dump")
EVENTS = ("ConfigMap", "a2z-soc-data", "security-events")


def others_name(cell: Cell) -> None:
    cell.spec(*ROLE)["name"] = "a2z_tenant_deltagrid"


def superuser(cell: Cell) -> None:
    cell.spec(*ROLE)["superuser"] = True


def predefined(cell: Cell) -> None:
    cell.spec(*ROLE)["inRoles"].append("pg_read_all_data")


def in_another(cell: Cell) -> None:
    cell.spec(*ROLE)["inRoles"].append("a2z_tenant_deltagrid")


def in_the_owner(cell: Cell) -> None:
    cell.spec(*ROLE)["inRoles"].append("a2z_soc")


def in_nobody_knows(cell: Cell) -> None:
    cell.spec(*ROLE)["inRoles"].append("reporting")


def strong_group(cell: Cell) -> None:
    cell.spec(*CLUSTER)["managed"]["roles"][0]["bypassrls"] = True


def no_group(cell: Cell) -> None:
    del cell.spec(*ROLE)["inRoles"]


def others_password(cell: Cell) -> None:
    cell.spec(*ROLE)["passwordSecret"]["name"] = "a2z-tenant-deltagrid"


def others_owner(cell: Cell) -> None:
    cell.spec(*DATABASE)["owner"] = "a2z_tenant_deltagrid"


def groups_owner(cell: Cell) -> None:
    cell.spec(*DATABASE)["owner"] = "a2z_tenants"


def template(cell: Cell) -> None:
    cell.spec(*DATABASE)["template"] = "a2z_tenant_deltagrid"


def foreign_server(cell: Cell) -> None:
    cell.spec(*DATABASE)["servers"] = [{"name": "others", "fdw": "postgres_fdw"}]


def rows(cell: Cell) -> Any:
    return cell.spec(*CLUSTER)["postgresql"]["pg_hba"]


def no_rows(cell: Cell) -> None:
    del cell.spec(*CLUSTER)["postgresql"]["pg_hba"]


def no_refusal(cell: Cell) -> None:
    rows(cell).pop()


def refusal_of_tls_alone(cell: Cell) -> None:
    rows(cell)[-1] = "hostssl all +a2z_tenants all reject"


def refusal_from_one_network(cell: Cell) -> None:
    rows(cell)[-1] = "host all +a2z_tenants 10.0.0.0/8 reject"


def every_database(cell: Cell) -> None:
    rows(cell)[0] = "hostssl all +a2z_tenants all scram-sha-256"


def one_more(cell: Cell) -> None:
    rows(cell).insert(0, "hostssl a2z_tenant_deltagrid a2z_tenant_oldmill all scram-sha-256")


def trusting_pooler(cell: Cell) -> None:
    cell.spec("Pooler", "a2z-soc-data", "database")["pgbouncer"]["pg_hba"] = ["host all all all trust"]


def own_query_for_passwords(cell: Cell) -> None:
    cell.spec("Pooler", "a2z-soc-data", "database")["pgbouncer"]["authQuery"] = "SELECT usename, passwd FROM people"


def others_database_in_a_config_map(cell: Cell) -> None:
    cell.get("ConfigMap", "tenant-oldmill", "ceilings")["data"]["url"] = "postgresql://db/a2z_tenant_deltagrid"


def one_of_its_own(cell: Cell) -> None:
    rows(cell).insert(0, "hostssl a2z_tenant_oldmill a2z_tenant_oldmill all scram-sha-256")


def rows_elsewhere(cell: Cell) -> None:
    rows(cell).insert(0, "hostssl all @people all scram-sha-256")


def events(cell: Cell, old: str, new: str) -> None:
    data = cell.get(*EVENTS)["data"]
    assert old in data["security-events.sql"]
    data["security-events.sql"] = data["security-events.sql"].replace(old, new)


def no_row_security(cell: Cell) -> None:
    events(cell, "ALTER TABLE security_events ENABLE ROW LEVEL SECURITY;", "")


def all_rights(cell: Cell) -> None:
    events(cell, "GRANT SELECT, INSERT ON", "GRANT ALL ON")


def to_public(cell: Cell) -> None:
    events(cell, "security_events TO %I', tenants);", "security_events TO PUBLIC');")


def open_policy(cell: Cell) -> None:
    events(cell, "current_user::text", "'a2z_tenant_'::text")


def role_by_sql(cell: Cell) -> None:
    events(cell, "COMMIT;", "GRANT a2z_tenant_deltagrid TO a2z_tenant_oldmill; COMMIT;")


def initial_sql(cell: Cell) -> None:
    statement = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO a2z_tenants"
    cell.spec(*CLUSTER)["bootstrap"]["initdb"]["postInitApplicationSQL"] = ["CREATE EXTENSION citext", statement]


def variable(cell: Cell, name: str, value: str) -> None:
    containers = cell.spec(*DUMP)["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    next(each for each in containers[0]["env"] if each["name"] == name)["value"] = value


def others_database(cell: Cell) -> None:
    variable(cell, "PGDATABASE", "a2z_tenant_deltagrid")


def others_host(cell: Cell) -> None:
    variable(cell, "PGHOST", "postgres-r.tenant-saint-orin.svc.cluster.local")


def external_cluster(cell: Cell) -> None:
    host = "postgres-rw.tenant-brightfiles.svc"
    clusters = [{"name": "source", "connectionParameters": {"host": host}}]
    cell.spec("Cluster", "tenant-saint-orin", "postgres")["externalClusters"] = clusters


def open_clickhouse(cell: Cell) -> None:
    users = cell.spec("ClickHouseInstallation", "a2z-soc-data", "clickhouse")["configuration"]["users"]
    users["default/networks/ip"] = ["::/0"]


def open_redis(cell: Cell) -> None:
    del cell.spec("RedisCluster", "oams-data", "redis")["kubernetesConfig"]["redisSecret"]


def open_elasticsearch(cell: Cell) -> None:
    nodes = cell.spec("Elasticsearch", "a2z-soc-data", "elasticsearch")["nodeSets"]
    nodes[0]["config"]["xpack.security.enabled"] = False


IN_ROLE = "DatabaseRole a2z-soc-data/a2z-tenant-oldmill"
IN_CLUSTER = "Cluster a2z-soc-data/postgres"
IN_DATABASE = "Database a2z-soc-data/a2z-tenant-oldmill"
IN_EVENTS = "ConfigMap a2z-soc-data/security-events"
MUTATIONS = (
    Mutation(
        "a role of two tenants",
        CELL,
        others_name,
        (f"ISO071 {IN_ROLE}", f"ISO074 {IN_DATABASE}"),
        "both declare the role",
    ),
    Mutation("a tenant that is superuser", CELL, superuser, (f"ISO071 {IN_ROLE}",)),
    Mutation("a tenant in a predefined role", CELL, predefined, (f"ISO071 {IN_ROLE}",), "pg_read_all_data"),
    Mutation(
        "a tenant in another tenant's role", CELL, in_another, (f"ISO071 {IN_ROLE}",), "the role of tenant deltagrid"
    ),
    Mutation("a tenant in the role of the shared database's owner", CELL, in_the_owner, (f"ISO071 {IN_ROLE}",)),
    Mutation("a tenant in a role that nobody declares", CELL, in_nobody_knows, (f"ISO074 {IN_ROLE}",)),
    Mutation(
        "a group of all tenants that row security does not bind",
        CELL,
        strong_group,
        ("ISO071 DatabaseRole a2z-soc-data/a2z-tenant-deltagrid",),
        "and 1 more role",
    ),
    Mutation("a tenant that no row refuses", CELL, no_group, (f"ISO073 {IN_ROLE}",)),
    Mutation("a role with another tenant's password", CELL, others_password, (f"ISO071 {IN_ROLE}",)),
    Mutation("a database that another tenant owns", CELL, others_owner, (f"ISO072 {IN_DATABASE}",)),
    Mutation("a database that all tenants own", CELL, groups_owner, (f"ISO072 {IN_DATABASE}",)),
    Mutation("a database copied from another tenant's", CELL, template, (f"ISO072 {IN_DATABASE}",)),
    Mutation("a database with a foreign server", CELL, foreign_server, (f"ISO072 {IN_DATABASE}",)),
    Mutation("a cluster without rows", CELL, no_rows, (f"ISO073 {IN_CLUSTER}",)),
    Mutation("a cluster whose rows refuse nothing", CELL, no_refusal, (f"ISO073 {IN_CLUSTER}",)),
    Mutation("a cluster that refuses connections by TLS alone", CELL, refusal_of_tls_alone, (f"ISO073 {IN_CLUSTER}",)),
    Mutation("a cluster that refuses one network alone", CELL, refusal_from_one_network, (f"ISO073 {IN_CLUSTER}",)),
    Mutation(
        "a row that leads to every database", CELL, every_database, (f"ISO073 {IN_CLUSTER}",), "the row lets it in"
    ),
    Mutation(
        "a row from one tenant to another",
        CELL,
        one_more,
        (f"ISO073 {IN_CLUSTER}",),
        "the database a2z_tenant_deltagrid",
    ),
    Mutation("a row from one tenant to its own database", CELL, one_of_its_own, ()),
    Mutation("a pooler without passwords", CELL, trusting_pooler, ("ISO073 Pooler a2z-soc-data/database",)),
    Mutation(
        "a pooler with a query of its own", CELL, own_query_for_passwords, ("ISO074 Pooler a2z-soc-data/database",)
    ),
    Mutation(
        "a ConfigMap that names another tenant's database",
        CELL,
        others_database_in_a_config_map,
        ("ISO078 ConfigMap tenant-oldmill/ceilings",),
    ),
    Mutation("a row that reads another file", CELL, rows_elsewhere, (f"ISO074 {IN_CLUSTER}",)),
    Mutation("a shared table without row security", CELL, no_row_security, (f"ISO075 {IN_EVENTS}",)),
    Mutation("a shared table with all rights", CELL, all_rights, (f"ISO075 {IN_EVENTS}",)),
    Mutation("a shared table for everybody", CELL, to_public, (f"ISO075 {IN_EVENTS}",)),
    Mutation("a policy that does not go by the user", CELL, open_policy, (f"ISO075 {IN_EVENTS}",)),
    Mutation("a role given to another by SQL", CELL, role_by_sql, (f"ISO076 {IN_EVENTS}",)),
    Mutation("a grant when the cluster is made", CELL, initial_sql, (f"ISO075 {IN_CLUSTER}",)),
    Mutation(
        "a dump of another tenant's database", CELL, others_database, ("ISO078 CronJob tenant-oldmill/database-dump",)
    ),
    Mutation("a dump from another tenant's host", CELL, others_host, ("ISO078 CronJob tenant-oldmill/database-dump",)),
    Mutation(
        "a cluster copied from another tenant's", CELL, external_cluster, ("ISO072 Cluster tenant-saint-orin/postgres",)
    ),
    Mutation(
        "a ClickHouse user without a password",
        CELL,
        open_clickhouse,
        ("ISO077 ClickHouseInstallation a2z-soc-data/clickhouse",),
    ),
    Mutation("a Redis without a password", CELL, open_redis, ("ISO077 RedisCluster oams-data/redis",)),
    Mutation(
        "an Elasticsearch without security",
        CELL,
        open_elasticsearch,
        ("ISO077 Elasticsearch a2z-soc-data/elasticsearch",),
    ),
)
