"""Answers of policies that hold for other objects, too.

Whether a policy refuses an object depends on what the policy reads, and on nothing else: objects that are the same
there need one evaluation. What they look like there is found once for each shape (generator.shapes), so that
only the values have to be compared. Only the answer that nothing is wrong is kept: an object that is refused is always
evaluated itself, for its own message and line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Mapping
from operator import itemgetter
from typing import Any, Final

from msgspec import Struct, field

from generator.check.policies.reading import Policy
from generator.check.policies.reads import Reads, reads_of
from generator.shapes import MARKER, Form, Shape, Values

_TYPES: Final = {"w": "s", "q": "s", "e": "s", "n": "n", "l": "l"}
"""What a value is once it is read: a string however it was written, a number, a list."""


class Answers(Struct):
    """What one policy has let through. `reads` is None where no answer may be shared."""

    reads: Reads | None
    _looks: dict[Shape, tuple[str, Callable[[Values], Any]]] = field(default_factory=dict)
    _fine: set[Hashable] = field(default_factory=set)

    def key(self, form: Form | None, *further: Hashable) -> Hashable:
        """What the answer for an object depends on, beside `further`; None where it is the object's own."""
        if form is None or self.reads is None:
            return None
        look = self._looks.get(form.shape)
        if look is None:
            look = self._looks[form.shape] = _look(form.shape, self.reads)
        text, values_of = look
        return (text, values_of(form.values), further)

    def known(self, key: Hashable) -> bool:
        """Whether an object with this key was let through."""
        return key in self._fine

    def keep(self, key: Hashable) -> None:
        """Remembers that an object with this key was let through."""
        if key is not None:
            self._fine.add(key)

    def of_namespace(self, namespace: Mapping[str, Any]) -> Hashable:
        """What the policy reads of a Namespace, to be compared."""
        if self.reads is None or not self.reads.of_namespace:
            return None
        return repr(self.reads.of_namespace.of(namespace))


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


def _look(shape: Shape, reads: Reads) -> tuple[str, Callable[[Values], Any]]:
    """What a policy reads of a shape's documents, as text, and what gives the values that belong into it, in order."""
    text = json.dumps(reads.of_object.of(shape.data), ensure_ascii=False)
    lines: dict[int, int] = {}

    def numbered(marker: re.Match[str]) -> str:
        place = lines.setdefault(int(marker[2]), len(lines))
        return f"\ue000{_TYPES[marker[1]]}{place}\ue001"

    text = MARKER.sub(numbered, text)
    return text, itemgetter(*lines) if lines else _nothing


def _nothing(_: Values) -> None:
    return None
