"""What a policy looks at, so that objects which do not differ there need one evaluation.

Told from the syntax trees of its expressions, and always rather too much than too little. A value is followed from the
object through fields, items of lists, variables and loops to where something is done with it: from there on it counts
as read as a whole. A field that is only looked for, a list that is only gone through, and everything on the way count
for what they are (there or not, how long, the scalar that stands in the way). Expressions of a form that is not known
are unclear, and no answer of their policy is shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any, Final, TypeAlias

from msgspec import Struct, field

from generator.check.policies.cel import Program
from generator.check.policies.reading import Policy
from generator.check.policies.syntax import Call, Constant, Entries, Items, Loop, Name, Node, Select, UnclearError
from generator.shapes import stands_for_items

EACH: Final = 0
"""The step of a path to every item of a list."""
_Path: TypeAlias = tuple[str | int, ...]

_OBJECTS: Final = ("object", "oldObject")
_VARIABLES: Final = "variables"
_ROOTS: Final = frozenset({*_OBJECTS, "request", "namespaceObject", "params"})
_SAME_KIND: Final = frozenset({"kind", "resource", "operation", "dryRun"})
"""What requests for objects of one kind and operation agree on."""
_KIND: Final = (("apiVersion",), ("kind",))
_NAMED: Final = (("metadata", "name"), ("metadata", "namespace"))
_ROUNDS: Final = 8
"""How often a loop's result is followed into its next step until nothing new comes out; then it is unclear."""


class Wanted(Struct):
    """What is read of a value: all of it, or what is read of its fields and of its items."""

    whole: bool = False
    fields: dict[str, Wanted] = field(default_factory=dict)
    each: Wanted | None = None

    def __bool__(self) -> bool:
        """Whether anything is read at all."""
        return self.whole or bool(self.fields) or self.each is not None

    def add(self, path: _Path, *, whole: bool) -> None:
        """Adds what is read at the end of a path."""
        here = self
        for step in path:
            if isinstance(step, int):
                here.each = here.each or Wanted()
                here = here.each
            else:
                here = here.fields.setdefault(step, Wanted())
        here.whole = here.whole or whole

    def of(self, data: Any) -> Any:
        """The part of the data that is read: two values that agree in it are the same to the reader.

        What is not of the shape that the reader expects belongs to it as a whole.
        """
        if self.whole:
            return data
        if isinstance(data, dict) and self.each is None:
            return {name: each.of(data[name]) for name, each in self.fields.items() if name in data}
        if isinstance(data, list) and not self.fields:
            return [self.each.of(item) for item in data] if self.each is not None else []
        if self or stands_for_items(data):
            return data
        return data is not None


class Reads(Struct, frozen=True):
    """What a policy reads of an object and of its Namespace."""

    of_object: Wanted
    of_namespace: Wanted


def reads_of(policy: Policy) -> Reads | None:
    """What decides over a policy's answer beside the operation and its parameters; None where it is unclear.

    messageExpressions do not: they are run when the answer is no.
    """
    reader = _Reader(dict(policy.variables))
    try:
        for name, _ in policy.variables:
            reader.variable(name)
        for program in (*(program for _, program in policy.conditions), *(each.rule for each in policy.validations)):
            reader.use(reader.value(program.tree(), {}))
    except UnclearError:
        return None
    return _sorted_out(reader)


def _sorted_out(reader: _Reader) -> Reads:
    found = Reads(Wanted(), Wanted())
    for whole, paths in ((False, reader.passed), (True, reader.used)):
        for root, *steps in sorted(paths, key=repr):
            path = tuple(steps)
            match root:
                case "params":
                    pass
                case "namespaceObject":
                    found.of_namespace.add(path, whole=whole)
                case "request":
                    named = () if path[:1] and path[0] in _SAME_KIND else _NAMED
                    for each in (*_KIND, *named):
                        found.of_object.add(each, whole=True)
                case _:
                    found.of_object.add(path, whole=whole)
    return found


class _Value(Struct, frozen=True):
    """What an expression's value may come from: places, and texts that are written in the policy.

    Each is inside so many lists that the policy itself makes, 0 for the value itself. `others` are how deep anything
    else may be, which was read where it was made.
    """

    places: frozenset[tuple[_Path, int]] = frozenset()
    texts: frozenset[tuple[str, int]] = frozenset()
    others: frozenset[int] = frozenset()

    def __or__(self, more: _Value) -> _Value:
        return _Value(self.places | more.places, self.texts | more.texts, self.others | more.others)

    @property
    def names(self) -> tuple[str, ...] | None:
        """The texts, where the value is one of them and nothing else."""
        if self.others or self.places or any(depth for _, depth in self.texts):
            return None
        return tuple(sorted(text for text, _ in self.texts))

    def listed(self) -> _Value:
        """A list with the value as an item."""
        return _Value(
            frozenset((path, depth + 1) for path, depth in self.places),
            frozenset((text, depth + 1) for text, depth in self.texts),
            frozenset(depth + 1 for depth in self.others),
        )


