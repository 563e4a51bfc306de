"""Cells and where they stand: providers, regions, Kubernetes clusters, and each platform on each of them."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from generator.model.data import PlacedData
from generator.model.platform import Platform
from generator.model.workload import Workload


class RegionState(StrEnum):
    """`draining` takes no new tenants; the tenants of a `failed` region are served by their standbys."""

    ACTIVE = "active"
    DRAINING = "draining"
    FAILED = "failed"


class StorageClass(Struct, frozen=True):
    """A StorageClass of a provider. `key_parameter` is the parameter that takes the region's encryption key."""

    name: str
    provisioner: str
    parameters: dict[str, str]
    key_parameter: str


class Provider(Struct, frozen=True):
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


class Region(Struct, frozen=True):
    """A region of a provider (regions/<name>.yaml).

    `label` is the region's DNS label and the value of the platforms' region header. `account` is the AWS account,
    the Azure subscription or the Google project. `secret_store` is the Azure vault's URL, `directory` the id of the
    Entra directory that its identities stand in and `resource_group` where its storage accounts are made; all are ""
    elsewhere. `timezone` (IANA) is the clock that off-hours go by, or "" for the platform's.
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
    resource_group: str
    timezone: str = ""

    @property
    def resource_group_id(self) -> str:
        """The resource group as Azure names it in full; "" where there is none."""
        return f"/subscriptions/{self.account}/resourceGroups/{self.resource_group}" if self.resource_group else ""


class NodePool(Struct, frozen=True):
    """A pool of nodes in a cell. `taint` is `key=value` with the effect NoSchedule, or "" for none."""

    name: str
    machine: str
    minimum: int
    maximum: int
    taint: str


class Capacity(Struct, frozen=True):
    """What a cell may hold, beyond which no tenant is placed: tenants, millicores, mebibytes."""

    tenants: int
    millicores: int
    mebibytes: int


class Steering(Struct, frozen=True):
    """Where the ingress of a cell sends requests that ask for a region by header.

    `value` is the header's value. `host` is the ingress of the region that serves it now, or "" for this cell.
    """

    value: str
    host: str


class Cluster(Struct, frozen=True):
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


class Installation(Struct, frozen=True):
    """One platform on one cell: its shared services, and where its ingress sends requests for each region."""

    cluster: Cluster
    platform: Platform
    workloads: tuple[Workload, ...]
    steering: tuple[Steering, ...]
    inputs: tuple[str, ...]
    data: PlacedData | None = None
    pipeline_identity: str = ""
    """The cloud identity of the file pipeline, "" where the provider derives none: it then logs in by a secret."""
