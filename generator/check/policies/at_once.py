"""All that a policy asks of an object as one expression, which is true where the policy lets the object through.

Nearly every object is let through, and running five expressions takes five times as long as running one. So conditions,
variables and validations are put together, and only where the whole is not true does each of them run by itself, for
what it says (generator.check.policies.evaluation).

That the whole is true only where no part refuses rests on this. `&&` is true only where both sides are, and the
conditions stand before `?`, which fails where they do. A variable that fails makes all of them fail: CEL has no way to
be true of a failure where it would not be true of every value. And a variable's value must be the same whether it is
handed on inside the engine or by way of Python, so that it may be nothing but what JSON can say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from generator.check.policies.cel import VARIABLE, Program, compiled
from generator.check.policies.reading import Policy
from generator.check.policies.syntax import Call, Constant, Entries, Items, Loop, Name, Node, Select, UnclearError

_VARIABLES: Final = re.compile(r"\bvariables\b")
_GLOBAL: Final = re.compile(r"\.\s*variables\b")
_TYPED: Final = re.compile(r"""[0-9a-fA-F][uU]\b|\b[rR]?[bB][rR]?['"]""")
"""Literals of other types than JSON has: unsigned numbers and bytes; and what only looks like them."""
_OPTIONAL: Final = frozenset({"_?._", "_[?_]", "or"})
"""What gives an optional value, which Python has no form for. `optional.of` and its like are not known here."""
_TAKES_OPTIONAL: Final = frozenset({*_OPTIONAL, "orValue", "value", "hasValue"})
_PLAIN: Final = frozenset(
    {"_&&_", "_||_", "!_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "_?_:_", "_+_", "_[_]", "dyn", "size",
     "contains", "startsWith", "endsWith", "matches", "join", "split", "lowerAscii", "@not_strictly_false"}
)  # fmt: skip
"""Functions that give what JSON can say for what JSON can say."""


def whole_of(policy: Policy) -> Program | None:
    """The expression that is true for what the policy lets through; None where it cannot be written, or parameters
    decide."""
    if policy.param is not None:
        return None
    conditions = tuple(program for _, program in policy.conditions)
    return _whole(conditions, policy.variables, tuple(each.rule for each in policy.validations))


@lru_cache(maxsize=1024)
def _whole(
    conditions: tuple[Program, ...], variables: tuple[tuple[str, Program], ...], rules: tuple[Program, ...]
) -> Program | None:
    asked = (*conditions, *rules)
    needed = _needed(asked, variables)
    if not all(_in_scope(program.text) for program in (*asked, *(program for _, program in needed))):
        return None
    if not all(name.isidentifier() and name.isascii() and _is_plain(program) for name, program in needed):
        return None
    text = f"{_all(conditions)} ? {_all(rules)} : true"
    for number in range(len(needed) - 1, -1, -1):
        name, program = needed[number]
        entries = [*(f"'{each}': variables.{each}" for each, _ in needed[:number]), f"'{name}': {_inside(program)}"]
        text = f"cel.bind(variables, {{{', '.join(entries)}}}, {text})"
    made = compiled(text)
    return made if isinstance(made, Program) else None


def _all(programs: tuple[Program, ...]) -> str:
    return f"({' && '.join(map(_inside, programs)) or 'true'})"


def _inside(program: Program) -> str:
    """An expression as part of another; it may end with a comment."""
    return f"(\n{program.text}\n)"


def _needed(asked: tuple[Program, ...], variables: tuple[tuple[str, Program], ...]) -> list[tuple[str, Program]]:
    """The variables that the answer may depend on. Those that only a message speaks of are none of them."""
    wanted = frozenset[str]().union(*(program.variables for program in asked))
    needed: list[tuple[str, Program]] = []
    for name, program in reversed(variables):
        if name in wanted:
            wanted |= program.variables
            needed.insert(0, (name, program))
    return needed


def _in_scope(text: str) -> bool:
    """Whether an expression speaks of variables one by one, so that it finds each where it is bound."""
    return len(_VARIABLES.findall(text)) == len(VARIABLE.findall(text)) and not _GLOBAL.search(text)


def _is_plain(program: Program) -> bool:
    """Whether a variable is for certain what JSON can say."""
    if _TYPED.search(program.text):
        return False
    try:
        tree = program.tree()
    except UnclearError:
        return False
    return not _is_optional(tree) and all(map(_keeps_plain, _nodes(tree)))


def _keeps_plain(node: Node) -> bool:
    match node:
        case Call():
            known = node.function in _PLAIN or node.function in _TAKES_OPTIONAL
            return known and (node.function in _TAKES_OPTIONAL or not any(map(_is_optional, node.given)))
        case Entries():
            named = all(isinstance(each, Constant) and each.text is not None for each in node.parts[::2])
            return named and not any(map(_is_optional, node.parts))
        case Items() | Loop():
            return not any(map(_is_optional, _inner(node)))
        case Constant() | Name() | Select():
            return True


def _is_optional(node: Node) -> bool:
    """Whether a value may be an optional one: of a field that need not be there, and of whatever is selected of it."""
    if isinstance(node, Select):
        return not node.test and _is_optional(node.of)
    return isinstance(node, Call) and node.function in _OPTIONAL


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for inner in _inner(node):
        yield from _nodes(inner)


def _inner(node: Node) -> tuple[Node, ...]:
    match node:
        case Select():
            return (node.of,)
        case Call():
            return node.given
        case Items():
            return node.items
        case Entries():
            return node.parts
        case Loop():
            return (node.over, node.start, node.goes_on, node.step, node.result)
        case Constant() | Name():
            return ()
