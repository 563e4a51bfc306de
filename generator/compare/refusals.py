"""Changes of fields that the API server refuses to change: the sync fails, and goes on failing."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from generator.compare.cases import APPROVE, Case, Finding, cause, finding, subjects
from generator.compare.changes import ABSENT, Kind, shown
from generator.compare.fields import canonical
from generator.compare.immutable import IMMUTABLE, Rule, Way
from generator.diagnostics import Code

REFUSED: Final = Code(
    "GRD013",
    "a field changes that the API server does not let change",
    "The server refuses the object, so Argo CD's sync fails until somebody deletes it; nothing after it is synced.",
)

_OPTIONS: Final = "argocd.argoproj.io/sync-options"
_HOOK: Final = "argocd.argoproj.io/hook"
_HOOK_DELETION: Final = "argocd.argoproj.io/hook-delete-policy"
_RECREATED: Final = frozenset({"Force=true", "Replace=true"})
_LONGEST: Final = 80
_UNITS: Final = {
    **{unit: Decimal(1024) ** power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)},
    **{unit: Decimal(1000) ** power for power, unit in enumerate(("k", "M", "G", "T", "P", "E"), start=1)},
    "m": Decimal("0.001"),
}


def refusals(case: Case) -> Iterator[Finding]:
    """A finding for each object of which the API server would refuse the change."""
    for change in case.changes:
        before, after = change.before, change.after
        if change.kind is not Kind.CHANGED or before is None or after is None or _made_again(after.data):
            continue
        rules = IMMUTABLE.get((change.key.group, change.key.kind), ())
        broken = [(rule, said) for rule in rules for said in [_refused(rule, before.data, after.data)] if said]
        if not broken:
            continue
        fields = ", ".join(".".join(rule.way) for rule, _ in broken)
        happens = f"changes what the API server does not let change ({fields})"
        remedy = broken[0][0].remedy or "delete the object and let Argo CD make it again"
        yield finding(
            REFUSED,
            f"{change.key.label} on {change.key.cluster} {happens}",
            cause(case, after),
            subjects=subjects(after),
            found="; ".join(said for _, said in broken),
            expected="; ".join(f"{'.'.join(rule.way)} as it is" + (", or more" * rule.grows) for rule, _ in broken),
            hint=f"{remedy}, {APPROVE}",
            thing=after,
            happens=happens,
        )


def _made_again(data: Mapping[str, Any]) -> bool:
    """Whether Argo CD deletes the object and makes it anew: by both sync options together, or as a hook."""
    notes = _at(data, ("metadata", "annotations"))
    if not isinstance(notes, Mapping):
        return False
    if {option.strip() for option in str(notes.get(_OPTIONS, "")).split(",")} >= _RECREATED:
        return True
    deletion = str(notes.get(_HOOK_DELETION, "BeforeHookCreation"))
    return bool(notes.get(_HOOK)) and "BeforeHookCreation" in [each.strip() for each in deletion.split(",")]


def _refused(rule: Rule, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What changes that may not, as `spec.selector: old → new`; "" where nothing does."""
    if rule.where is not None and _at(before, rule.where[0]) != rule.where[1]:
        return ""
    if rule.unless is not None and rule.unless[1] in (_at(before, rule.unless[0]), _at(after, rule.unless[0])):
        return ""
    old, new = _fixed(rule, before), _fixed(rule, after)
    if rule.grows:
        was, will_be = _amount(old), _amount(new)
        if was is None or will_be is None or will_be >= was:
            return ""
    elif _same(old, new) or (rule.once and old is ABSENT):
        return ""
    way = rule.way
    while isinstance(old, Mapping) and isinstance(new, Mapping):
        differing = [key for key in sorted({*old, *new}) if not _same(old.get(key, ABSENT), new.get(key, ABSENT))]
        if len(differing) != 1:
            break
        way = (*way, differing[0])
        old, new = old.get(differing[0], ABSENT), new.get(differing[0], ABSENT)
    return f"{'.'.join(way)}: {_short(old)} → {_short(new)}"


def _fixed(rule: Rule, data: Mapping[str, Any]) -> Any:
    """The field's value, without what is free to change, and with the default in place of nothing."""
    value = _at(data, rule.way)
    if value is ABSENT:
        return ABSENT if rule.default is None else rule.default
    if not (rule.free or rule.filled) or not isinstance(value, Mapping):
        return value
    kept = {**dict(rule.filled), **copy.deepcopy(dict(value))}
    for way in rule.free:
        parent = _at(kept, way[:-1])
        if isinstance(parent, dict):
            parent.pop(way[-1], None)
        if way[:-1] and parent == {}:
            _at(kept, way[:-2]).pop(way[-2])
    return kept


def _at(data: Any, way: Way) -> Any:
    """The value at a way, ABSENT where it leads nowhere; a number is the place in a list."""
    for step in way:
        if isinstance(data, list) and step.isdigit():
            data = data[int(step)] if int(step) < len(data) else ABSENT
        else:
            data = data.get(step, ABSENT) if isinstance(data, Mapping) else ABSENT
    return data


def _same(old: Any, new: Any) -> bool:
    return old is new or (old is not ABSENT and new is not ABSENT and canonical(old) == canonical(new))


def _amount(value: Any) -> Decimal | None:
    """A quantity as a number, None where it is none: `1Gi` and `1024Mi` are the same."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)
    unit = next((unit for unit in _UNITS if text.endswith(unit)), "")
    try:
        return Decimal(text.removesuffix(unit)) * _UNITS.get(unit, Decimal(1))
    except InvalidOperation:
        return None


def _short(value: Any) -> str:
    text = shown(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