_OTHER: Final = _Value(others=frozenset({0}))


class _Reader:
    """Follows values through expressions. `used` are paths whose values count, `passed` those that lead there."""

    __slots__ = ("_known", "_programs", "passed", "used")

    def __init__(self, variables: Mapping[str, Program]) -> None:
        self.used: set[_Path] = set()
        self.passed: set[_Path] = set()
        self._programs = variables
        self._known: dict[str, _Value | None] = {}

    def use(self, value: _Value) -> _Value:
        """Something is done with a value, and what comes out is another one."""
        self.used.update(path for path, _ in value.places)
        return _OTHER

    def variable(self, name: str) -> _Value:
        """The value of a variable of the policy; an unknown one fails for every object."""
        if name not in self._programs:
            return _OTHER
        if name not in self._known:
            self._known[name] = None
            self._known[name] = self.value(self._programs[name].tree(), {})
        found = self._known[name]
        if found is None:
            raise UnclearError(f"variable {name} needs itself")
        return found

    def value(self, node: Node, local: Mapping[str, _Value]) -> _Value:
        """What the value of a tree may come from. `local` are the variables of the loops around it."""
        match node:
            case Constant():
                return _Value(texts=frozenset({(node.text, 0)})) if node.text is not None else _OTHER
            case Name():
                return self._named(node.name, local)
            case Select():
                return self._selected(node, local)
            case Call():
                return self._called(node, local)
            case Items():
                return reduce(_Value.__or__, [self.value(item, local).listed() for item in node.items], _Value())
            case Entries():
                for part in node.parts:
                    self.use(self.value(part, local))
                return _OTHER
            case Loop():
                return self._looped(node, local)

    def _named(self, name: str, local: Mapping[str, _Value]) -> _Value:
        if name in local:
            return local[name]
        name = name.removeprefix(".")
        if name in _ROOTS:
            return _Value(frozenset({(("object" if name in _OBJECTS else name,), 0)}))
        if name == _VARIABLES or name.startswith("@"):
            raise UnclearError(name)
        return _OTHER

    def _selected(self, node: Select, local: Mapping[str, _Value]) -> _Value:
        if isinstance(node.of, Name) and node.of.name.removeprefix(".") == _VARIABLES and node.of.name not in local:
            found = self.variable(node.field)
            return self.use(found) if node.test else found
        found = self._steps(self.value(node.of, local), (node.field,))
        return _OTHER if node.test else found

    def _called(self, node: Call, local: Mapping[str, _Value]) -> _Value:
        given = [self.value(each, local) for each in node.given]
        match node.function, given:
            case "_?_:_", [condition, one, other]:
                self.use(condition)
                return one | other
            case "_+_", [one, other]:
                # Lists keep their items. Texts and numbers make a new one, and count as a whole for being gone through.
                self._items(one)
                self._items(other)
                both = one | other
                texts = frozenset(each for each in both.texts if each[1])
                return _Value(both.places, texts, both.others if texts == both.texts else both.others | {0})
            case (("orValue" | "or"), [one, other]):
                return one | other
            case (("dyn" | "value" | "optional.of"), [one]):
                return one
            case "hasValue", [one]:
                return _OTHER
            case "size", [one]:
                self._items(one)
                return _OTHER
            case "@in", [sought, held] if sought.names is not None:
                self._steps(held, sought.names)
                return _OTHER
            case (("_[_]" | "_[?_]" | "_?._"), [held, key]) if key.names is not None:
                return self._steps(held, key.names)
            case (("_[_]" | "_[?_]"), [held, _]) if isinstance(node.given[1], Constant) and node.given[1].whole:
                return self._items(held)
        for each in given:
            self.use(each)
        return _OTHER

    def _looped(self, node: Loop, local: Mapping[str, _Value]) -> _Value:
        item = self._items(self.value(node.over, local))
        result = self.value(node.start, local)
        for _ in range(_ROUNDS):
            inside = {**local, **dict.fromkeys(node.each, item), node.result_name: result}
            self.use(self.value(node.goes_on, inside))
            more = result | self.value(node.step, inside)
            if more == result:
                return self.value(node.result, {**local, node.result_name: result})
            result = more
        raise UnclearError("a loop that goes ever deeper")

    def _steps(self, value: _Value, names: Iterable[str]) -> _Value:
        """The fields of a value, whichever it is. A list that the policy makes has none."""
        self.used.update(path for path, depth in value.places if depth)
        found = {((*path, name), 0) for path, depth in value.places if not depth for name in names}
        self.passed.update(path for path, _ in found)
        return _Value(frozenset(found), others=frozenset({0}))

    def _items(self, value: _Value) -> _Value:
        """The items of a value that is a list."""
        places = {(path, depth - 1) if depth else ((*path, EACH), 0) for path, depth in value.places}
        self.passed.update(path for path, _ in places)
        texts = frozenset((text, depth - 1) for text, depth in value.texts if depth)
        return _Value(frozenset(places), texts, frozenset(max(depth - 1, 0) for depth in value.others))
