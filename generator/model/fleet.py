"""The fleet after resolution: typed, frozen, and with nothing optional left that means "inherit".

These are the objects that templates see. `path` fields name the input file a thing came from, for the headers of
rendered files.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from generator.model.autoscaling import NodeAutoscaling
from generator.model.compliance import Demand, Measure, Scheduled
from generator.model.data import Backup, PlacedData, TenantData
from generator.model.domains import KeyAlgorithm
from generator.model.names import LABEL_LIMIT, fit, slug
from generator.model.observability import Observability
from generator.model.offhours import Schedule
from generator.model.platform import Amount, Platform, Service
from generator.model.policies import AdmissionPolicy
from generator.model.task import Task


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


class RegionState(StrEnum):
    """`draining` takes no new tenants; the tenants of a `failed` region are served by their standbys."""

    ACTIVE = "active"
    DRAINING = "draining"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Output:
    """Where rendered output is published, and what Applications therefore point to."""

    repository: str
    branch: str
    per_environment: bool

    def branch_of(self, environment: str) -> str:
        """The branch that a cell of this environment follows: `<branch>`, or `<branch>/<environment>`."""
        return f"{self.branch}/{environment}" if self.per_environment else self.branch


@dataclass(frozen=True, slots=True)
class Chart:
    """A Helm chart that Argo CD installs on every cell, pinned."""

    name: str
    repository: str
    version: str


class DnsProvider(StrEnum):
    """Who serves the platforms' zones, which decides what several cells can say of one name."""

    ROUTE53 = "route53"
    """Weighted records: each cell has its own of a name, and the weight says whether it serves."""
    CLOUDFLARE = "cloudflare"
    """One record a name: only the cell that serves has it."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """Istio's settings, the same on every cell (OAMS, "Service Mesh Implementation").

    `trace_sampling` is a percentage. `charts` are base, istiod, cni and gateway, by name.
    """

    id: str
    trust_domain: str
    trace_sampling: float
    trusted_proxies: int
    pilot: Amount
    charts: dict[str, Chart]


@dataclass(frozen=True, slots=True)
class SystemNamespace:
    """A namespace of the cell itself: its Pod Security level, and whether the mesh injects its pods."""

    name: str
    purpose: str
    pod_security: str
    injected: bool


@dataclass(frozen=True, slots=True)
class Certificates:
    """The ACME account that certificates are ordered from, and the Cloudflare account that proves domains."""

    server: str
    email: str
    dns_email: str


@dataclass(frozen=True, slots=True)
class StorageClass:
    """A StorageClass of a provider. `key_parameter` is the parameter that takes the region's encryption key."""

    name: str
    provisioner: str
    parameters: dict[str, str]
    key_parameter: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A cloud provider: what a rendered object must say differently there (policies/providers/<name>.yaml).

    `identity_annotation` on a ServiceAccount ties it to a cloud identity; `identity_labels` go on its pods.
    `identity_derived` is whether identities follow a pattern; elsewhere each placement says its own.
    `key_separator` joins the parts of a key in the secret store: `/`, or `--` where the store allows no slash.
    `autoscaler` is cluster-autoscaler's name of the cloud, or "" where the provider's own service scales nodes.
    """

    name: str
    path: str
    title: str
    kubernetes: str
    identity_annotation: str
    identity_derived: bool
    identity_labels: dict[str, str]
    key_separator: str
    load_balancer_annotations: dict[str, str]
    storage_classes: tuple[StorageClass, ...]
    autoscaler: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """A region of a provider (regions/<name>.yaml).

    `label` is the region's DNS label and the value of the platforms' region header. `account` is the AWS account,
    the Azure subscription or the Google project. `secret_store` is the Azure vault's URL and `directory` the id of the
    Entra directory that its identities stand in; both are "" elsewhere. `timezone` (IANA) is the clock that off-hours
    go by, or "" for the platform's.
    """

    name: str
    path: str
    provider: Provider
    provider_region: str
    jurisdiction: str
    state: RegionState
    label: str
    failover: tuple[str, ...]
    account: str
    encryption_key: str
    secret_store: str
    directory: str
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class NodePool:
    """A pool of nodes in a cell. `taint` is `key=value` with the effect NoSchedule, or "" for none."""

    name: str
    machine: str
    minimum: int
    maximum: int
    taint: str


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a cell may hold, beyond which no tenant is placed: tenants, millicores, mebibytes."""

    tenants: int
    millicores: int
    mebibytes: int


@dataclass(frozen=True, slots=True)
class Steering:
    """Where the ingress of a cell sends requests that ask for a region by header.

    `value` is the header's value. `host` is the ingress of the region that serves it now, or "" for this cell.
    """

    value: str
    host: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cell: one Kubernetes cluster, with all that it inherits from its region, its provider and the fleet.

    `argocd_namespace` is where its Argo CD instance keeps Applications; `server` is the API server as Argo CD knows it.
    `ingress` is the address of the load balancer before its gateways: a DNS name, or an IP address;
    `ingress_record` is the type of DNS record that leads there: CNAME or A.
    `identity` is the cloud identity of the platform's own secret store, `autoscaler_identity` that of
    cluster-autoscaler where the provider needs one. `price` is what an hour of a node costs here
    (US dollars, on demand), for choosing among feasible cells.
    """

    name: str
    region: Region
    environment: str
    kubernetes: str
    platforms: tuple[Platform, ...]
    tiers: tuple[str, ...]
    capacity: Capacity
    node_pools: tuple[NodePool, ...]
    argocd_namespace: str
    server: str
    ingress: str
    ingress_record: str
    identity: str
    price: float
    inputs: tuple[str, ...]
    autoscaler_identity: str = ""

    @property
    def most_nodes(self) -> int:
        """How many nodes all pools have at most."""
        return sum(pool.maximum for pool in self.node_pools)

    @property
    def provider(self) -> Provider:
        """The provider of the cell's region."""
        return self.region.provider

    def address(self, platform: Platform) -> str:
        """The cell's own DNS name, which every other name that leads here is an alias of."""
        return f"{self.name}.cells.{platform.domain}"

    def host(self, platform: Platform, name: str) -> str:
        """`<name>.<region label>.<platform's domain>`, which the region's wildcard certificate covers."""
        return f"{name}.{self.region.label}.{platform.domain}"


