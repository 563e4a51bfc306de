"""What is watched: the cell's own tools (fleet.yaml), and each platform's rules and dashboards (platforms/<name>.yaml).

PromQL and dashboards' JSON are whole texts here, made by resolve/rules.py and resolve/dashboards.py: a template only
puts them where they belong.
"""

from __future__ import annotations

from msgspec import Struct


class Tool(Struct, frozen=True):
    """One of the cell's tools: its image by tag and digest, how many, and how large.

    `version` is the image's tag; `cpu`, `memory` are requests, `cpu_limit`, `memory_limit` limits (quantities).
    """

    image: str
    version: str
    replicas: int
    cpu: str
    memory: str
    cpu_limit: str
    memory_limit: str
    storage: str
    """The size of each replica's volume, a quantity; "" where it has none."""


class Rule(Struct, frozen=True):
    """A recording rule (`record`) or an alert (`alert`, `hold`); the other's fields are "" there.

    `expr` is PromQL. `hold` is how long the expression must hold, a duration.
    """

    record: str
    alert: str
    expr: str
    hold: str
    labels: dict[str, str]
    annotations: dict[str, str]


class RuleGroup(Struct, frozen=True):
    """Rules that are evaluated one after the other, so that later ones see what earlier ones recorded."""

    name: str
    rules: tuple[Rule, ...]


class Dashboard(Struct, frozen=True):
    """A dashboard of Grafana: its name (a DNS label), and the whole of its JSON."""

    name: str
    json: str


class Scrape(Struct, frozen=True):
    """Services that are asked for their metrics at one interval, as a regular expression of their names.

    `interval` is a duration, or "" for the cell's own.
    """

    interval: str
    services: str


class Monitoring(Struct, frozen=True):
    """What a platform says of its metrics. `trace_sample` is the share of requests its services trace, from 0 to 1."""

    metrics_path: str
    trace_sample: str
    scrapes: tuple[Scrape, ...]
    groups: tuple[RuleGroup, ...]
    dashboards: tuple[Dashboard, ...]


class Observability(Struct, frozen=True):
    """The tools of every cell. `heap` is Elasticsearch's, as Java takes it (`2g`).

    `scrape_interval` and `retention` are durations (`15s`, `30d`); `retention_size` is where the oldest metrics go even
    if they are younger (`90GB`). `storage_class` names a class of every provider.
    """

    prometheus: Tool
    alertmanager: Tool
    collector: Tool
    jaeger: Tool
    elasticsearch: Tool
    kibana: Tool
    scrape_interval: str
    retention: str
    retention_size: str
    heap: str
    storage_class: str
    groups: tuple[RuleGroup, ...]

    @property
    def java_options(self) -> str:
        """A heap of one size from the start, as Elasticsearch asks for."""
        return f"-Xms{self.heap} -Xmx{self.heap}"
