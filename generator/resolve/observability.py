"""The `observability` sections of fleet.yaml and of platforms' files → what is watched, and by what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from generator.diagnostics import Diagnostic
from generator.model.container import Image
from generator.model.document import Document
from generator.model.observability import Monitoring, Observability, Scrape, Tool
from generator.resolve.dashboards import dashboards
from generator.resolve.index import Index, Reference, unknown
from generator.resolve.rules import cell_groups, platform_groups


def observability(spec: dict[str, Any]) -> Observability | None:
    """The tools of every cell; None where fleet.yaml has none."""
    data = spec.get("observability")
    if data is None:
        return None
    prometheus = data["prometheus"]
    return Observability(
        prometheus=_tool(prometheus),
        alertmanager=_tool(data["alertmanager"]),
        collector=_tool(data["collector"]),
        jaeger=_tool(data["jaeger"]),
        elasticsearch=_tool(data["elasticsearch"]),
        kibana=_tool(data["kibana"]),
        scrape_interval=prometheus["scrapeInterval"],
        retention=prometheus["retention"],
        retention_size=prometheus["retentionSize"],
        heap=data["elasticsearch"]["heap"],
        storage_class=data["storageClass"],
        groups=cell_groups(data["alerts"]),
    )


def monitoring(name: str, spec: dict[str, Any]) -> Monitoring | None:
    """A platform's metrics, rules and dashboards; None where its file has none."""
    data = spec.get("observability")
    if data is None:
        return None
    return Monitoring(
        metrics_path=data["metricsPath"],
        trace_sample=str(data["traceSample"]),
        scrapes=_scrapes([service["name"] for service in spec["services"]], data.get("scrape", ())),
        groups=platform_groups(name, data),
        dashboards=dashboards(name, spec["title"], data),
    )


def monitoring_faults(index: Index) -> list[Diagnostic]:
    """Objectives of tiers that do not exist, and intervals of services that do not."""
    found: list[Diagnostic] = []
    for document in index.valid("Platform"):
        data = document.data["spec"].get("observability", {})
        found += index.unresolved(_objectives(document, data))
        services = [service["name"] for service in document.data["spec"]["services"]]
        for number, each in enumerate(data.get("scrape", ())):
            if each["service"] not in services:
                pointer = ("spec", "observability", "scrape", number, "service")
                reference = Reference(document, pointer, "Service", each["service"])
                found.append(unknown(reference, services, f"spec.services of {document.path}"))
    return found


def _objectives(document: Document, data: dict[str, Any]) -> list[Reference]:
    return [
        Reference(document, ("spec", "observability", "objectives", number, "tier"), "Tier", each["tier"])
        for number, each in enumerate(data.get("objectives", ()))
    ]


def _scrapes(services: Sequence[str], asked: Sequence[dict[str, Any]]) -> tuple[Scrape, ...]:
    """Services by the interval of their metrics; the cell's own interval, "", comes first."""
    intervals = {each["service"]: str(each["interval"]) for each in asked}
    groups: dict[str, list[str]] = defaultdict(list)
    for service in services:
        groups[intervals.get(service, "")].append(service)
    return tuple(Scrape(interval, "|".join(sorted(groups[interval]))) for interval in sorted(groups))


def _tool(data: dict[str, Any]) -> Tool:
    image = Image(**data["image"])
    return Tool(
        image=image.reference,
        version=image.tag,
        replicas=data["replicas"],
        cpu=data["requests"]["cpu"],
        memory=data["requests"]["memory"],
        cpu_limit=data["limits"]["cpu"],
        memory_limit=data["limits"]["memory"],
        storage=data.get("storage", ""),
    )
