"""Recording rules and alerts as PromQL: thresholds come from the inputs, names in the text are DNS labels.

A2Z SOC "Multi-Level Alerting" and OAMS "Application Performance Monitoring", with two mistakes mended: `rate(…) > 0.1`
counts errors a second, so a ratio stands here; an average of response times hides the slow ones, so a quantile of the
histogram does.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from generator.model.observability import Rule, RuleGroup

_BY_TENANT: Final = "by (tenant_id, tier)"
_NAMED: Final = 'tenant_id!="SHARED"'
"""What pooled services do for nobody in particular is no tenant's."""
_BURN: Final = (("Fast", Decimal("14.4"), "1h", "5m", "critical"), ("Slow", Decimal(6), "6h", "30m", "warning"))
"""Google's SRE workbook, "Alerting on SLOs": 2 % of a month's budget in an hour, 5 % in six hours."""
_WINDOWS: Final = ("5m", "30m", "1h", "6h")
_DAY: Final = 86400
_HOUR: Final = 3600


def platform_groups(name: str, data: dict[str, Any]) -> tuple[RuleGroup, ...]:
    """The rule groups of one platform: what is recorded for each tenant, and what is alarming."""
    objectives = sorted(data["objectives"], key=lambda each: str(each["tier"]))
    return (
        RuleGroup(f"{name}-tenants", (*_ratios(name, data), *_quantiles(name, data, objectives))),
        RuleGroup(f"{name}-objectives", tuple(_objective(name, each) for each in objectives)),
        RuleGroup(f"{name}-alerts", (*_alerts(name, data), *_breaches(name, data, objectives), *_burns(name, data))),
    )


def cell_groups(data: dict[str, Any]) -> tuple[RuleGroup, ...]:
    """The rule group of what every cell holds: certificates and backups grow old unnoticed."""
    labels = {"severity": "critical", "team": data["team"]}
    days, hours = data["certificateDays"], data["backupHours"]
    backup = "No backup has succeeded for {{ $value | humanizeDuration }}"
    return (
        RuleGroup(
            "cell",
            (
                _alert(
                    "CertificateExpiresSoon",
                    f"certmanager_certificate_expiration_timestamp_seconds - time() < {days * _DAY}",
                    "1h",
                    labels,
                    "Certificate {{ $labels.namespace }}/{{ $labels.name }} is not being renewed",
                    f"It should have been renewed more than {days} days before its end.",
                ),
                _alert(
                    "DatabaseBackupTooOld",
                    f"time() - max by (namespace) (cnpg_collector_last_available_backup_timestamp) > {hours * _HOUR}",
                    "15m",
                    labels,
                    "The database in {{ $labels.namespace }} has no recent backup",
                    backup,
                ),
                _alert(
                    "VolumeBackupTooOld",
                    "time() - max by (schedule) (velero_backup_last_successful_timestamp"
                    f'{{schedule!=""}}) > {hours * _HOUR}',
                    "15m",
                    labels,
                    "The schedule {{ $labels.schedule }} makes no backups",
                    backup,
                ),
            ),
        ),
    )


def _ratios(name: str, data: dict[str, Any]) -> list[Rule]:
    """The share of failed requests of each tenant over several windows; 0, not nothing, where none failed."""
    metric = data["metrics"]["requests"]
    rules = []
    for window in _WINDOWS:
        every = f'sum {_BY_TENANT} (rate({metric}{{platform="{name}",{_NAMED}}}[{window}]))'
        failed = f'sum {_BY_TENANT} (rate({metric}{{platform="{name}",{_NAMED},status=~"5.."}}[{window}]))'
        rules.append(_record(f"tenant:error_ratio:rate{window}", f"({failed} or 0 * {every}) / {every}", name))
    past = f'avg_over_time(tenant:error_ratio:rate5m{{platform="{name}"}}[30d])'
    rules.append(_record("tenant:availability:avg30d", f"1 - {past}", name))
    return rules


def _quantiles(name: str, data: dict[str, Any], objectives: Sequence[dict[str, Any]]) -> list[Rule]:
    metric = data["metrics"]["duration"]
    rules = []
    for quantile in sorted({str(each["quantile"]) for each in objectives}):
        buckets = f'sum by (tenant_id, tier, le) (rate({metric}_bucket{{platform="{name}",{_NAMED}}}[5m]))'
        rules.append(
            _record(
                "tenant:request_duration_seconds:quantile5m",
                f"histogram_quantile({quantile}, {buckets})",
                name,
                {"quantile": quantile},
            )
        )
    return rules


