"""render, asked backwards for findings: the template's line and the inputs' lines behind what a check complains of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from generator.check.objects import read
from generator.diagnostics import Diagnostic, Related
from generator.load.variants import Variants
from generator.model.paths import scalars
from generator.model.tree import Tree
from generator.pipeline.explaining.objects import Pick, Place, lines_behind, openable, templates_of
from generator.pipeline.inputs import RENDERED, Validated
from generator.render import Templates
from generator.render.tracing import Output, Traced, outputs, trace
from generator.source import Location

FINDINGS: Final = 200
"""The most findings that are traced; a tree with more is broken by something that the first ones show."""
TRIALS: Final = 1500
"""The most fleets that are made, for all findings together, for lines that do not look like the value found."""
_FEW: Final = 3
"""The most input lines told of one finding."""
_NAMED_BY_CHECKS: Final = "templates/"
"""How the checks, which see nothing but rendered files, name the template that a header names."""


class _Made(Struct, frozen=True):
    """A file as the inputs render it, and for each line of the file as it stands the line there, 0 for none."""

    output: Output
    traced: Traced
    lines: Mapping[int, int]


def traced_to_origin(
    root: Path, validated: Validated, tree: Tree, findings: Iterable[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """The findings, those in rendered files with the places that made them: the template's line and the inputs' lines.

    A line that is not what the inputs render to gets that said instead. Behind the first `FINDINGS`, and where the
    templates cannot be read, a finding stays as it is, with the template that the file's header names. Behind `TRIALS`,
    only lines are named that say the value found, or a part of it.
    """
    findings = tuple(findings)
    asked = _asked(findings)
    templates = templates_of(root) if asked and validated.fleet is not None else None
    if templates is None or validated.fleet is None:
        return findings
    by_file: dict[str, list[Diagnostic]] = {}
    for finding in asked:
        by_file.setdefault(finding.location.path.removeprefix(f"{RENDERED}/"), []).append(finding)
    rendering = {each.path: each for each in outputs(validated.fleet, templates)}
    tracer = _Tracer(root, validated, Variants(validated.documents))
    origins: dict[Diagnostic, tuple[Related, ...]] = {}
    for path, here in by_file.items():
        if path in tree.files:
            output = rendering.get(path)
            made = _made(output, templates, tree.files[path]) if output is not None else None
            origins |= tracer.origins(made, here)
    return tuple(_with(finding, origins[finding]) if finding in origins else finding for finding in findings)


def untraced(findings: Iterable[Diagnostic]) -> int:
    """How many findings in rendered files are behind the first `FINDINGS`, and so are not traced."""
    there = sum(each.location.path.startswith(f"{RENDERED}/") for each in findings)
    return max(0, there - FINDINGS)


def _asked(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    return [each for each in findings if each.location.path.startswith(f"{RENDERED}/")][:FINDINGS]


def _made(output: Output, templates: Templates, body: bytes) -> _Made:
    """The file as it would be rendered."""
    traced = trace(templates, output)
    mine, its = body.decode("utf-8", "replace").split("\n"), traced.text.split("\n")
    if mine == its:
        return _Made(output, traced, {number: number for number in range(1, len(mine) + 1)})
    blocks = SequenceMatcher(None, mine, its, autojunk=False).get_matching_blocks()
    return _Made(
        output, traced, {block.a + step + 1: block.b + step + 1 for block in blocks for step in range(block.size)}
    )


class _Tracer:
    """Says where findings come from, one file after another, within one budget."""

    def __init__(self, root: Path, validated: Validated, variants: Variants) -> None:
        self._root = root
        self._validated = validated
        self._variants = variants
        self._left = TRIALS

    def origins(self, made: _Made | None, here: Sequence[Diagnostic]) -> dict[Diagnostic, tuple[Related, ...]]:
        """What to say of each finding of one file."""
        if made is None or not made.traced.text:
            message = "the inputs render to no such file; run tenantry render"
            return {finding: (Related(message, finding.location),) for finding in here}
        places = _places(made, {made.lines.get(finding.location.line, 0) for finding in here})
        behind = self._behind(made, {place for found in places.values() for place in found})
        found: dict[Diagnostic, tuple[Related, ...]] = {}
        for finding in here:
            line = made.lines.get(finding.location.line, 0)
            if finding.location.line and not line:
                message = "this line is not what the inputs render to; tenantry render puts it back"
                found[finding] = (Related(message, finding.location),)
            elif template := made.traced.place(line):
                inputs = [location for place in places.get(line, ()) for location in behind.get(place, ())]
                found[finding] = (
                    Related("written by the template here", openable(self._root, template)),
                    *(Related("from this input", location) for location in list(dict.fromkeys(inputs))[:_FEW]),
                )
        return found

    def _behind(self, made: _Made, places: set[Place]) -> dict[Place, list[Location]]:
        """The lines behind some values: those that look like them first, the others where none of these is it."""
        found: dict[Place, list[Location]] = {}
        for likely in (True, False):
            left = {place for place in places if not found.get(place)}
            if not left or (not likely and self._left <= 0):
                break
            search = lines_behind(
                self._validated, made.output, made.traced.text, left, Pick(self._variants, likely, self._left)
            )
            search.run()
            if not likely:
                self._left -= search.trials
            found |= {place: [each.said.location for each in search.behind(place)[0]] for place in left}
        return found


def _places(made: _Made, lines: set[int]) -> dict[int, list[Place]]:
    """The values that stand on some lines of a file and that an expression wrote, by line."""
    written = {line for line in lines if made.traced.expressions(line)}
    found: dict[int, list[Place]] = {}
    for each in read(made.output.path, made.traced.text.encode()).objects if written else ():
        for pointer, _ in scalars(each.data):
            line = each.locate(pointer).line
            if line in written:
                found.setdefault(line, []).append((each.index, pointer))
    return found


def _with(finding: Diagnostic, origin: tuple[Related, ...]) -> Diagnostic:
    """The finding with its origin, in place of the template that the header names."""
    kept = [each for each in finding.related if not each.location.path.startswith(_NAMED_BY_CHECKS)]
    return replace(finding, related=(*kept, *origin))