@dataclass(frozen=True, slots=True)
class Replicas:
    """The autoscaler's range."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Targets:
    """The utilisation that the autoscaler holds, in percent of the requests."""

    cpu: int
    memory: int


@dataclass(frozen=True, slots=True)
class Workload:
    """A service sized for where it runs: for one tenant, or for all who share it.

    `blue_green` makes it an Argo Rollout that switches between two ReplicaSets; otherwise it is a Deployment.
    `schedule` is its off-hours, or None where it keeps its minimum around the clock.
    """

    service: Service
    requests: Amount
    limits: Amount
    replicas: Replicas
    targets: Targets
    blue_green: bool
    schedule: Schedule | None = None


@dataclass(frozen=True, slots=True)
class Installation:
    """One platform on one cell: its shared services, and where its ingress sends requests for each region."""

    cluster: Cluster
    platform: Platform
    workloads: tuple[Workload, ...]
    steering: tuple[Steering, ...]
    inputs: tuple[str, ...]
    data: PlacedData | None = None
    pipeline_identity: str = ""
    """The cloud identity of the file pipeline, "" where the provider derives none: it then logs in by a secret."""


@dataclass(frozen=True, slots=True)
class Tier:
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


@dataclass(frozen=True, slots=True)
class Framework:
    """A compliance framework (policies/compliance/<name>.yaml). Its floors are already in every `Settings`.

    `jurisdictions` are where its tenants may be placed; empty means anywhere. `demands` are the measures it asks for.
    """

    name: str
    path: str
    title: str
    jurisdictions: tuple[str, ...]
    demands: tuple[Demand, ...] = ()


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept, in days."""

    backups: int
    logs: int
    audit: int


@dataclass(frozen=True, slots=True)
class Settings:
    """What a tenant gets on one cell, after platform, tier, provider, region, cluster, tenant and frameworks.

    `limits` are those of each container. `access_logs` is "all" or "errors".
    """

    limits: Amount
    replicas: Replicas
    targets: Targets
    retention: Retention
    access_logs: str


@dataclass(frozen=True, slots=True)
class Quota:
    """The tenant namespace's ResourceQuota: room for every service at its maximum, plus the tier's allowance."""

    cpu: str
    memory: str
    pods: int
    services: int
    secrets: int
    config_maps: int
    volume_claims: int


@dataclass(frozen=True, slots=True)
class Domain:
    """A tenant's own domain, whether its ownership has been proven, and what key its certificate is to have."""

    name: str
    verified: bool
    key: KeyAlgorithm = KeyAlgorithm.ECDSA

    @property
    def slug(self) -> str:
        """The domain as a part of objects' names: unlike plain dashes it keeps `a.b-c.d` and `a-b.c.d` apart."""
        return slug(self.name)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues the tokens of a tenant's users, and the group whose members administer the tenant."""

    url: str
    jwks: str
    group: str


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant (tenants/**/<name>.yaml), apart from what differs by cell. Free text: `title` and `note`."""

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


@dataclass(frozen=True, slots=True)
class Record:
    """What stays of a tenant on one cell of its placements whatever becomes of it: its audit record.

    A framework asks for it (`Measure.IMMUTABLE_AUDIT`). `retention` is in days. `bucket` is the name of the store.
    `policy` is the store's access policy where the provider takes one as text, else "".
    """

    tenant: Tenant
    cluster: Cluster
    retention: int
    bucket: str
    policy: str
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
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
        """The platform's bucket for exports on this cell; each tenant's stand below `tenants/<tenant>/`."""
        name = f"{self.tenant.platform.name}-exports-{self.cluster.name}-{self.cluster.region.account}"
        return fit(name, LABEL_LIMIT)

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


@dataclass(frozen=True, slots=True)
class SyncWindow:
    """A freeze as Argo CD keeps it: cron of five fields in UTC, and whole hours (`396h`)."""

    name: str
    schedule: str
    duration: str
    environments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything, resolved. Sequences are sorted by name; installations by cluster and
    platform, assignments by cluster and tenant."""

    name: str
    path: str
    output: Output
    dns: DnsProvider
    mesh: Mesh
    certificates: Certificates
    namespaces: tuple[SystemNamespace, ...]
    tiers: tuple[Tier, ...]
    platforms: tuple[Platform, ...]
    regions: tuple[Region, ...]
    clusters: tuple[Cluster, ...]
    tenants: tuple[Tenant, ...]
    installations: tuple[Installation, ...]
    assignments: tuple[Assignment, ...]
    backup: Backup | None = None
    autoscaling: NodeAutoscaling | None = None
    observability: Observability | None = None
    records: tuple[Record, ...] = ()
    failover_factor: float = 1.0
    """By how much the minimum grows where a failed region's tenants arrive."""
    admission: tuple[AdmissionPolicy, ...] = ()
    freezes: tuple[SyncWindow, ...] = ()

    def freezes_of(self, environment: str) -> tuple[SyncWindow, ...]:
        """The times in which nothing may change in an environment."""
        return tuple(freeze for freeze in self.freezes if environment in freeze.environments)
