"""Single documents → their typed values: what needs no other document to be understood."""

from __future__ import annotations

from typing import Any

from generator.model.cell import Provider, StorageClass
from generator.model.container import Image, Scratch, SecretVariable, Variable
from generator.model.document import Document
from generator.model.fleet import Certificates, Chart, Mesh, Output, SystemNamespace
from generator.model.platform import Flow, Platform, PodsMetric, Probe, Recovery, Release, Route, Secret, Service
from generator.model.tenant import Framework, Isolation, Retention, Tier
from generator.resolve.amounts import amount
from generator.resolve.compliance import compliance, demands
from generator.resolve.data import data
from generator.resolve.domains import domains
from generator.resolve.observability import monitoring
from generator.resolve.offhours import off_hours
from generator.resolve.pipeline import pipeline


def output(spec: dict[str, Any]) -> Output:
    """Where the fleet is published."""
    data = spec["output"]
    return Output(data["repository"], data["branch"], data.get("perEnvironment", False))


def mesh(spec: dict[str, Any]) -> Mesh:
    """Istio's settings."""
    data = spec["mesh"]
    return Mesh(
        id=data["id"],
        trust_domain=data["trustDomain"],
        trace_sampling=float(data["traceSampling"]),
        trusted_proxies=data["trustedProxies"],
        pilot=amount(data["pilot"]),
        charts={
            name: Chart(name, chart["repository"], chart["version"]) for name, chart in sorted(data["charts"].items())
        },
    )


def certificates(spec: dict[str, Any]) -> Certificates:
    """The ACME account."""
    data = spec["certificates"]
    return Certificates(data["server"], data["email"], data["dnsEmail"])


def namespaces(spec: dict[str, Any]) -> tuple[SystemNamespace, ...]:
    """The namespaces that every cell has, by name."""
    found = (
        SystemNamespace(data["name"], data["purpose"], data["podSecurity"], data["injected"])
        for data in spec["namespaces"]
    )
    return tuple(sorted(found, key=lambda namespace: namespace.name))


def tier(document: Document) -> Tier:
    """A tier, without its settings: those are a layer."""
    spec = document.data["spec"]
    return Tier(
        name=document.name,
        path=document.path,
        title=spec["title"],
        isolation=Isolation(spec["isolation"]),
        priority=spec["priority"],
        node_pool=spec["nodePool"],
        night_floor=spec.get("nightFloor", False),
    )


def framework(document: Document) -> Framework:
    """A compliance framework. Its floors work where settings are resolved, apart from those that say where and for how
    long things are kept."""
    spec = document.data["spec"]
    kept = spec["floors"].get("retention", {})
    return Framework(
        name=document.name,
        path=document.path,
        title=spec["title"],
        jurisdictions=tuple(sorted(spec["floors"].get("jurisdictions", ()))),
        demands=demands(spec),
        retention=Retention(*(kept.get(name, 0) for name in ("backups", "logs", "audit"))),
    )


def provider(document: Document) -> Provider:
    """A cloud provider."""
    spec = document.data["spec"]
    return Provider(
        name=document.name,
        path=document.path,
        title=spec["title"],
        kubernetes=spec["kubernetes"],
        identity_annotation=spec["identity"]["annotation"],
        identity_derived="pattern" in spec["identity"],
        identity_labels=in_key_order(spec["identity"]["podLabels"]),
        key_separator=spec["secrets"]["separator"],
        load_balancer_annotations=in_key_order(spec["loadBalancer"]["annotations"]),
        storage_classes=tuple(
            StorageClass(data["name"], data["provisioner"], in_key_order(data["parameters"]), data["keyParameter"])
            for data in spec["storageClasses"]
        ),
        autoscaler=spec.get("autoscaler", ""),
    )


def platform(document: Document) -> Platform:
    """A platform with its services in the order of the file."""
    spec = document.data["spec"]
    promised = spec.get("recovery")
    return Platform(
        name=document.name,
        path=document.path,
        title=spec["title"],
        domain=spec["domain"],
        namespace=spec["namespace"],
        team=spec["team"],
        region_header=spec["regionHeader"],
        tenant_claim=spec["tenantClaim"],
        services=tuple(service(data) for data in spec["services"]),
        flows=tuple(
            Flow(data["name"], data["namespace"], in_key_order(data["labels"]), data["port"]) for data in spec["flows"]
        ),
        tenant_secrets=secrets(spec["secrets"]["tenant"]),
        platform_secrets=secrets(spec["secrets"]["platform"]),
        data=data(spec),
        off_hours=off_hours(spec),
        monitoring=monitoring(document.name, spec),
        domains=domains(spec),
        compliance=compliance(spec),
        pipeline=pipeline(spec),
        recovery=Recovery(promised["pointSeconds"], promised["timeSeconds"]) if promised else None,
    )


def service(data: dict[str, Any]) -> Service:
    """One service of a platform."""
    metric, route = data.get("metric"), data.get("route")
    return Service(
        name=data["name"],
        image=Image(**data["image"]),
        port=data["port"],
        probe=Probe(**data["probe"]),
        requests=amount(data["requests"]),
        shared_limits=amount(data["shared"]["limits"]),
        shared_replicas=(data["shared"]["replicas"]["min"], data["shared"]["replicas"]["max"]),
        metric=PodsMetric(**metric) if metric else None,
        route=Route(route["prefix"], tuple(route["methods"]), route.get("public", False)) if route else None,
        variables=tuple(Variable(**variable) for variable in data.get("variables", ())),
        secrets=tuple(SecretVariable(**variable) for variable in data.get("secrets", ())),
        scratch=tuple(Scratch(**folder) for folder in data.get("scratch", ())),
        uses=tuple(data.get("uses", ())),
        releases=tuple(Release(**release) for release in data.get("releases", ())),
    )


def secrets(data: list[dict[str, Any]]) -> tuple[Secret, ...]:
    """Secrets in the order of the file."""
    return tuple(Secret(secret["name"], tuple(secret["keys"])) for secret in data)


def in_key_order(data: dict[str, str]) -> dict[str, str]:
    """A mapping whose rendered form does not depend on how its author ordered it."""
    return dict(sorted(data.items()))
