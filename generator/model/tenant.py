"""A tenant, what it has been promised, and each of its places: the unit of rendering."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

from generator.model.cell import Cluster
from generator.model.compliance import Demand, Measure, Scheduled
from generator.model.container import Amount
from generator.model.data import TenantData
from generator.model.domains import KeyAlgorithm
from generator.model.names import slug
from generator.model.platform import Platform
from generator.model.task import Task
from generator.model.workload import Replicas, Targets, Workload


class Isolation(StrEnum):
    """How far a tenant is kept from the others. Declared weakest first; frameworks may raise it, nothing lowers it."""

    SHARED = "shared"
    """Shared services; an own namespace for routing, secrets and quota only."""
    NAMESPACE = "namespace"
    """Own services in an own namespace, on shared nodes."""
    DEDICATED = "dedicated"
    """Own services on nodes that carry nobody else's."""


class State(StrEnum):
    """Where a tenant stands in its life. They leave through these states, never by a deleted file."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    OFFBOARDING = "offboarding"
    OFFBOARDED = "offboarded"


class Role(StrEnum):
    """What a placement is for: the primary serves, the standby waits."""

    PRIMARY = "primary"
    STANDBY = "standby"


class Tier(Struct, frozen=True):
    """A tier: what a tenant gets for it (policies/tiers/<name>.yaml). `priority` is the PriorityClass's value.

    `night_floor` is whether services of the tier may shrink to the platform's night floor.
    """

    name: str
    path: str
    title: str
    isolation: Isolation
    priority: int
    node_pool: str
    night_floor: bool = False


class Retention(Struct, frozen=True):
    """How long things are kept, in days."""

    backups: int
    logs: int
    audit: int


class Framework(Struct, frozen=True):
    """A compliance framework (policies/compliance/<name>.yaml). Its floors are already in every `Settings`.

    `jurisdictions` are where its tenants may be placed; empty means anywhere. `demands` are the measures it asks for.
    `retention` is the shortest that it asks for, 0 where it asks for none.
    """

    name: str
    path: str
    title: str
    jurisdictions: tuple[str, ...]
    demands: tuple[Demand, ...] = ()
    retention: Retention = Retention(backups=0, logs=0, audit=0)


class Settings(Struct, frozen=True):
    """What a tenant gets on one cell, after platform, tier, provider, region, cluster, tenant and frameworks.

    `limits` are those of each container. `access_logs` is "all" or "errors".
    """

    limits: Amount
    replicas: Replicas
    targets: Targets
    retention: Retention
    access_logs: str


class Quota(Struct, frozen=True):
    """The tenant namespace's ResourceQuota: room for every service at its maximum, plus the tier's allowance."""

    cpu: str
    memory: str
    pods: int
    services: int
    secrets: int
    config_maps: int
    volume_claims: int


class Domain(Struct, frozen=True):
    """A tenant's own domain, whether its ownership has been proven, and what key its certificate is to have."""

    name: str
    verified: bool
    key: KeyAlgorithm = KeyAlgorithm.ECDSA

    @property
    def slug(self) -> str:
        """The domain as a part of objects' names: unlike plain dashes it keeps `a.b-c.d` and `a-b.c.d` apart."""
        return slug(self.name)


class Issuer(Struct, frozen=True):
    """Who issues the tokens of a tenant's users, and the group whose members administer the tenant."""

    url: str
    jwks: str
    group: str


class Tenant(Struct, frozen=True):
    """A tenant (tenants/**/<name>.yaml), apart from what differs by cell. Free text: `title` and `note`.

    `since` is the day from which it is in its state, None where the file does not say.
    """

    name: str
    path: str
    title: str
    note: str
    platform: Platform
    tier: Tier
    isolation: Isolation
    state: State
    residency: str
    frameworks: tuple[Framework, ...]
    ring: str
    domains: tuple[Domain, ...]
    issuer: Issuer
    cost_centre: str
    team: str
    contacts: dict[str, str]
    namespace: str
    since: date | None = None

    @property
    def verified_domains(self) -> tuple[Domain, ...]:
        """The domains that may have a certificate and a route."""
        return tuple(domain for domain in self.domains if domain.verified)

    @property
    def unverified_domains(self) -> tuple[Domain, ...]:
        """The domains whose ownership is still to be proven."""
        return tuple(domain for domain in self.domains if not domain.verified)

    def asks(self, measure: str) -> bool:
        """Whether one of the tenant's frameworks asks for a measure (`Measure`)."""
        return any(demand.measure == measure for framework in self.frameworks for demand in framework.demands)

    def controls(self, *measures: str) -> dict[str, str]:
        """The labels of an object that serves these measures: for each framework, the ids of the controls it meets.

        `controls.tenantry.dev/<framework>: CC6.1_CC7.2`. A label holds 63 characters, which frameworks are held to
        when they are read.
        """
        found = {}
        for framework in self.frameworks:
            ids = sorted(
                {control for demand in framework.demands if demand.measure in measures for control in demand.controls}
            )
            if ids:
                found[f"controls.tenantry.dev/{framework.name}"] = "_".join(ids)
        return found


