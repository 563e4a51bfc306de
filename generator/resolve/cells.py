"""Regions and their cells, and each platform's installation on each cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from generator.model.cell import Capacity, Cluster, Installation, NodePool, Provider, Region, RegionState, Steering
from generator.model.document import Document
from generator.model.names import fit
from generator.model.platform import RINGS, Platform
from generator.model.quantity import mebibytes, millicores
from generator.model.workload import Targets
from generator.resolve.data import placed, retention_inputs
from generator.resolve.index import Index
from generator.resolve.offhours import scheduled
from generator.resolve.settings import Layer, strongest
from generator.resolve.sizing import shared_workload
from generator.source import Pointer

_IPV4: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")


class Place(Struct, frozen=True):
    """Where a cell is declared: its region's document and the way to it."""

    document: Document
    pointer: Pointer
    data: dict[str, Any]


def places(index: Index) -> dict[str, Place]:
    """Every cell that any region file declares, by name; broken region files too, as far as they can be read."""
    found: dict[str, Place] = {}
    for place in all_places(index):
        found.setdefault(place.data["name"], place)
    return found


def all_places(index: Index) -> Iterator[Place]:
    """Every declaration of a cell, repeated names too, by region and position."""
    for name in sorted(index.of("Region")):
        document = index.of("Region")[name]
        spec = document.data.get("spec")
        listed = spec.get("clusters") if isinstance(spec, dict) else None
        for number, data in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(data, dict) and isinstance(data.get("name"), str):
                yield Place(document, ("spec", "clusters", number), data)


def regions(index: Index, providers: Mapping[str, Provider]) -> dict[str, Region]:
    """The sound regions whose provider is sound as well, by name."""
    found = {}
    for document in index.valid("Region"):
        spec = document.data["spec"]
        if spec["provider"] in providers:
            found[document.name] = Region(
                name=document.name,
                path=document.path,
                provider=providers[spec["provider"]],
                provider_region=spec["providerRegion"],
                jurisdiction=spec["jurisdiction"],
                state=RegionState(spec["state"]),
                label=spec["label"],
                failover=tuple(spec["failover"]),
                account=spec["account"],
                encryption_key=spec["encryptionKey"],
                secret_store=spec.get("secretStore", ""),
                directory=spec.get("directory", ""),
                resource_group=spec.get("resourceGroup", ""),
                timezone=spec.get("timezone", ""),
            )
    return found


def clusters(
    index: Index,
    found: Mapping[str, Region],
    platforms: Mapping[str, Platform],
    declared: Mapping[str, Place],
    common: frozenset[str],
) -> dict[str, Cluster]:
    """The cells of sound regions, by name. Of two with one name it is the `declared` one or none."""
    built = {}
    for region in found.values():
        document = index.of("Region")[region.name]
        provider = index.of("Provider")[region.provider.name]
        for data in document.data["spec"]["clusters"]:
            if declared[data["name"]].document is not document:
                continue
            here = tuple(platforms[name] for name in sorted(data["platforms"]) if name in platforms)
            built[data["name"]] = _cluster(data, region, provider, here, common)
    return dict(sorted(built.items()))


def installations(index: Index, found: Mapping[str, Cluster], failover_factor: float) -> tuple[Installation, ...]:
    """Each platform on each cell that offers it."""
    return tuple(
        _installation(index, cluster, platform, found, failover_factor)
        for cluster in found.values()
        for platform in cluster.platforms
    )


def identity(provider: Document, account: str, name: str) -> str:
    """The cloud identity by the provider's pattern, or "" where it has none."""
    data = provider.data["spec"]["identity"]
    pattern: str = data.get("pattern", "")
    shortened = fit(name, data.get("nameLimit", len(name)))
    return pattern.replace("{account}", account).replace("{name}", shortened)


