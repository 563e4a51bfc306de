"""What an AppProject permits, by the rules of Argo CD (`AppProject.IsSourcePermitted`, `IsDestinationPermitted`,
`IsGroupKindNamePermitted`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from generator.check.fields import field, items, listed, mapping, string
from generator.check.kinds import namespaced
from generator.check.objects import Rendered

_SCOPES: Final = ("namespace", "cluster")
_COLOURS: Final = ("White", "Black")


def permits_source(project: Rendered, repository: str) -> bool:
    """Whether Applications of the project may read from a repository."""
    wanted = listed(project.data, "spec", "sourceRepos")
    allowed = any(matches(pattern, repository, "/") for pattern in wanted if not pattern.startswith("!"))
    return allowed and not any(matches(pattern[1:], repository, "/") for pattern in wanted if pattern.startswith("!"))


def permits_destination(project: Rendered, destination: Any, namespace: str) -> bool:
    """Whether Applications of the project may write into a namespace of the destination's cluster."""
    allowed = False
    for _, entry in items(project.data, "spec", "destinations"):
        pattern = string(entry, "namespace")
        cluster = _same(entry, destination, "server") or _same(entry, destination, "name")
        if pattern.startswith("!"):
            if cluster and matches(pattern[1:], namespace):
                return False
        elif cluster and matches(pattern, namespace):
            allowed = True
    return allowed


class Refusals:
    """The lists of one project by which its Applications may not hold an object; found once for each kind, unless the
    lists go by name. `alike` is what was found for projects before, by what their lists say: most say the same."""

    __slots__ = ("_known", "_project", "by_name")

    def __init__(self, project: Rendered, alike: dict[str, dict[tuple[str, str, bool], str]]) -> None:
        self._project = project
        spec = mapping(project.data, "spec")
        lists = [spec.get(f"{scope}Resource{colour}list") for scope in _SCOPES for colour in _COLOURS]
        self._known = alike.setdefault(repr(lists), {})
        self.by_name = any(string(mapping(entry), "name") for each in lists for _, entry in items(each))

    def of(self, rendered: Rendered) -> str:
        """The list that refuses an object of this kind; "" if it may be held."""
        if self.by_name:
            return _refusal(self._project, rendered)
        key = (rendered.group, rendered.kind, bool(rendered.namespace))
        if key not in self._known:
            self._known[key] = _refusal(self._project, rendered)
        return self._known[key]


def _refusal(project: Rendered, rendered: Rendered) -> str:
    scoped = namespaced(rendered.group, rendered.kind, rendered.namespace)
    allowed, refused = (f"{'namespace' if scoped else 'cluster'}Resource{colour}list" for colour in ("White", "Black"))
    everything = scoped and field(project.data, "spec", allowed) is None
    if not everything and not _lists(project, allowed, rendered):
        return allowed
    return refused if _lists(project, refused, rendered) else ""


def destinations(project: Rendered) -> Iterator[str]:
    """The destinations as `<server> <namespace>`, for messages."""
    for _, entry in items(project.data, "spec", "destinations"):
        yield f"{string(entry, 'namespace')} on {string(entry, 'server') or string(entry, 'name')}"


def _same(entry: Any, destination: Any, part: str) -> bool:
    value = string(destination, part)
    return bool(value) and matches(string(entry, part), value)


def _lists(project: Rendered, part: str, rendered: Rendered) -> bool:
    for _, entry in items(project.data, "spec", part):
        group, kind, name = (string(mapping(entry), key) for key in ("group", "kind", "name"))
        if matches(group, rendered.group) and matches(kind, rendered.kind) and matches(name or "*", rendered.name):
            return True
    return False


def matches(pattern: str, text: str, separator: str = "") -> bool:
    """Whether one of the project's patterns takes a name; the separator is what `*` does not go over."""
    return pattern in {"*", text} or _compiled(pattern, separator).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str, separator: str) -> re.Pattern[str]:
    """`*` and `?` as in Argo CD's globs: neither goes over the separator, `**` does."""
    one = f"[^{separator}]" if separator else "."
    parts = re.split(r"(\*\*|\*|\?)", pattern)
    words = {"**": ".*", "*": f"{one}*", "?": one}
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts), re.DOTALL)
