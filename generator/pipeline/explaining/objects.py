"""load → resolve → render, asked backwards for rendered objects: the template's line and the inputs' lines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from generator.check.objects import Rendered as Object
from generator.check.objects import read
from generator.diagnostics import did_you_mean, has_errors, listing
from generator.load.variants import Leaf, Variants
from generator.model.explanation import Explained, Field, Puzzled
from generator.model.fleet import Fleet
from generator.model.paths import NoSuchFieldError, at, pointer_to, scalars, written
from generator.pipeline.explaining.causes import Search, likeness, lines_of
from generator.pipeline.inputs import TEMPLATES, Validated
from generator.pipeline.sides import SHIPPED
from generator.render import Templates, load_templates
from generator.render.subjects import subjects
from generator.render.tracing import Output, outputs, same, text_of, trace
from generator.source import Location, Pointer

Place = tuple[int, Pointer]
"""A value in a rendered file: the number of its object, and the way to it."""
_SEPARATOR = "\n---\n"
_ABSENT = object()


def templates_of(root: Path) -> Templates | None:
    """The templates of a fleet; None where they have mistakes."""
    own = root / TEMPLATES
    templates, found = load_templates((SHIPPED, *([own] if own.is_dir() else [])))
    return None if has_errors(found) else templates


def openable(root: Path, location: Location) -> Location:
    """A template's place as a path that can be opened: from the fleet's folder, or in full where it lies elsewhere."""
    file = SHIPPED.parents[1] / location.path
    if not file.is_relative_to(SHIPPED):
        return location
    base = root.resolve()
    shown = file.relative_to(base) if file.is_relative_to(base) else file
    return replace(location, path=shown.as_posix())


def explain_object(
    root: Path, validated: Validated, tenant: str, name: str, field: str, cells: Sequence[str]
) -> Explained | Puzzled:
    """What is behind an object (`Kind/name`, or `Kind/namespace/name`) rendered for a tenant, or a part of it."""
    templates, fleet = templates_of(root), validated.fleet
    if templates is None or fleet is None:
        return Puzzled("the templates have mistakes", "run tenantry render")
    known: dict[str, None] = {}
    for cell in cells:
        here = [each for each in outputs(fleet, templates) if _belongs(each, tenant, cell)]
        for output, text, found in _objects(here):
            if name in (short := _names(found)):
                return _explained(root, validated, templates, output, text, found, field)
            known |= dict.fromkeys(short[:1])
    hint = did_you_mean(name, known) or _namesakes(name, known) or f"there is {listing(known, 12)}"
    return Puzzled(f"nothing rendered for {tenant} is named '{name}'", hint)


def _belongs(output: Output, tenant: str, cell: str) -> bool:
    words = output.subject.words
    return words.get("tenant") == tenant and words.get("cluster") == cell


def _objects(here: Iterable[Output]) -> Iterator[tuple[Output, str, Object]]:
    for output in here:
        if text := text_of(output.template, output.subject):
            for found in read(output.path, text.encode()).objects:
                yield output, text, found


def _names(found: Object) -> tuple[str, str]:
    return f"{found.kind}/{found.name}", f"{found.kind}/{found.namespace}/{found.name}"


def _namesakes(name: str, known: Iterable[str]) -> str:
    """Objects of the same name and of another kind: who asks for a Deployment may have a Rollout."""
    same_name = [each for each in known if each.rpartition("/")[2] == name.rpartition("/")[2]]
    return f"there is {listing(same_name)}" if same_name else ""


def _explained(
    root: Path, validated: Validated, templates: Templates, output: Output, text: str, found: Object, field: str
) -> Explained | Puzzled:
    try:
        pointer = pointer_to(found.data, field)
    except NoSuchFieldError as missing:
        reached = written(missing.reached) or found.label
        hint = did_you_mean(missing.missing, missing.known)
        return Puzzled(
            f"{reached} has no '{missing.missing}'",
            hint or (f"there is {listing(missing.known, 12)}" if missing.known else "it is a single value"),
        )
    places = [(found.index, pointer + rest) for rest, _ in scalars(at(found.data, pointer))]
    search = lines_behind(validated, output, text, places)
    search.run()
    traced = trace(templates, output)
    fields = []
    for place in places:
        location = found.locate(place[1])
        template = traced.place(location.line)
        lines, presence = search.behind(place)
        fields.append(
            Field(
                path=written(place[1]),
                cluster=output.subject.words["cluster"],
                value=at(found.data, place[1]),
                lines=lines,
                presence=presence,
                location=location,
                template=openable(root, template) if template is not None else None,
                expressions=traced.expressions(location.line),
            )
        )
    return Explained(found.label, tuple(fields))


class Pick(Struct, frozen=True):
    """Which lines to try, where there is no time for all: those that are like a value (`likely`) or the others, and
    `budget` fleets at most for these."""

    variants: Variants
    likely: bool
    budget: int


def lines_behind(
    validated: Validated, output: Output, text: str, places: Collection[Place], pick: Pick | None = None
) -> Search[Place]:
    """The search for the lines behind values of a rendered file, which its header's inputs can hold."""
    documents = [document for document in validated.documents if document.path in output.subject.inputs]
    lines = list(lines_of(documents))
    objects = {each.index: each for each in read(output.path, text.encode()).objects}
    view = _view(output, text, objects, places)
    if pick is None:
        return Search(documents, validated.documents, Variants(validated.documents), view, lines)
    values = [at(objects[number].data, pointer) for number, pointer in places]
    lines = [line for line in lines if (_promise(line, values) <= 1) is pick.likely]
    budget = None if pick.likely else pick.budget
    return Search(documents, validated.documents, pick.variants, view, lines, budget)


def _promise(line: Leaf, values: Sequence[Any]) -> int:
    """How likely a line is behind one of the values, 0 before all."""
    return min((likeness(line.value, value) for value in values), default=3)


class _Baseline(Struct, frozen=True):
    """A file as it is: its documents' texts, its objects, and the values asked for."""

    parts: list[str]
    objects: Mapping[int, Object]
    places: Collection[Place]


def _view(
    output: Output, text: str, objects: Mapping[int, Object], places: Collection[Place]
) -> Callable[[Fleet], Mapping[Place, Any]]:
    """The values at some places of a file, as a fleet renders it."""
    before = _Baseline(text.split(_SEPARATOR), objects, places)

    def seen(fleet: Fleet) -> Mapping[Place, Any]:
        subject = same(output, subjects(fleet))
        after = text_of(output.template, subject) if subject is not None else ""
        return _values(before, after) if after else {}

    return seen


def _values(before: _Baseline, text: str) -> dict[Place, Any]:
    """Parses only the objects asked for, and of them only those whose text differs."""
    parts = text.split(_SEPARATOR)
    found: dict[int, Any] = {}
    for number in {number for number, _ in before.places}:
        mine = before.objects[number]
        if len(parts) == len(before.parts) and parts[number] == before.parts[number]:
            found[number] = mine.data
            continue
        aligned = parts[number : number + 1] if len(parts) == len(before.parts) else []
        now = next(_read(aligned), None)
        if now is None or now.kind != mine.kind:
            now = next((each for each in _read(parts) if _names(each) == _names(mine)), None)
        if now is not None:
            found[number] = now.data
    values = {(number, pointer): at(found.get(number), pointer, _ABSENT) for number, pointer in before.places}
    return {place: value for place, value in values.items() if value is not _ABSENT}


def _read(parts: Iterable[str]) -> Iterator[Object]:
    for part in parts:
        yield from read("", f"{part}\n".encode()).objects