def _cluster(
    data: dict[str, Any], region: Region, provider: Document, platforms: tuple[Platform, ...], common: frozenset[str]
) -> Cluster:
    return Cluster(
        name=data["name"],
        region=region,
        environment=data["environment"],
        kubernetes=data["kubernetes"],
        platforms=platforms,
        tiers=tuple(sorted(data["tiers"])),
        capacity=Capacity(
            tenants=data["capacity"]["tenants"],
            millicores=millicores(data["capacity"]["cpu"]),
            mebibytes=mebibytes(data["capacity"]["memory"]),
        ),
        node_pools=tuple(
            NodePool(pool["name"], pool["machine"], pool["min"], pool["max"], pool.get("taint", ""))
            for pool in data["nodePools"]
        ),
        argocd_namespace=data["argocd"]["namespace"],
        server=data["argocd"]["server"],
        ingress=data["ingress"],
        ingress_record="A" if _IPV4.fullmatch(data["ingress"]) else "CNAME",
        identity=data.get("identity") or identity(provider, region.account, data["name"]),
        price=float(provider.data["spec"]["prices"]["onDemand"]),
        autoscaler_identity=(
            identity(provider, region.account, f"{data['name']}-autoscaler") if region.provider.autoscaler else ""
        ),
        inputs=tuple(sorted({*common, region.path, region.provider.path, *(each.path for each in platforms)})),
    )


def _installation(
    index: Index, cluster: Cluster, platform: Platform, found: Mapping[str, Cluster], failover_factor: float
) -> Installation:
    document = index.of("Platform")[platform.name]
    layers = (Layer(document, ("spec", "settings")),)
    targets = Targets(
        cpu=strongest(layers, ("targets", "cpu")).value, memory=strongest(layers, ("targets", "memory")).value
    )
    production = cluster.environment == "production"
    peers = _peers(cluster, platform, found)
    steering = _steering(cluster, platform, peers)
    # A2Z SOC, "Automated Failover Strategy": who takes in a failed region's requests grows.
    taking_in = any(each.host == "" and each.value != cluster.region.label for each in steering)
    return Installation(
        cluster=cluster,
        platform=platform,
        # A pooled service keeps its minimum at night, whatever the tiers of those who share it: one replica is no pool.
        workloads=scheduled(
            tuple(
                shared_workload(
                    # Tenants of all rings share it, so it is the last to get a release.
                    service.released(cluster.environment, RINGS[-1]),
                    targets,
                    blue_green=production,
                    minimum_factor=failover_factor if taking_in else 1.0,
                )
                for service in platform.services
            ),
            platform.off_hours,
            cluster,
            night_floor=False,
        ),
        steering=steering,
        pipeline_identity=identity(
            index.of("Provider")[cluster.provider.name], cluster.region.account, f"{platform.name}-file-pipeline"
        ),
        inputs=tuple(
            sorted(
                {
                    *cluster.inputs,
                    platform.path,
                    *(region.path for region in peers.values()),
                    *retention_inputs(index, platform),
                }
            )
        ),
        data=placed(index, cluster, platform),
    )


def _peers(cluster: Cluster, platform: Platform, found: Mapping[str, Cluster]) -> dict[str, Region]:
    """The regions where the platform stands in the cell's environment, this one included, by name."""
    return {
        other.region.name: other.region
        for other in sorted(found.values(), key=lambda other: other.region.name)
        if other.environment == cluster.environment and platform in other.platforms
    }


def _steering(cluster: Cluster, platform: Platform, peers: Mapping[str, Region]) -> tuple[Steering, ...]:
    """For each region's header value, who serves it now: the region, or the first of its failover peers that is up."""
    steering = []
    for region in peers.values():
        candidates = (region.name, *region.failover)
        serving = next(
            (peers[name] for name in candidates if name in peers and peers[name].state is not RegionState.FAILED), None
        )
        if serving is not None:
            here = serving.name == cluster.region.name
            steering.append(Steering(region.label, "" if here else f"ingress.{serving.label}.{platform.domain}"))
    return tuple(steering)
