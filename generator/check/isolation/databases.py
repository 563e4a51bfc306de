"""Whether a tenant's role reaches the database of another tenant, where they are on one PostgreSQL Cluster.

Tenants of a pooled Cluster have a role and a database each, named by objects with their label; all else on it is the
platform's. On a Cluster of its own a tenant may be what it likes.

A leak is
- one role or one database that objects of two tenants declare, or one password for roles of two tenants;
- a role of a tenant with an attribute (superuser, createrole, createdb, replication, bypassrls);
- a role of a tenant in a predefined role (`pg_read_all_data`, …), in another tenant's role, in one with an attribute,
  or in one that owns a database of the platform: its members own it too;
- a database of a tenant that a role of another tenant, or one that several are in, owns; one that is a template for
  others or made from another's; one with foreign servers, which the Cluster would connect to by its own address;
- a connection that pg_hba lets through from a tenant's role to another tenant's database (access.py), or one without a
  password; a role that no refusing row covers;
- SQL that gives tenants' roles more than rows of a table under row security (grants.py);
- a Cluster that copies from a host of another tenant.

Not proven: a role that a tenant's is in and nothing declares; rows and SQL that cannot be read; a pooler's own query
for passwords.

Accepted: the group that all tenants' roles are in, so that pg_hba can name them; the database that the rows let all of
them into, where row security keeps them apart; one pooler for all, which passes on who connects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from generator.check.fields import field, items, string
from generator.check.index import Index
from generator.check.isolation.access import LAST, Entry, entries, rows
from generator.check.isolation.leaks import Leak, several
from generator.check.isolation.postgres import GROUP, Database, Role, Served, served
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

ROLE: Final = Code(
    "ISO071",
    "a tenant's database role may do what is another's",
    "The tenant reads or changes databases of other tenants on the same Cluster.",
)
DATABASE: Final = Code(
    "ISO072",
    "a tenant's database is open to another tenant",
    "Another tenant owns it, copies it, or is copied into it.",
)
ACCESS: Final = Code(
    "ISO073",
    "PostgreSQL lets a tenant's role into another tenant's database",
    "The tenant connects to it with its own password.",
)
UNPROVEN: Final = Code(
    "ISO074",
    "it cannot be proven what a tenant's database role may do",
    "The role may reach every database of the Cluster.",
)

_NOWHERE: Final = "which nothing declares"
_HBA: Final[Pointer] = ("spec", "postgresql", "pg_hba")


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every Cluster with its roles and databases, and every Pooler."""
    for cluster in served(index, tenants):
        found = [*_copied(tenants, cluster)]
        if any(role.owner and role.owner != cluster.owner for declared in cluster.roles.values() for role in declared):
            found += [*_twice(cluster), *_roles(index, tenants, cluster), *_databases(cluster), *_access(cluster)]
        for leak in found:
            yield leak.diagnostic()
    for pooler in index.of(GROUP, "Pooler"):
        if not tenants.owner(pooler):
            for leak in _pooler(pooler):
                yield leak.diagnostic()


def _pooler(pooler: Rendered) -> Iterator[Leak]:
    """Whether a pooler asks everybody for the password that PostgreSQL knows."""
    target = "every database behind it"
    for key in ("authQuery", "authQuerySecret"):
        if field(pooler.data, "spec", "pgbouncer", key) is not None:
            through = f"{pooler.label} finds passwords by a query of its own"
            at: Pointer = ("spec", "pgbouncer", key)
            closed = "leave the query to the operator"
            yield Leak(UNPROVEN, "a tenant", target, through, pooler, at, closed, "may reach", key=True)
    for at, line in items(pooler.data, "spec", "pgbouncer", "pg_hba"):
        if isinstance(line, str) and {"trust", "any"}.intersection(line.split()):
            yield Leak(
                ACCESS, "every tenant", target, "the row asks for no password", pooler, at, "ask for scram-sha-256"
            )


