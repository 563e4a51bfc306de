"""A leak: a counterexample to the isolation of two tenants, and how a person reads it."""

from __future__ import annotations

from msgspec import Struct

from generator.check.fields import field as value_at
from generator.check.findings import finding, shown
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic, Related
from generator.source import Pointer


class Leak(Struct, frozen=True):
    """One path from one tenant to what is another's.

    `origin` is who gets there ("pods of tenant acme"), `verb` what they can do ("can reach"), `target` what they get
    ("api of tenant bluewater on port 8080"), `through` the reason in words ("an ingress rule without peers").
    `rendered` and `at` are the object and the line of it that allows the path; `key` points to the key there, for what
    is missing below it. `related` are the other objects that take part, `closed` is what would close the path.
    """

    code: Code
    origin: str
    target: str
    through: str
    rendered: Rendered
    at: Pointer
    closed: str
    verb: str = "can reach"
    related: tuple[tuple[str, Rendered, Pointer], ...] = ()
    key: bool = False
    expected: str = ""

    def diagnostic(self) -> Diagnostic:
        """The leak as a finding at the line that allows it."""
        value = value_at(self.rendered.data, *self.at) if self.at and not self.key else None
        return finding(
            self.code,
            self.rendered,
            self.at,
            f"{self.origin} {self.verb} {self.target}: {self.through}",
            found=shown(value) if isinstance(value, str | bool | int | float) else "",
            expected=self.expected,
            hint=self.closed,
            related=tuple(Related(message, other.locate(at)) for message, other, at in self.related),
            key=self.key,
        )


def several(first: str, count: int, what: str) -> str:
    """An example with the number of the others like it: `tenant acme and 12 more tenants`."""
    return first if count <= 1 else f"{first} and {count - 1} more {what}{'s' if count > 2 else ''}"