def _objective(name: str, objective: dict[str, Any]) -> Rule:
    share = 1 - _budget(objective)
    return _record("tier:availability:objective", f"vector({share})", name, {"tier": objective["tier"]})


def _alerts(name: str, data: dict[str, Any]) -> list[Rule]:
    """What is wrong for everybody: a service that fails, and threats in numbers."""
    metric, high = data["metrics"]["requests"], data["alerts"]["errors"]
    failed = f'sum by (namespace, service) (rate({metric}{{platform="{name}",status=~"5.."}}[5m]))'
    every = f'sum by (namespace, service) (rate({metric}{{platform="{name}"}}[5m]))'
    rules = [
        _alert(
            "HighErrorRate",
            f"{failed} / {every} > {high['above']}",
            high["for"],
            {"severity": high["severity"], "team": high["team"], "platform": name},
            "{{ $labels.service }} in {{ $labels.namespace }} fails too often",
            "{{ $value | humanizePercentage }} of its requests have failed for " + high["for"],
        )
    ]
    threats = data["alerts"].get("threats")
    if threats:
        counted = f'increase({threats["metric"]}{{platform="{name}"}}[{threats["window"]}])'
        rules.append(
            _alert(
                "SecurityThreatDetected",
                f"sum {_BY_TENANT} ({counted}) > {threats['above']}",
                "",
                {"severity": threats["severity"], "team": threats["team"], "platform": name},
                "Many security threats at tenant {{ $labels.tenant_id }}",
                "{{ $value }} threats in " + threats["window"],
            )
        )
    return rules


def _breaches(name: str, data: dict[str, Any], objectives: Sequence[dict[str, Any]]) -> list[Rule]:
    """One rule a tier, for all its tenants: slower than its objective; and slower than anybody should be."""
    told = data["alerts"]["latency"]
    rules = []
    for objective in objectives:
        series = (
            f'tenant:request_duration_seconds:quantile5m{{platform="{name}",'
            f'quantile="{objective["quantile"]}",{_tier(objective)}}}'
        )
        limits = [("TenantSLABreach", objective["seconds"], told["severity"])]
        if "alertAbove" in objective:
            limits.append(("HighResponseTime", objective["alertAbove"], "critical"))
        rules += [
            _alert(
                alert,
                f"{series} > {seconds}",
                told["for"],
                {"severity": severity, "team": told["team"], "platform": name, "objective": objective["tier"]},
                "Tenant {{ $labels.tenant_id }} is served too slowly",
                f"Quantile {objective['quantile']} is at "
                "{{ $value | humanizeDuration }}" + f", and should stay below {seconds} s",
            )
            for alert, seconds, severity in limits
        ]
    return rules


def _burns(name: str, data: dict[str, Any]) -> list[Rule]:
    """A tenant's availability that will not last the month: its error budget burns too fast over two windows."""
    rules = []
    for objective in sorted(data["objectives"], key=lambda each: str(each["tier"])):
        match = f'{{platform="{name}",{_tier(objective)}}}'
        for word, factor, long, short, severity in _BURN:
            limit = f"{(factor * _budget(objective)).normalize():f}"
            burning = [f"tenant:error_ratio:rate{window}{match} > {limit}" for window in (long, short)]
            rules.append(
                _alert(
                    f"ErrorBudgetBurns{word}",
                    " and ".join(burning),
                    "2m",
                    {
                        "severity": severity,
                        "team": data["alerts"]["latency"]["team"],
                        "platform": name,
                        "objective": objective["tier"],
                    },
                    "Tenant {{ $labels.tenant_id }} uses up its error budget",
                    f"At this rate {objective['availability']} % availability will not be kept this month",
                )
            )
    return rules


def _tier(objective: dict[str, Any]) -> str:
    """The matcher of a tier; the one of pooled services also takes what says no tier."""
    tier = objective["tier"]
    return f'tier=~"{tier}|"' if objective.get("pooled") else f'tier="{tier}"'


def _budget(objective: dict[str, Any]) -> Decimal:
    """The share of requests that may fail: 99.99 % → 0.0001."""
    return (100 - Decimal(str(objective["availability"]))) / 100


def _record(record: str, expr: str, platform: str, labels: dict[str, str] | None = None) -> Rule:
    return Rule(record, "", expr, "", {"platform": platform, **(labels or {})}, {})


def _alert(alert: str, expr: str, hold: str, labels: dict[str, str], summary: str, description: str) -> Rule:
    return Rule("", alert, expr, hold, labels, {"summary": summary, "description": description})
