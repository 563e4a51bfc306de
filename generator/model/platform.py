"""What a platform runs, as its file in platforms/ says it. Figures come from there and from nowhere else."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from generator.model.compliance import Compliance
from generator.model.container import Amount, Image, Scratch, SecretVariable, Variable
from generator.model.data import Data
from generator.model.domains import Domains
from generator.model.observability import Monitoring
from generator.model.offhours import OffHours
from generator.model.pipeline import Pipeline


class PodsMetric(Struct, frozen=True):
    """A metric per pod that an autoscaler follows: its name and the average to hold, a quantity."""

    name: str
    average: str

    def total(self, namespace: str, service: str) -> str:
        """The metric over all pods of a service, as PromQL: what KEDA divides by the average. Both are DNS labels."""
        return f'sum({self.name}{{namespace="{namespace}",service="{service}"}})'

    def threshold(self, replicas: int = 1) -> str:
        """What `replicas` pods do at the average, as a plain number: KEDA knows no quantities (`500m` → `0.5`)."""
        milli = int(self.average.removesuffix("m")) * (1 if self.average.endswith("m") else 1000) * replicas
        return f"{milli // 1000}" if milli % 1000 == 0 else f"{milli / 1000}"


class Route(Struct, frozen=True):
    """How a service is reached from outside: the path prefix and the HTTP methods let through.

    A `public` route needs no token: pages and sign-in, which a browser asks for before it has one.
    """

    prefix: str
    methods: tuple[str, ...]
    public: bool


class Probe(Struct, frozen=True):
    """The HTTP paths that say a container is alive and ready."""

    liveness: str
    readiness: str


RINGS: Final = ("canary", "early", "stable")
"""The rings of tenants, in the order in which releases reach them."""


class Release(Struct, frozen=True):
    """What one ring runs of a service in one environment: the tag and the digest of the service's image."""

    environment: str
    ring: str
    tag: str
    digest: str


class Service(Struct, frozen=True):
    """One service of a platform, before a tier or a tenant has sized it.

    `releases` are those of rings that run another than `image`, which is what all others run.

    `uses` names flows (`Flow.name`) that its pods may open. `route` is None for a service only called from inside.
    `shared_replicas` sizes the pooled instance that tenants without services of their own share: (min, max).
    """

    name: str
    image: Image
    port: int
    probe: Probe
    requests: Amount
    shared_limits: Amount
    shared_replicas: tuple[int, int]
    metric: PodsMetric | None
    route: Route | None
    variables: tuple[Variable, ...]
    secrets: tuple[SecretVariable, ...]
    scratch: tuple[Scratch, ...]
    uses: tuple[str, ...]
    releases: tuple[Release, ...] = ()

    def released(self, environment: str, ring: str) -> Service:
        """The service as a ring runs it in an environment: its own release, else that of the next ring that has one."""
        own = {each.ring: each for each in self.releases if each.environment == environment}
        for name in RINGS[RINGS.index(ring) :]:
            if name in own:
                return replace(self, image=Image(self.image.repository, own[name].tag, own[name].digest))
        return self


class Flow(Struct, frozen=True):
    """A way out of a pod that the platform allows: the pods behind it, by namespace and labels, and a TCP port."""

    name: str
    namespace: str
    labels: dict[str, str]
    port: int


class Secret(Struct, frozen=True):
    """A secret that every tenant, or the platform itself, has in the provider's store.

    `name` is the Kubernetes Secret and the last part of the key in the store; `keys` are the properties in it.
    """

    name: str
    keys: tuple[str, ...]


class Recovery(Struct, frozen=True):
    """What a platform promises for a lost region, in seconds: `point` is how much of the latest work may be gone,
    `time` how long until it is served again."""

    point: int
    time: int


class Platform(Struct, frozen=True):
    """A platform: its names, its services and what connects them (platforms/<name>.yaml).

    `domains`, `compliance` and `pipeline` are None where it renders none of that, `recovery` where it promises nothing.
    """

    name: str
    path: str
    title: str
    domain: str
    namespace: str
    team: str
    region_header: str
    tenant_claim: str
    services: tuple[Service, ...]
    flows: tuple[Flow, ...]
    tenant_secrets: tuple[Secret, ...]
    platform_secrets: tuple[Secret, ...]
    data: Data | None = None
    off_hours: OffHours | None = None
    monitoring: Monitoring | None = None
    domains: Domains | None = None
    compliance: Compliance | None = None
    pipeline: Pipeline | None = None
    recovery: Recovery | None = None

    def flows_of(self, service: Service) -> tuple[Flow, ...]:
        """The flows that a service may open, in the platform's order."""
        return tuple(flow for flow in self.flows if flow.name in service.uses)

    @property
    def routed(self) -> tuple[tuple[Service, Route], ...]:
        """The services reached from outside, longest prefix first: the order a VirtualService must try them in."""
        routed = [(service, service.route) for service in self.services if service.route is not None]
        return tuple(sorted(routed, key=lambda pair: (-len(pair[1].prefix), pair[0].name)))
