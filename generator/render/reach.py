"""What a change of the inputs or the templates reaches: which templates have to be rendered again, and for what.

A file is a function of its template, the partials with it, the words and inputs of its subject, and the variables that
the template reads. Where none of them differs between two sides, the file is the same on both and is rendered on
neither. Of `fleet`, which every template gets, only the fields that a template reads count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from types import CodeType
from typing import Final

from msgspec import Struct

from generator.model.fleet import Fleet
from generator.model.same import same
from generator.render.layout import Scope
from generator.render.subjects import Subject, subjects
from generator.render.templates import Template, Templates

_FIELDS: Final = frozenset(Fleet.__struct_fields__)


_OF_ALL_TENANTS: Final = frozenset(("assignments", "records", "tenants"))
"""What of a fleet, or of a cell, grows with the number of tenants."""


class Side(Struct, frozen=True):
    """A resolved fleet and the templates that it is rendered by."""

    fleet: Fleet
    templates: Templates


class Work(Struct, frozen=True):
    """One subject, and those templates of its scope that have to be rendered for it."""

    subject: Subject
    templates: tuple[Template, ...]


class Reach(Struct, frozen=True):
    """What has to be rendered to have every file that can differ: on the side before, and on the side after.

    `bundles` is how many bundles there are on both sides together, touched or not (`bundles`).
    """

    before: tuple[Work, ...]
    after: tuple[Work, ...]
    bundles: int


def reach(before: Side, after: Side, *, whole: bool = False) -> Reach:
    """Compares two sides without rendering either. With `whole`, every template of a subject that is reached at all."""
    old = {_key(subject): subject for subject in subjects(before.fleet)}
    new = {_key(subject): subject for subject in subjects(after.fleet)}
    compared = _Compared(before, after)
    gone: list[Work] = []
    come: list[Work] = []
    for key in [*new, *(key for key in old if key not in new)]:
        was, becomes = old.get(key), new.get(key)
        names = compared.differing(was, becomes)
        if names is not None and not names:
            continue
        names = None if whole else names
        gone += _work(was, before.templates, names)
        come += _work(becomes, after.templates, names)
    return Reach(tuple(gone), tuple(come), len({_bundle(each) for each in (*old.values(), *new.values())}))


def bundles(works: Iterable[Work], paths: Collection[str]) -> int:
    """How many bundles have one of the paths. A bundle is all that a cell itself, a platform or a tenant has on one
    cell."""
    return len({_bundle(work.subject) for work in works if any(path in paths for path in path_of(work))})


def _bundle(subject: Subject) -> tuple[str, str, str]:
    tenant = subject.words.get("tenant", "")
    return subject.words["cluster"], "" if tenant else subject.words.get("platform", ""), tenant


def everything(side: Side) -> tuple[Work, ...]:
    """Every template for every subject of a side."""
    return tuple(Work(subject, side.templates.by_scope[subject.scope]) for subject in subjects(side.fleet))


def owners(works: Iterable[Work], everywhere: Iterable[Work], paths: Collection[str]) -> tuple[Work, ...]:
    """The works, and whatever of all the others gives one of the paths."""
    chosen = {_key(work.subject): work for work in works}
    words = {word.removesuffix(".yaml") for path in paths for word in path.split("/")}
    for work in everywhere:
        # Every pattern of the layout names all the words of its scope.
        if not words.issuperset(work.subject.words.values()):
            continue
        key = _key(work.subject)
        names = {template.name for template in chosen[key].templates} if key in chosen else set()
        names |= {
            template.name for template in work.templates if template.place.pattern.format(**work.subject.words) in paths
        }
        if names:
            chosen[key] = Work(work.subject, tuple(each for each in work.templates if each.name in names))
    return tuple(chosen.values())


def path_of(work: Work) -> Iterator[str]:
    """The paths below rendered/ that a subject's templates may give: one that gives no document gives no file."""
    for template in work.templates:
        yield template.place.pattern.format(**work.subject.words)


