"""Objects that went and objects that came → those that are the same under another name.

Kubernetes knows no renaming: what moves is made anew and its old self is deleted. A report that shows both in full
hides that nothing else has changed.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from generator.compare.changes import ABSENT, Change, FieldChange, Item, Key, Kind, Side, Thing
from generator.compare.fields import canonical, differences

_IN_SET: Final = Item("")
"""The last step to an item of a set."""
_SAME: Final = 0.5
"""The share of a tenant's objects that must come back under the new name for it to be the same tenant."""


def moves(gone: Mapping[Key, Thing], come: Mapping[Key, Thing], before: Side, after: Side) -> tuple[Change, ...]:
    """The pairs of one that went and one that came which are the same object."""
    found = [*_renamed_tenants(gone, come, before, after)]
    used = {change.before.key for change in found if change.before}
    taken = {change.key for change in found}
    left = [thing for key, thing in sorted(gone.items()) if key not in used]
    rest = [thing for key, thing in sorted(come.items()) if key not in taken]
    return (*found, *_moved(left, rest))


def token(name: str) -> re.Pattern[str]:
    """A name where it stands as a whole: `anvil` in `tenant-anvil`, not in `anvils`."""
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])")


def _renamed_tenants(
    gone: Mapping[Key, Thing], come: Mapping[Key, Thing], before: Side, after: Side
) -> Iterator[Change]:
    old = {tenant.name for tenant in before.fleet.tenants}
    new = {tenant.name for tenant in after.fleet.tenants}
    went = _by_tenant(gone.values(), old - new)
    came = _by_tenant(come.values(), new - old)
    for name, things in went.items():
        shares = {other: _alike(name, things, other, others) for other, others in came.items()}
        best = max(sorted(shares), key=lambda other: shares[other], default="")
        if not best or shares[best] < _SAME:
            continue
        others = {thing.key: thing for thing in came.pop(best)}
        for thing in things:
            renamed = _renamed(thing, name, best)
            if (twin := others.get(renamed.key)) is not None:
                yield Change(Kind.MOVED, thing, twin, beside(thing, renamed, twin, name, best))


def beside(thing: Thing, renamed: Thing, twin: Thing, old: str, new: str) -> tuple[FieldChange, ...]:
    """What differs for another reason than the new name: it is neither as it was nor as the name would make it."""
    plain = differences(thing.data, twin.data)
    fields = differences(renamed.data, twin.data)
    return tuple(field for field in fields if any(_same_change(each, field, old, new) for each in plain))


def _same_change(plain: FieldChange, field: FieldChange, old: str, new: str) -> bool:
    """Whether a field that differs once the name is put in differs without that, too: the field, or what it is in.

    Items of sets have no place of their own, and are told apart by what they say.
    """
    if field.pointer[-1:] == plain.pointer[-1:] == (_IN_SET,):
        renamed = token(old).sub(new, _text(plain.old))
        return (plain.pointer, renamed, _text(plain.new)) == (field.pointer, _text(field.old), _text(field.new))
    shared = min(len(plain.pointer), len(field.pointer))
    return plain.pointer[:shared] == field.pointer[:shared]


def _text(value: Any) -> str:
    """A value as text, "" where it is not there."""
    return "" if value is ABSENT else canonical(value)


def _by_tenant(things: Iterable[Thing], tenants: set[str]) -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = {}
    for thing in things:
        if thing.tenant in tenants:
            found.setdefault(thing.tenant, []).append(thing)
    return dict(sorted(found.items()))


def _alike(name: str, things: list[Thing], other: str, others: list[Thing]) -> float:
    """The share of the things that are there again, but for the tenant's name."""
    old = Counter(canonical(_renamed(thing, name, other).data) for thing in things)
    new = Counter(canonical(thing.data) for thing in others)
    return (old & new).total() / len(things)


def _renamed(thing: Thing, old: str, new: str) -> Thing:
    pattern = token(old)
    key = thing.key
    renamed = Key(key.cluster, key.group, key.kind, pattern.sub(new, key.namespace), pattern.sub(new, key.name))
    data = json.loads(pattern.sub(new, canonical(thing.data)))
    return Thing(renamed, new, thing.path, thing.inputs, thing.template, data)


def _moved(gone: Iterable[Thing], come: Iterable[Thing]) -> Iterator[Change]:
    """Single objects of the same owner on the same cell: on another one, nothing of theirs is the same."""
    waiting: dict[tuple[str, str, str], list[Thing]] = {}
    for thing in come:
        waiting.setdefault((thing.key.cluster, thing.tenant, _signature(thing)), []).append(thing)
    for thing in gone:
        candidates = waiting.get((thing.key.cluster, thing.tenant, _signature(thing)))
        if candidates:
            yield Change(Kind.MOVED, thing, candidates.pop(0))


def _signature(thing: Thing) -> str:
    """An object's content without its names."""
    text = canonical({**thing.data, "metadata": {**thing.data["metadata"], "namespace": "", "name": ""}})
    for mark, name in enumerate((thing.key.namespace, thing.key.name)):
        if name:
            text = token(name).sub(chr(0xE000 + mark), text)
    return text
