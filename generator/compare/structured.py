"""An impact as data for JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.compare.approving import Passed
from generator.compare.capacity import Demand
from generator.compare.changes import ABSENT, Change, FieldChange, Key
from generator.compare.impact import Impact, Reach
from generator.compare.meaning import meanings, restarts


def structured(impact: Impact, passed: Iterable[Passed]) -> dict[str, Any]:
    """The keys that `tenantry diff --format json` adds to the report; docs/diff.md describes each.

    - `reach`: `tenants`, `clusters`, `regions`, each with `touched` (names) and `total`; `objects` by kind of change,
      and `untouched` with --committed; `bundles` without it (`touched` and `total`); `restarted`; `requests` `before`
      and `after`, each `pods`, `cores`, `mebibytes` with `minimum` and `maximum` (numbers as text, so that nothing is
      rounded).
    - `changes`: objects of `change` (`removed`, `moved`, `changed`, `added`), `before` and `after` (`cluster`, `group`,
      `kind`, `namespace`, `name`, or null), `tenant` ("" for none), `restarts`, `inputs`, `fields` (`pointer`, and
      `old` and `new`, of which one is missing where the field came or went) and `meanings` (`topic` and `text`).
    - `approved`: objects of `code`, `message`, `approval`, `approvedBy`, `until` and `reason`.
    """
    before, after = impact.demand
    return {
        "reach": {
            "tenants": _reach(impact.tenants),
            "clusters": _reach(impact.clusters),
            "regions": _reach(impact.regions),
            "objects": _objects(impact),
            **_bundles(impact),
            "restarted": impact.restarted,
            "requests": {"before": _demand(before), "after": _demand(after)},
        },
        "changes": [_change(change) for change in impact.changes],
        "approved": [
            {
                "code": each.finding.code.id,
                "message": each.finding.message,
                "approval": each.approval.name,
                "approvedBy": each.approval.approved_by,
                "until": each.approval.until.isoformat(),
                "reason": each.approval.reason,
            }
            for each in passed
        ],
    }


def _objects(impact: Impact) -> dict[str, int]:
    counts = {kind.value: count for kind, count in impact.counts.items()}
    return counts if impact.untouched is None else {**counts, "untouched": impact.untouched}


def _bundles(impact: Impact) -> dict[str, Any]:
    if impact.bundles is None:
        return {}
    differing, total = impact.bundles
    return {"bundles": {"touched": differing, "total": total}}


def _reach(reach: Reach) -> dict[str, Any]:
    return {"touched": list(reach.touched), "total": reach.total}


def _demand(demand: Demand) -> dict[str, Any]:
    named = (("pods", demand.pods), ("cores", demand.cores), ("mebibytes", demand.mebibytes))
    return {name: {"minimum": f"{least:f}", "maximum": f"{most:f}"} for name, (least, most) in _decimals(named)}


def _decimals(named: Iterable[tuple[str, tuple[Any, Any]]]) -> Iterable[tuple[str, tuple[Any, Any]]]:
    from decimal import Decimal

    for name, (least, most) in named:
        yield name, (Decimal(least).normalize(), Decimal(most).normalize())


def _change(change: Change) -> dict[str, Any]:
    return {
        "change": change.kind.value,
        "before": _key(change.before.key) if change.before else None,
        "after": _key(change.after.key) if change.after else None,
        "tenant": change.thing.tenant,
        "restarts": restarts(change),
        "inputs": list(change.thing.inputs),
        "fields": [_field(field) for field in change.fields],
        "meanings": [{"topic": each.topic.value, "text": each.text} for each in meanings(change)],
    }


def _key(key: Key) -> dict[str, str]:
    return {
        "cluster": key.cluster,
        "group": key.group,
        "kind": key.kind,
        "namespace": key.namespace,
        "name": key.name,
    }


def _field(field: FieldChange) -> dict[str, Any]:
    values = {"old": field.old, "new": field.new}
    return {"pointer": field.way, **{name: value for name, value in values.items() if value is not ABSENT}}