def _key(subject: Subject) -> tuple[str, ...]:
    return (subject.scope.value, *subject.words.values())


def _work(subject: Subject | None, templates: Templates, names: frozenset[str] | None) -> list[Work]:
    """A subject with the templates of these names, or with all of its scope."""
    if subject is None:
        return []
    scope = templates.by_scope[subject.scope]
    chosen = scope if names is None else tuple(template for template in scope if template.name in names)
    return [Work(subject, chosen)] if chosen else []


class _Compared:
    """What is known of two sides before any subject is looked at: which templates and fields of the fleet differ."""

    def __init__(self, before: Side, after: Side) -> None:
        self._changed = changed_templates(before.templates, after.templates)
        old = {template.name: template for template in _all(before.templates)}
        self._uses: dict[Scope, dict[str, frozenset[str]]] = {scope: {} for scope in Scope}
        self._reached: dict[Scope, frozenset[str]] = {}
        for scope, templates in after.templates.by_scope.items():
            reached = {template.name for template in before.templates.by_scope[scope]} - {
                template.name for template in templates
            }
            for template in templates:
                variables, read = used(template)
                self._uses[scope][template.name] = variables
                fleet_differs = any(not same(getattr(before.fleet, one), getattr(after.fleet, one)) for one in read)
                if template.name not in old or template.name in self._changed or fleet_differs:
                    reached.add(template.name)
            self._reached[scope] = frozenset(reached)

    def differing(self, was: Subject | None, becomes: Subject | None) -> frozenset[str] | None:
        """The names of the templates that can give another file for a subject; None for all of its scope."""
        if was is None or becomes is None or was.inputs != becomes.inputs:
            return None
        reached = self._reached[becomes.scope]
        variables = {
            name
            for name, value in becomes.variables.items()
            if name != "fleet" and value is not was.variables[name] and not same(value, was.variables[name])
        }
        if not variables:
            return reached
        uses = self._uses[becomes.scope]
        return reached | {name for name, used_names in uses.items() if not used_names.isdisjoint(variables)}


def changed_templates(before: Templates, after: Templates) -> frozenset[str]:
    """The names of those templates of both sides whose text, or that of a partial with them, differs."""
    old = {template.name: template for template in _all(before)}
    return frozenset(
        template.name for template in _all(after) if template.name in old and old[template.name].texts != template.texts
    )


def used(template: Template) -> tuple[frozenset[str], frozenset[str]]:
    """The variables that a template and its partials read, and the fields of the fleet among them."""
    read = {name for part in template.parts for name in part.fleet}
    fleet: Iterable[str] = _FIELDS if not read <= set(dir(Fleet)) else (one for name in read for one in _behind(name))
    return frozenset(name for part in template.parts for name in part.read), frozenset(fleet)


def reads_all_tenants(templates: Templates) -> bool:
    """Whether any template reads the fleet's tenants or those of a cell. Where none does, a subject's files are the
    same in a fleet that lacks other tenants."""
    return any(not _OF_ALL_TENANTS.isdisjoint(names) for template in _all(templates) for names in used(template))


@cache
def _behind(name: str) -> frozenset[str]:
    """The fields that an attribute of a fleet is made of: itself, or those that its property or method names."""
    if name in _FIELDS:
        return frozenset((name,))
    attribute = getattr(Fleet, name)
    function = attribute.fget if isinstance(attribute, property) else attribute
    code = getattr(function, "__code__", None)
    if code is None:
        return _FIELDS
    own = {each for each in _names(code) if hasattr(Fleet, each) and not each.startswith("_") and each != name}
    return frozenset(one for each in own for one in _behind(each))


def _names(code: CodeType) -> Iterator[str]:
    """Every attribute that a function's code names, in the functions inside it, too."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _all(templates: Templates) -> Iterator[Template]:
    by_scope: Mapping[Scope, tuple[Template, ...]] = templates.by_scope
    for group in by_scope.values():
        yield from group
