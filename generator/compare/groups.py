"""Changes → what a person reads: each thing that happens once, with where it happens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from generator.compare.changes import Change, Kind, shown
from generator.compare.general import general, told
from generator.compare.meaning import WORKLOADS, meanings

SIGNS: Final = {Kind.REMOVED: "-", Kind.MOVED: ">", Kind.CHANGED: "~", Kind.ADDED: "+"}
_NAMED: Final = 6
"""How many tenants or cells a group names before it counts the rest."""


class Group(Struct, frozen=True):
    """Changes that are the same but for their tenant and cell.

    `title` and `lines` say `<tenant>` and `<cluster>` where there are several. `count` is the number of objects.
    """

    kind: Kind
    title: str
    lines: tuple[str, ...]
    meanings: tuple[str, ...]
    tenants: tuple[str, ...]
    clusters: tuple[str, ...]
    count: int

    @property
    def heading(self) -> str:
        """The sign, what it is, and where."""
        where = [*([_named("tenants", self.tenants)] if len(self.tenants) > 1 else [])]
        where.append(_named("cells", self.clusters) if len(self.clusters) > 1 else f"on {', '.join(self.clusters)}")
        objects = f" ×{self.count}" if self.count > 1 else ""
        return f"{SIGNS[self.kind]} {self.title}{objects} ({'; '.join(where)})"


def groups(changes: Iterable[Change]) -> tuple[Group, ...]:
    """The changes, grouped; what takes most comes first."""
    alone = []
    whole: dict[tuple[Kind, str, str, str], list[Change]] = {}
    for change in changes:
        if change.kind in (Kind.CHANGED, Kind.MOVED) and (change.kind is Kind.CHANGED or change.fields):
            alone.append((_title(change), _lines(change), [change]))
        else:
            was = change.before.tenant if change.before else ""
            owner = change.thing.tenant or change.key.namespace
            whole.setdefault((change.kind, change.key.cluster, owner, was), []).append(change)
    bundles = [_bundle(bundle) for bundle in whole.values()]
    return _merged([*alone, *bundles])


def _bundle(changes: list[Change]) -> tuple[str, tuple[str, ...], list[Change]]:
    """Objects of one owner on one cell that come, go or move as they are."""
    if len(changes) == 1:
        return _title(changes[0]), (), changes
    first = changes[0]
    names_of = _moved
    owner = f"tenant {first.thing.tenant}" if first.thing.tenant else first.key.namespace or "cluster-wide objects"
    if first.kind is Kind.MOVED and first.before and first.before.tenant != first.thing.tenant:
        owner = f"tenant {first.before.tenant} → {owner}"
        names_of = _place
    names: dict[str, list[str]] = {}
    for change in changes:
        names.setdefault(change.key.kind, []).append(names_of(change))
    return owner, tuple(f"{kind}: {', '.join(sorted(listed))}" for kind, listed in sorted(names.items())), changes


def _title(change: Change) -> str:
    return f"{change.key.kind} {_moved(change)}"


def _place(change: Change) -> str:
    return change.key.place


def _moved(change: Change) -> str:
    """The object's place, and for one that moved where it was before."""
    if change.kind is not Kind.MOVED or change.before is None:
        return change.key.place
    return f"{change.before.key.place} → {change.key.place}"


def _lines(change: Change) -> tuple[str, ...]:
    return tuple(f"{field.way}: {shown(field.old)} → {shown(field.new)}" for field in change.fields)


def _merged(parts: Iterable[tuple[str, tuple[str, ...], list[Change]]]) -> tuple[Group, ...]:
    """Puts together what is the same once tenants and cells are left out of it."""
    alike: dict[tuple[Kind, str, tuple[str, ...]], list[tuple[str, tuple[str, ...], list[Change]]]] = {}
    for part in parts:
        title, lines, changes = part
        thing = changes[0].thing
        key = (changes[0].kind, general(title, thing), tuple(general(line, thing) for line in lines))
        alike.setdefault(key, []).append(part)
    found = [_group(key, members) for key, members in alike.items()]
    return tuple(sorted(found, key=lambda group: (list(Kind).index(group.kind), group.title, group.clusters)))


def _group(key: tuple[Kind, str, tuple[str, ...]], members: list[tuple[str, tuple[str, ...], list[Change]]]) -> Group:
    kind, title, lines = key
    changes = [change for member in members for change in member[2]]
    tenants = tuple(sorted({change.thing.tenant for change in changes if change.thing.tenant}))
    clusters = tuple(sorted({change.key.cluster for change in changes}))
    things = [change.thing for change in changes]
    meant = dict.fromkeys(general(text, each.thing) for each in _telling(changes) for text in _meant(each, changes))
    return Group(
        kind=kind,
        title=told(title, things),
        lines=tuple(told(line, things) for line in lines),
        meanings=tuple(told(each, things) for each in meant),
        tenants=tenants,
        clusters=clusters,
        count=len(changes),
    )


def _telling(changes: list[Change]) -> list[Change]:
    """The changes whose meaning is worth saying: a namespace that comes or goes says it for all that is in it."""
    whole = [change for change in changes if change.key.kind == "Namespace" and change.kind is not Kind.CHANGED]
    return [change for change in changes if change in whole or not whole or change.key.kind in WORKLOADS]


def _meant(change: Change, among: list[Change]) -> Iterator[str]:
    several = len({other.key.kind for other in among}) > 1
    for meaning in meanings(change):
        yield f"{change.key.kind}: {meaning.text}" if several else meaning.text


def _named(noun: str, names: tuple[str, ...]) -> str:
    shown_names = ", ".join(names[:_NAMED])
    rest = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(names)} {noun}: {shown_names}{rest}"
