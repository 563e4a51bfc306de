"""What a comparison is made of: objects, their identity, and how they differ. All frozen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Any, Final, TypeAlias

from msgspec import Struct

from generator.markup import visible
from generator.model.fleet import Fleet
from generator.model.tree import Tree


class Absent(Enum):
    """The value of a field that is not there, which null is not."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Item(Struct, frozen=True):
    """A step into a list whose items are told apart by what they say, not by where they stand: `[api]`."""

    text: str


Step: TypeAlias = str | int | Item


class Side(Struct, frozen=True):
    """One of the two fleets that are compared: its inputs, and its output in memory."""

    fleet: Fleet
    tree: Tree


class Key(Struct, frozen=True, order=True):
    """What makes an object the same one. The version of its API does not: it may change in place."""

    cluster: str
    group: str
    kind: str
    namespace: str
    name: str

    @property
    def label(self) -> str:
        """`Service tenant-acme/api`, as messages name it."""
        return f"{self.kind} {self.place}"

    @property
    def place(self) -> str:
        """`tenant-acme/api`, or the name alone where there is no namespace."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class Thing(Struct, frozen=True):
    """A rendered object. `tenant` is "" where it is nobody's own; `inputs` and `template` are what made it."""

    key: Key
    tenant: str
    path: str
    inputs: tuple[str, ...]
    template: str
    data: Mapping[str, Any]


class FieldChange(Struct, frozen=True):
    """One field: its pointer, and its values before and after (ABSENT where it is not there)."""

    pointer: tuple[Step, ...]
    old: Any
    new: Any

    @property
    def way(self) -> str:
        """`spec.containers[api].image`; keys that are no plain words stand in brackets and quotes."""
        return "".join(_step(step) for step in self.pointer).removeprefix(".")


class Kind(StrEnum):
    """How an object differs. Moved: the same content under another name, namespace or tenant, on the same cell."""

    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"
    ADDED = "added"


class Change(Struct, frozen=True):
    """One object that differs. `before` is None for one added, `after` for one removed; a moved one has both."""

    kind: Kind
    before: Thing | None
    after: Thing | None
    fields: tuple[FieldChange, ...] = ()

    @property
    def thing(self) -> Thing:
        """The object as it will be, or as it was when it goes."""
        thing = self.after or self.before
        if thing is None:
            raise ValueError("a change of nothing")
        return thing

    @property
    def key(self) -> Key:
        """The object's key; of one that moved, the new one."""
        return self.thing.key

    @property
    def things(self) -> tuple[Thing, ...]:
        """Both sides, as far as there are two."""
        return tuple(thing for thing in (self.before, self.after) if thing is not None)

    @property
    def order(self) -> tuple[int, Key]:
        """What takes most comes first: removed, moved, changed, added."""
        return list(Kind).index(self.kind), self.key


class Comparison(Struct, frozen=True):
    """Every object that differs, sorted; how many objects there were and are; and files that could not be read."""

    changes: tuple[Change, ...]
    objects_before: int
    objects_after: int
    unread: tuple[str, ...]


def shown(value: Any) -> str:
    """A value as reports write it: JSON in one line, text without quotes where that leaves no doubt."""
    if value is ABSENT:
        return "absent"
    if isinstance(value, str) and value and value == value.strip() and value.isprintable():
        return value
    return visible(json.dumps(value, ensure_ascii=False, sort_keys=True))


def _step(step: Step) -> str:
    match step:
        case Item(text):
            return f"[{visible(text)}]"
        case int():
            return f"[{step}]"
        case _ if step.replace("-", "").replace("_", "").isalnum():
            return f".{step}"
        case _:
            return f"[{json.dumps(step)}]"
