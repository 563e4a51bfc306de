"""The fleet after resolution: typed, frozen, and with nothing optional left that means "inherit".

These are the objects that templates see. `path` fields name the input file a thing came from, for the headers of
rendered files.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from generator.model.platform import Amount, Platform, Service
from generator.model.policies import AdmissionPolicy


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


@dataclass(frozen=True, slots=True)
class Region:
    """A region of a provider (regions/<name>.yaml).

    `label` is the region's DNS label and the value of the platforms' region header. `account` is the AWS account,
    the Azure subscription or the Google project. `secret_store` is the Azure vault's URL and `directory` the id of the
    Entra directory that its identities stand in; both are "" elsewhere.
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
    `identity` is the cloud identity of the platform's own secret store. `price` is what an hour of a node costs here
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
    """

    service: Service
    requests: Amount
    limits: Amount
    replicas: Replicas
    targets: Targets
    blue_green: bool


@dataclass(frozen=True, slots=True)
class Installation:
    """One platform on one cell: its shared services, and where its ingress sends requests for each region."""

    cluster: Cluster
    platform: Platform
    workloads: tuple[Workload, ...]
    steering: tuple[Steering, ...]
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier: what a tenant gets for it (policies/tiers/<name>.yaml). `priority` is the PriorityClass's value."""

    name: str
    path: str
    title: str
    isolation: Isolation
    priority: int
    node_pool: str


@dataclass(frozen=True, slots=True)
class Framework:
    """A compliance framework (policies/compliance/<name>.yaml). Its floors are already in every `Settings`.

    `jurisdictions` are where its tenants may be placed; empty means anywhere.
    """

    name: str
    path: str
    title: str
    jurisdictions: tuple[str, ...]


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
    """A tenant's own domain, and whether its ownership has been proven."""

    name: str
    verified: bool


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


@dataclass(frozen=True, slots=True)
class Assignment:
    """One tenant on one cell: the unit of rendering.

    `workloads` are the services in the tenant's own namespace; there are none where the tenant shares the platform's.
    `serving` is whether users are routed here now: the primary, or the standby of a failed region. `identity` is the
    cloud identity of the tenant's namespace. `hosts` are the names its VirtualService answers to. `inputs` are the
    files that everything here came from, sorted.
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
    admission: tuple[AdmissionPolicy, ...] = ()
