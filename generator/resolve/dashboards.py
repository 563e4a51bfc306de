"""Panels of a platform's file → Grafana dashboards as JSON: one text each, with sorted keys, the same every time."""

from __future__ import annotations

import json
from typing import Any, Final

from generator.model.observability import Dashboard

_COLUMNS: Final = 2
_WIDTH: Final = 12
"""Half of Grafana's grid of 24 columns."""
_HEIGHT: Final = 8
_SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}


def dashboards(platform: str, title: str, data: dict[str, Any]) -> tuple[Dashboard, ...]:
    """The platform's dashboards, by name."""
    return tuple(
        Dashboard(each["name"], _json(platform, title, each, data["metrics"]["requests"]))
        for each in sorted(data["dashboards"], key=lambda each: str(each["name"]))
    )


def _json(platform: str, title: str, data: dict[str, Any], requests: str) -> str:
    board = {
        "uid": f"{platform}-{data['name']}"[:40],
        "title": f"{title}: {data['title']}",
        "tags": ["tenantry", platform],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "utc",
        "templating": {"list": [_source(), _tenants(platform, requests)]},
        "panels": [_panel(number, panel) for number, panel in enumerate(data["panels"])],
    }
    return json.dumps(board, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _source() -> dict[str, Any]:
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}


def _tenants(platform: str, requests: str) -> dict[str, Any]:
    """The variable `$tenant`: whoever has metrics, so no dashboard names a tenant."""
    query = f'label_values({requests}{{platform="{platform}"}}, tenant_id)'
    return {
        "name": "tenant",
        "label": "Tenant",
        "type": "query",
        "datasource": _SOURCE,
        "query": {"query": query, "refId": "tenant"},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _panel(number: int, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": number + 1,
        "title": data["title"],
        "type": data["type"],
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": {"unit": data["unit"]}, "overrides": []},
        "gridPos": {
            "h": _HEIGHT,
            "w": _WIDTH,
            "x": number % _COLUMNS * _WIDTH,
            "y": number // _COLUMNS * _HEIGHT,
        },
        "targets": [{"datasource": _SOURCE, "expr": data["query"], "legendFormat": data["legend"], "refId": "A"}],
    }
