"""The fleet after resolution: typed, frozen, and with nothing optional left that means "inherit".

These are the objects that templates see. `path` fields name the input file a thing came from, for the headers of
rendered files.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from generator.model.autoscaling import NodeAutoscaling
from generator.model.cell import Cluster, Installation, Region
from generator.model.container import Amount
from generator.model.data import Backup
from generator.model.known import Known
from generator.model.observability import Observability
from generator.model.platform import Platform
from generator.model.policies import AdmissionPolicy
from generator.model.tenant import Assignment, Record, Tenant, Tier


class Output(Struct, frozen=True):
    """Where rendered output is published, and what Applications therefore point to."""

    repository: str
    branch: str
    per_environment: bool

    def branch_of(self, environment: str) -> str:
        """The branch that a cell of this environment follows: `<branch>`, or `<branch>/<environment>`."""
        return f"{self.branch}/{environment}" if self.per_environment else self.branch


class Chart(Struct, frozen=True):
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


class Mesh(Struct, frozen=True):
    """Istio's settings, the same on every cell (OAMS, "Service Mesh Implementation").

    `trace_sampling` is a percentage. `charts` are base, istiod, cni and gateway, by name.
    """

    id: str
    trust_domain: str
    trace_sampling: float
    trusted_proxies: int
    pilot: Amount
    charts: dict[str, Chart]


class SystemNamespace(Struct, frozen=True):
    """A namespace of the cell itself: its Pod Security level, and whether the mesh injects its pods."""

    name: str
    purpose: str
    pod_security: str
    injected: bool


class Certificates(Struct, frozen=True):
    """The ACME account that certificates are ordered from, and the Cloudflare account that proves domains."""

    server: str
    email: str
    dns_email: str


class SyncWindow(Struct, frozen=True):
    """A freeze as Argo CD keeps it: cron of five fields in UTC, and whole hours (`396h`)."""

    name: str
    schedule: str
    duration: str
    environments: tuple[str, ...]


class Fleet(Struct, frozen=True):
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
    known: tuple[Known, ...] = ()
    """What the checks may find without failing."""

    @property
    def kubernetes(self) -> dict[str, str]:
        """The Kubernetes version ("1.34") of each cell, by its name."""
        return {cluster.name: cluster.kubernetes for cluster in self.clusters}

    def freezes_of(self, environment: str) -> tuple[SyncWindow, ...]:
        """The times in which nothing may change in an environment."""
        return tuple(freeze for freeze in self.freezes if environment in freeze.environments)
