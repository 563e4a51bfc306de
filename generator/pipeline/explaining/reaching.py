"""load → resolve → render, asked forwards: what one line of an input, or of a template, reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from generator.check.objects import Rendered as Object
from generator.check.objects import read
from generator.diagnostics import did_you_mean, listing
from generator.load.variants import Leaf, Variants, leaves
from generator.model.document import Document
from generator.model.explanation import Puzzled, Reached, ReachedObject, Said
from generator.model.fleet import Fleet
from generator.pipeline.explaining.objects import openable, templates_of
from generator.pipeline.explaining.values import values_of
from generator.pipeline.inputs import RENDERED, Validated, fleet_of
from generator.render import Templates
from generator.render.tracing import outputs, text_of, trace
from generator.source import Location


def reach_from(root: Path, validated: Validated, path: str, line: int) -> Reached | Puzzled:
    """What the line of a file reaches: an input file by its path from the fleet's folder, or a template."""
    if validated.fleet is None:
        return Puzzled("the fleet cannot be resolved", "run tenantry validate")
    templates = templates_of(root)
    if templates is None:
        return Puzzled("the templates have mistakes", "run tenantry render")
    documents = [document for document in validated.documents if document.path == path]
    if documents:
        return _of_input(validated, validated.fleet, templates, documents, line)
    sources = {openable(root, Location(shown)).path: shown for shown in templates.sources}
    if path in sources:
        return _of_template(validated.fleet, templates, sources[path], line)
    known = {*sources, *(document.path for document in validated.documents)}
    if path.startswith(f"{RENDERED}/"):
        hint = "name an input or a template; what is rendered is asked for by tenantry explain TENANT KIND/NAME FIELD"
        return Puzzled(f"{path} is rendered", hint)
    return Puzzled(f"no input file or template '{path}'", did_you_mean(path, known) or f"there is {listing(known)}")


def _of_input(
    validated: Validated, fleet: Fleet, templates: Templates, documents: Sequence[Document], line: int
) -> Reached | Puzzled:
    found = [leaf for document in documents for leaf in leaves(document) if _stands(leaf, line)]
    if not found:
        return Puzzled(f"{documents[0].path}:{line} says no value", "name a line with a value, or with a key of some")
    variants = Variants(validated.documents)
    before = _Fleet(fleet, templates, documents[0].path)
    fields: dict[tuple[str, str, str], None] = {}
    objects: dict[tuple[str, str], ReachedObject] = {}
    unmoved = []
    for leaf in found:
        moved = False
        for value in variants.of(leaf):
            changed = leaf.with_value(value)
            made = fleet_of(tuple(changed if each is leaf.document else each for each in validated.documents))[0]
            if made is None:
                continue
            differing, reached = before.differences(made)
            fields |= dict.fromkeys(differing)
            for each in reached:
                key = each.location.path, each.label
                if key not in objects or objects[key].lines < each.lines:
                    objects[key] = each
            moved = moved or bool(differing or reached)
        if not moved:
            unmoved.append(Said(leaf.value, leaf.place))
    return Reached(
        said=tuple(Said(leaf.value, leaf.place) for leaf in found),
        fields=tuple(sorted(fields)),
        objects=tuple(objects[key] for key in sorted(objects)),
        unmoved=tuple(unmoved),
    )


def _stands(leaf: Leaf, line: int) -> bool:
    """Whether a value stands on a line, or below a key or in an item that begins there."""
    if leaf.place.line == line:
        return True
    steps = range(1, len(leaf.pointer) + 1)
    return any(leaf.document.locate(leaf.pointer[:end], key=True).line == line for end in steps)


class _Fleet:
    """A fleet as it is: its tenants' values, and the texts of the files that may come from an input."""

    def __init__(self, fleet: Fleet, templates: Templates, path: str) -> None:
        self._templates = templates
        self._path = path
        self._values = _values(fleet)
        self._texts = dict(self._rendered(fleet))

    def differences(self, other: Fleet) -> tuple[list[tuple[str, str, str]], list[ReachedObject]]:
        """The tenants' values and the objects that are not the same in another fleet."""
        values = _values(other)
        fields = [key for key, value in self._values.items() if values.get(key, _values) != value]
        texts = dict(self._rendered(other))
        objects: list[ReachedObject] = []
        for path, text in self._texts.items():
            after = texts.get(path, "")
            if after != text:
                objects += _changed(path, text, after)
        return fields, objects

    def _rendered(self, fleet: Fleet) -> Iterator[tuple[str, str]]:
        for output in outputs(fleet, self._templates):
            if self._path in output.subject.inputs and (text := text_of(output.template, output.subject)):
                yield output.path, text


def _values(fleet: Fleet) -> dict[tuple[str, str, str], Any]:
    return {
        (tenant.name, cluster, name): value
        for tenant in fleet.tenants
        for (cluster, name), value in values_of(fleet, tenant.path).items()
    }


def _changed(path: str, before: str, after: str) -> Iterator[ReachedObject]:
    """The objects of a file that differ, each with how many of its lines do."""
    others = {each.label: (each, lines) for each, lines in _with_lines(path, after)}
    for each, lines in _with_lines(path, before):
        other, its = others.get(each.label, (None, []))
        if other is not None and other.data == each.data:
            continue
        alike = SequenceMatcher(None, lines, its, autojunk=False).get_matching_blocks()
        different = len(lines) - sum(block.size for block in alike)
        yield ReachedObject(each.label, Location(f"{RENDERED}/{path}", each.line, 1), max(1, different))


def _with_lines(path: str, text: str) -> Iterator[tuple[Object, list[str]]]:
    """The objects of a file, each with its lines."""
    objects, lines = read(path, text.encode()).objects, text.split("\n")
    ends = [each.line - 1 for each in objects[1:]] + [len(lines)]
    for each, end in zip(objects, ends, strict=bool(objects)):
        yield each, lines[each.line - 1 : end]


def _of_template(fleet: Fleet, templates: Templates, shown: str, line: int) -> Reached | Puzzled:
    source = templates.sources[shown]
    if not 0 < line <= len(source.lines):
        return Puzzled(f"{shown} has {len(source.lines)} lines", f"name a line from 1 to {len(source.lines)}")
    objects: list[ReachedObject] = []
    for output in outputs(fleet, templates):
        traced = trace(templates, output)
        here = [number for number, made in enumerate(traced.written, start=1) if made == (source, line)]
        if here:
            objects += _holding(output.path, traced.text, here)
    return Reached((), (), tuple(objects))


def _holding(path: str, text: str, lines: Iterable[int]) -> Iterator[ReachedObject]:
    """The objects that hold some lines of a file."""
    for each, own in _with_lines(path, text):
        held = [line for line in lines if each.line <= line < each.line + len(own)]
        if held:
            yield ReachedObject(each.label, Location(f"{RENDERED}/{path}", held[0], 1), len(held))