class Record(Struct, frozen=True):
    """What stays of a tenant on one cell of its placements whatever becomes of it: its audit record.

    A framework asks for it (`Measure.IMMUTABLE_AUDIT`). `retention` is in days. `bucket` is the name of the store,
    and `account` the storage account that it is a container of (Azure), else "". `policy` is the store's access policy
    where the provider takes one as text, else "".
    """

    tenant: Tenant
    cluster: Cluster
    retention: int
    bucket: str
    account: str
    policy: str
    inputs: tuple[str, ...]


class Assignment(Struct, frozen=True):
    """One tenant on one cell: the unit of rendering.

    `workloads` are the services in the tenant's own namespace; there are none where the tenant shares the platform's.
    `serving` is whether users are routed here now: the primary, or the standby of a failed region. `identity` is the
    cloud identity of the tenant's namespace. `hosts` are the tenant's names below the platform's domain, `domains` its
    own that this cell answers to. `inputs` are the files that everything here came from, sorted. `record` is the audit
    record that stays, None where no framework asks for one.
    """

    tenant: Tenant
    cluster: Cluster
    role: Role
    serving: bool
    settings: Settings
    workloads: tuple[Workload, ...]
    quota: Quota
    identity: str
    hosts: tuple[str, ...]
    inputs: tuple[str, ...]
    data: TenantData | None = None
    domains: tuple[Domain, ...] = ()
    record: Record | None = None

    @property
    def all_hosts(self) -> tuple[str, ...]:
        """Every name that the tenant's VirtualService answers to on this cell."""
        return (*self.hosts, *(domain.name for domain in self.domains))

    @property
    def leaving(self) -> bool:
        """Whether the tenant is being offboarded: its last export, backup and erasure run."""
        return self.tenant.state is State.OFFBOARDING

    @property
    def scheduled(self) -> tuple[tuple[Scheduled, dict[str, str]], ...]:
        """What runs on a schedule for the tenant's frameworks, with the labels of the controls it serves.

        Where the tenant is served only: the other cell holds a copy of the same data.
        """
        section = self.tenant.platform.compliance
        if section is None or self.leaving or not self.serving:
            return ()
        pairs = ((section.portability, Measure.PORTABILITY_EXPORT), (section.consent, Measure.CONSENT_RECORDS))
        return tuple((each, self.tenant.controls(measure)) for each, measure in pairs if self.tenant.asks(measure))

    @property
    def farewell(self) -> tuple[tuple[Task, str, dict[str, str]], ...]:
        """What runs when the tenant leaves: the task, the phase of Argo CD's sync, and the labels of its controls."""
        section = self.tenant.platform.compliance
        if section is None or not self.leaving or not self.serving:
            return ()
        found = [
            (section.final_export, "PreSync", self.tenant.controls(Measure.PORTABILITY_EXPORT)),
            (section.final_backup, "PreSync", {}),
        ]
        if self.tenant.asks(Measure.ERASURE):
            found.append((section.erasure, "PostSync", self.tenant.controls(Measure.ERASURE)))
        return tuple(found)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All that runs for compliance in the tenant's namespace."""
        return (*(each.task for each, _ in self.scheduled), *(each for each, _, _ in self.farewell))

    @property
    def export_bucket(self) -> str:
        """Where exports go on this cell: a bucket of the platform; each tenant's stand below `tenants/<tenant>/`."""
        return self.data.exports if self.data else ""

    @property
    def service_namespace(self) -> str:
        """Where the services stand that serve this tenant."""
        shared = self.tenant.isolation is Isolation.SHARED
        return self.tenant.platform.namespace if shared else self.tenant.namespace

    def secret_key(self, name: str) -> str:
        """The key of a tenant's secret in the provider's store: `tenants/<tenant>/<name>` in the store's spelling."""
        return self.cluster.provider.key_separator.join(("tenants", self.tenant.name, name))

    @property
    def running(self) -> bool:
        """Whether the tenant is served at all: workloads are up and routes are open."""
        return self.tenant.state is State.ACTIVE

    @property
    def protected(self) -> bool:
        """Whether Argo CD must keep what holds the tenant's data even when it leaves the branch."""
        return self.tenant.state is not State.OFFBOARDING
