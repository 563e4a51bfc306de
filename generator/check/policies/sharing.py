"""Answers of policies that hold for other objects, too.

Whether a policy refuses an object depends on what the policy reads, and on nothing else: objects that are the same
there need one evaluation. What they look like there is found once for each shape (generator.check.shapes), so that
only the values have to be compared. Only the answer that nothing is wrong is kept: an object that is refused is always
evaluated itself, for its own message and line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from generator.check.policies.reading import Policy
from generator.check.policies.reads import Reads, reads_of
from generator.check.shapes import MARKER, Form, Shape

_TYPES: Final = {"w": "s", "q": "s", "e": "s", "n": "n", "l": "l"}
"""What a value is once it is read: a string however it was written, a number, a list."""


@dataclass(slots=True)
class Answers:
    """What one policy has let through. `reads` is None where no answer may be shared."""

    reads: Reads | None
    _looks: dict[Shape, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    _fine: set[Hashable] = field(default_factory=set)

    def key(self, form: Form | None, operation: str, namespace: Hashable) -> Hashable:
        """What the answer for an object depends on; None where it is the object's own."""
        if form is None or self.reads is None:
            return None
        look = self._looks.get(form.shape)
        if look is None:
            look = self._looks[form.shape] = _look(form.shape, self.reads)
        text, lines = look
        values = form.values
        return (text, operation, namespace, *[values[line] for line in lines])

    def known(self, key: Hashable) -> bool:
        """Whether an object with this key was let through."""
        return key in self._fine

    def keep(self, key: Hashable) -> None:
        """Remembers that an object with this key was let through."""
        if key is not None:
            self._fine.add(key)

    def of_namespace(self, namespace: Mapping[str, Any]) -> Hashable:
        """What the policy reads of a Namespace, to be compared."""
        paths = sorted(self.reads.of_namespace) if self.reads is not None else ()
        return repr([_seen(namespace, path) for path in paths]) if paths else ""


class Shared:
    """The answers of all policies, by what each policy says: clusters have the same ones."""

    __slots__ = ("_answers",)

    def __init__(self) -> None:
        self._answers: dict[str, Answers] = {}

    def of(self, policy: Policy) -> Answers:
        """The answers of a policy, shared with every other one that says the same."""
        said = repr(policy.rendered.data.get("spec"))
        if said not in self._answers:
            self._answers[said] = Answers(reads_of(policy))
        return self._answers[said]


def _look(shape: Shape, reads: Reads) -> tuple[str, tuple[int, ...]]:
    """What a policy reads of a shape's documents, as text, and the lines whose values belong into it, in that order."""
    text = json.dumps([_seen(shape.data, path) for path in sorted(reads.of_object)], ensure_ascii=False)
    lines: dict[int, int] = {}

    def numbered(marker: re.Match[str]) -> str:
        place = lines.setdefault(int(marker[2]), len(lines))
        return f"\ue000{_TYPES[marker[1]]}{place}\ue001"

    text = MARKER.sub(numbered, text)
    return text, tuple(lines)


def _seen(data: Any, path: tuple[str, ...]) -> list[Any]:
    """What stands at a path, or how far it leads and what is there instead."""
    for depth, step in enumerate(path):
        if not isinstance(data, dict):
            return ["no mapping", depth, data]
        if step not in data:
            return ["no field", depth]
        data = data[step]
    return ["value", data]
