"""Small fleets made of model values, for tests of rendering alone."""

from __future__ import annotations

from msgspec.structs import replace

from generator.model.cell import Capacity, Cluster, Installation, Provider, Region, RegionState
from generator.model.container import Amount
from generator.model.fleet import Certificates, DnsProvider, Fleet, Mesh, Output
from generator.model.platform import Platform
from generator.model.tenant import Assignment, Isolation, Issuer, Quota, Retention, Role, Settings, State, Tenant, Tier
from generator.model.workload import Replicas, Targets

PLATFORM = Platform(
    name="shop",
    path="platforms/shop.yaml",
    title="Shop",
    domain="shop.example.com",
    namespace="shop",
    team="commerce",
    region_header="x-region",
    tenant_claim="tenant_id",
    services=(),
    flows=(),
    tenant_secrets=(),
    platform_secrets=(),
)
PROVIDER = Provider(
    name="aws",
    path="policies/providers/aws.yaml",
    title="AWS",
    kubernetes="EKS",
    identity_annotation="eks.amazonaws.com/role-arn",
    identity_labels={},
    identity_derived=False,
    key_separator="/",
    load_balancer_annotations={},
    storage_classes=(),
)
TIER = Tier("basic", "policies/tiers/basic.yaml", "Basic", Isolation.NAMESPACE, 100, "general")
SETTINGS = Settings(Amount("500m", "1Gi"), Replicas(1, 3), Targets(70, 80), Retention(7, 30, 365), "errors")


def cluster(name: str) -> Cluster:
    """A cell in a region of its own."""
    region = Region(
        name=f"{name}-region",
        path=f"regions/{name}-region.yaml",
        provider=PROVIDER,
        provider_region="us-east-1",
        jurisdiction="US",
        state=RegionState.ACTIVE,
        label=name,
        failover=(),
        account="000000000000",
        encryption_key="key",
        secret_store="",
        directory="",
        resource_group="",
    )
    return Cluster(
        name=name,
        region=region,
        environment="production",
        kubernetes="1.34",
        platforms=(PLATFORM,),
        tiers=("basic",),
        capacity=Capacity(10, 10000, 10000),
        node_pools=(),
        ingress=f"{name}.elb.example.com",
        ingress_record="CNAME",
        argocd_namespace="argocd",
        server="https://kubernetes.default.svc",
        identity="arn:cell",
        price=0.1,
        inputs=("fleet.yaml", region.path),
    )


def tenant(name: str, title: str = "A tenant") -> Tenant:
    """An active tenant of the platform."""
    return Tenant(
        name=name,
        path=f"tenants/{name}.yaml",
        title=title,
        note="",
        platform=PLATFORM,
        tier=TIER,
        isolation=Isolation.NAMESPACE,
        state=State.ACTIVE,
        residency="US",
        frameworks=(),
        ring="stable",
        domains=(),
        issuer=Issuer("https://id.example.com", "https://id.example.com/jwks", "admins"),
        cost_centre="CC-1",
        team="commerce",
        contacts={},
        namespace=f"tenant-{name}",
    )


def assignment(one: Tenant, cell: Cluster) -> Assignment:
    """A tenant on a cell, with the inputs that all of it came from."""
    return Assignment(
        tenant=one,
        cluster=cell,
        role=Role.PRIMARY,
        serving=True,
        settings=SETTINGS,
        workloads=(),
        quota=Quota("4", "8Gi", 20, 10, 10, 10, 5),
        identity="arn:tenant",
        hosts=(),
        inputs=tuple(sorted(("fleet.yaml", cell.region.path, one.path))),
    )


def fleet(clusters: int = 2, tenants: int = 3) -> Fleet:
    """Cells `cell-0` … and tenants `tenant-0` …, every tenant on every cell."""
    cells = tuple(cluster(f"cell-{number}") for number in range(clusters))
    everyone = tuple(tenant(f"tenant-{number:04}") for number in range(tenants))
    return Fleet(
        name="example",
        path="fleet.yaml",
        output=Output("https://git.example.com/rendered.git", "rendered", per_environment=False),
        dns=DnsProvider.ROUTE53,
        mesh=Mesh("mesh", "cluster.local", 1.0, 2, Amount("200m", "128Mi"), {}),
        certificates=Certificates("https://acme.example.com", "ops@example.com", "dns@example.com"),
        namespaces=(),
        tiers=(TIER,),
        platforms=(PLATFORM,),
        regions=tuple(cell.region for cell in cells),
        clusters=cells,
        tenants=everyone,
        installations=tuple(Installation(cell, PLATFORM, (), (), cell.inputs) for cell in cells),
        assignments=tuple(assignment(one, cell) for cell in cells for one in everyone),
    )


def reversed_fleet(one: Fleet) -> Fleet:
    """The same fleet with its sequences the other way round."""
    return replace(
        one,
        clusters=one.clusters[::-1],
        installations=one.installations[::-1],
        assignments=one.assignments[::-1],
        tenants=one.tenants[::-1],
    )