def _twice(cluster: Served) -> Iterator[Leak]:
    """Names that are declared for different tenants."""
    everything: list[Role | Database] = [role for declared in cluster.roles.values() for role in declared]
    everything += cluster.databases
    first: dict[tuple[type, str], Role | Database] = {}
    for each in everything:
        other = first.setdefault((type(each), each.name), each)
        if other.owner != each.owner:
            kind, code = ("role", ROLE) if isinstance(each, Role) else ("database", DATABASE)
            at = (*each.at, "name") if isinstance(each, Role) and each.at[-1:] != ("owner",) else each.at
            yield Leak(
                code=code,
                origin=_who(each.owner),
                verb="has",
                target=f"the {kind} of {_who(other.owner)}",
                through=f"both declare the {kind} {each.name}",
                rendered=each.rendered,
                at=at,
                closed="declare it once, for one tenant",
                related=(("declared here, too", other.rendered, other.at),),
            )


def _roles(index: Index, tenants: Tenants, cluster: Served) -> Iterator[Leak]:
    """Tenants' roles on a Cluster that is not theirs: attributes, groups, passwords."""
    target = f"databases of other tenants on {cluster.cluster.label}"
    passwords: dict[str, Role] = {}
    members: dict[str, list[tuple[Role, Pointer]]] = {}
    for role in (role for declared in cluster.roles.values() for role in declared):
        if not role.owner or role.owner == cluster.owner:
            continue
        for name in role.attributes:
            closed = f"take {name} out: a tenant's role needs no attribute"
            yield Leak(ROLE, _role(role), target, f"it has {name}", role.rendered, (*role.at, name), closed)
        for position, group in enumerate(role.groups):
            members.setdefault(group, []).append((role, (*role.at, "inRoles", position)))
        if role.password:
            yield from _password(index, tenants, role, passwords.setdefault(role.password, role))
    owning = {database.role: database for database in cluster.databases if not database.owner}
    for group, inside in members.items():
        if why := _fault(cluster, owning, group):
            first, at = inside[0]
            closed = f"take {group} out of inRoles, or out of it what tenants must not have"
            origin = several(_role(first), len(inside), "role")
            code = UNPROVEN if why.endswith(_NOWHERE) else ROLE
            yield Leak(code, origin, target, f"it is in {group}, {why}", first.rendered, at, closed)


def _password(index: Index, tenants: Tenants, role: Role, first: Role) -> Iterator[Leak]:
    maker = index.get("", "Secret", role.rendered.namespace, role.password)
    of = first.owner if first.owner != role.owner else tenants.owner(maker) if maker is not None else role.owner
    if of != role.owner:
        closed = f"name a Secret that is made for tenant {role.owner}"
        through = f"the role {role.name} has its password from the Secret {role.password}"
        at = (*role.at, "passwordSecret", "name")
        target = f"the password of {_who(of)}"
        yield Leak(ROLE, f"tenant {role.owner}", target, through, role.rendered, at, closed, "shares")


def _fault(cluster: Served, owning: Mapping[str, Database], group: str) -> str:
    """Why no tenant's role may be in a group, "" where it may."""
    for name in (group, *sorted(cluster.within(group))):
        by = "" if name == group else f"which is in {name}, "
        declared = cluster.roles.get(name, ())
        if name.startswith("pg_"):
            return f"{by}a predefined role for all databases"
        if not declared:
            return f"{by}{_NOWHERE}"
        if name in owning:
            return f"{by}which owns the database {owning[name].name}"
        for role in declared:
            if role.owner:
                return f"{by}the role of tenant {role.owner}"
            if role.attributes:
                return f"{by}which has {role.attributes[0]}"
    return ""


def _databases(cluster: Served) -> Iterator[Leak]:
    by_name = {database.name: database for database in cluster.databases}
    groups = {group for declared in cluster.roles.values() for role in declared for group in role.groups if role.owner}
    for database in cluster.databases:
        own, rendered = database.owner, database.rendered
        owner = next(iter(cluster.roles.get(database.role, ())), None)
        what = f"the database {database.name} of {_who(own)}"
        of_group = bool(own) and owner is not None and not owner.owner and database.role in groups
        if of_group or (owner is not None and owner.owner and owner.owner != own):
            who = f"tenant {owner.owner}" if owner is not None and owner.owner else "every tenant"
            closed = "name the tenant's own role as the owner"
            yield Leak(DATABASE, who, what, f"its owner is {database.role}", rendered, database.role_at, closed, "owns")
        if not own or rendered.kind != "Database":
            continue
        if owner is None:
            yield Leak(
                UNPROVEN,
                "another tenant",
                what,
                f"its owner {database.role} is declared nowhere",
                rendered,
                database.role_at,
                "name a role that is rendered",
                "may own",
            )
        if field(rendered.data, "spec", "isTemplate") is True:
            yield Leak(
                DATABASE,
                "every role that may make databases",
                what,
                "it is a template",
                rendered,
                ("spec", "isTemplate"),
                "leave isTemplate out",
                "may copy",
            )
        source = by_name.get(string(rendered.data, "spec", "template"))
        if source is not None and source.owner != own:
            yield Leak(
                DATABASE,
                f"tenant {own}",
                f"a copy of the database {source.name} of {_who(source.owner)}",
                "it is made from it as a template",
                rendered,
                ("spec", "template"),
                "leave template out",
                "has",
            )
        for part in ("servers", "fdws"):
            for at, entry in items(rendered.data, "spec", part):
                closed = f"leave {part} out: connect by the tenant's own services"
                yield Leak(
                    DATABASE,
                    f"tenant {own}",
                    "other databases from inside the Cluster",
                    f"{string(entry, 'name')} is a foreign server or wrapper",
                    rendered,
                    at,
                    closed,
                    key=True,
                )


