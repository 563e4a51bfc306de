"""What an expression looks at, so that objects which do not differ there need one evaluation.

Told from the text alone and always rather too much than too little: every mention of a name counts, in a string or a
comment too, and a path ends where it is anything but plain fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from generator.check.policies.reading import Policy

_ROOT: Final = re.compile(r"(?<!\w)(object|oldObject|request|namespaceObject|params)(?!\w)")
_GAP: Final = r"[ \t\r\n]*"
_STEP: Final = re.compile(
    rf"{_GAP}\.{_GAP}\??{_GAP}([A-Za-z_][A-Za-z0-9_]*)(?!\w)(?!{_GAP}[({{])"
    rf"|{_GAP}\[{_GAP}\??{_GAP}(?:'([^'\\\n]*)'|\"([^\"\\\n]*)\"){_GAP}\]"
)
"""`.name`, `.?name`, `['name']` and `[?'name']`; a name with a bracket behind it is a function or a type."""
_KIND: Final = (("apiVersion",), ("kind",))
_SAME_KIND: Final = frozenset({("kind",), ("resource",), ("operation",), ("dryRun",)})
"""What requests for objects of one kind and operation agree on."""
_NAMED: Final = (("metadata", "name"), ("metadata", "namespace"))


@dataclass(frozen=True, slots=True)
class Reads:
    """The fields that a policy reads, of the object and of its Namespace; `()` is everything."""

    of_object: frozenset[tuple[str, ...]]
    of_namespace: frozenset[tuple[str, ...]]


def reads_of(policy: Policy) -> Reads | None:
    """What decides over a policy's answer beside the operation; None where it takes parameters.

    messageExpressions do not: they are run when the answer is no.
    """
    if policy.param is not None:
        return None
    programs = [program for _, program in (*policy.conditions, *policy.variables)]
    programs += [validation.rule for validation in policy.validations]
    paths = frozenset(path for program in programs for path in _paths(program.text))
    if any(root == "params" for root, _ in paths):
        return None
    of_object = {path for root, path in paths if root in ("object", "oldObject")}
    if any(root == "request" for root, _ in paths):
        of_object.update(_KIND)
    if any(root == "request" and path[:1] not in _SAME_KIND for root, path in paths):
        of_object.update(_NAMED)
    return Reads(
        _widest(of_object),
        _widest(path for root, path in paths if root == "namespaceObject"),
    )


@cache
def _paths(text: str) -> frozenset[tuple[str, tuple[str, ...]]]:
    """Every mention of what an expression is given, with the fields that follow it."""
    found = set()
    for root in _ROOT.finditer(text):
        steps = []
        end = root.end()
        while (step := _STEP.match(text, end)) is not None:
            steps.append(step[1] or step[2] or step[3] or "")
            end = step.end()
        found.add((root[1], tuple(steps)))
    return frozenset(found)


def _widest(paths: Iterable[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    """Without the paths that lead into what another one reads as a whole."""
    every = frozenset(paths)
    return frozenset(path for path in every if not any(path[:length] in every for length in range(len(path))))