def _access(cluster: Served) -> Iterator[Leak]:
    lines = {at[-1]: line for at, line in items(cluster.cluster.data, *_HBA) if isinstance(line, str)}
    given, unread = rows({int(position): line for position, line in lines.items()})
    where = f"databases of other tenants on {cluster.cluster.label}"
    for position in unread:
        closed = "name databases and roles in the row itself"
        yield Leak(
            UNPROVEN,
            "a tenant's role",
            where,
            "the row cannot be read",
            cluster.cluster,
            (*_HBA, position),
            closed,
            "may reach",
        )
    databases = {database.name: database.owner for database in cluster.databases}
    logins = {name: role for name, role in cluster.logins().items() if role[0] != cluster.owner}
    for entry in entries(given, logins, databases):
        yield _entered(
            cluster,
            entry,
            logins[entry.role][0],
            databases[entry.database],
            refuses=any(row.method == "reject" for row in given),
        )


def _entered(cluster: Served, entry: Entry, tenant: str, other: str, *, refuses: bool) -> Leak:
    origin, target = f"the role {entry.role} of tenant {tenant}", f"the database {entry.database} of tenant {other}"
    if entry.row is not LAST:
        through = "the row lets it in" + (" without a password" if entry.free else "")
        closed = "let a tenant's role into the database of its own name alone (sameuser), and refuse it all others"
        return Leak(
            ACCESS, origin, target, through, cluster.cluster, (*_HBA, entry.row.position), closed, "can connect to"
        )
    through = "no row refuses it, so the operator's last row lets it in"
    role = cluster.roles[entry.role][0]
    if refuses and not role.groups and role.rendered is not cluster.cluster:
        closed = "put the role in the group that the Cluster's pg_hba refuses"
        related = (("the rows refuse others here", cluster.cluster, _HBA),)
        return Leak(
            ACCESS, origin, target, through, role.rendered, role.at, closed, "can connect to", related, key=True
        )
    at = next((at for at in (_HBA, _HBA[:-1]) if field(cluster.cluster.data, *at) is not None), _HBA[:1])
    closed = "end pg_hba with a row that refuses tenants' roles all other databases, however they connect"
    return Leak(ACCESS, origin, target, through, cluster.cluster, at, closed, "can connect to", key=True)


def _copied(tenants: Tenants, cluster: Served) -> Iterator[Leak]:
    """Clusters that read from the host of another tenant."""
    for at, external in items(cluster.cluster.data, "spec", "externalClusters"):
        host = string(external, "connectionParameters", "host")
        namespace = host.split(".")[1] if "." in host else cluster.cluster.namespace
        other = tenants.owners.get(namespace, "")
        if other and other != cluster.owner:
            who = f"tenant {cluster.owner}" if cluster.owner else f"{cluster.cluster.label} of the platform"
            closed = "copy from the tenant's own Cluster"
            yield Leak(
                DATABASE,
                who,
                f"the databases of tenant {other}",
                f"an external cluster is at {host}",
                cluster.cluster,
                (*at, "connectionParameters", "host"),
                closed,
                "copies",
            )


def _role(role: Role) -> str:
    return f"the role {role.name} of tenant {role.owner}"


def _who(tenant: str) -> str:
    return f"tenant {tenant}" if tenant else "the platform"
