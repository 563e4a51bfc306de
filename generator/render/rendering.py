"""Renders a fleet: runs each template for each of its objects and lays the texts out as files."""

from __future__ import annotations

import re
import sys
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Final, Generic, TypeVar

from msgspec import Struct, field

from generator.diagnostics import Code, Diagnostic, did_you_mean, in_order, listing
from generator.model.fleet import Fleet
from generator.model.seal import Seal, digest_of
from generator.model.tree import Tree
from generator.render.reach import Side, Work, everything
from generator.render.running import Running, running
from generator.render.scalars import UnwritableError, escaped
from generator.render.source import error
from generator.render.subjects import Subject
from generator.render.templates import Template, Templates
from generator.source import Location
from generator.workers import in_parallel

FAILED = Code("RND014", "an expression that cannot be evaluated", "The file it belongs to cannot be rendered.")
UNWRITABLE = Code(
    "RND015", "a value that has no place in a manifest", "It has no exact YAML form, or none that Kubernetes reads."
)
COLLISION = Code("RND016", "two outputs of one path", "One would silently replace the other.")

_BATCH: Final = 200
"""The most subjects a task: enough that handing tasks out costs nothing, few enough that progress can be seen."""
_TASKS: Final = 4
"""The fewest tasks a worker, so that workers end together."""

_NO_ATTRIBUTE: Final = re.compile(r"'(generator\.model\.\w+)\.(\w+) object' has no attribute '(\w+)'")
Taken = TypeVar("Taken")
Other = TypeVar("Other")


class Fault(Struct, frozen=True):
    """An expression that failed: where it stands, what happened, for what."""

    code: Code
    path: str
    line: int
    message: str
    subject: str


class Rendered(Struct, Generic[Taken], frozen=True):
    """What one batch gave: (path, template name, what became of it) of each file, and the faults. `seals` are those of
    its subjects in order, where they were asked for."""

    files: list[tuple[str, str, Taken]]
    faults: list[Fault]
    seals: list[Seal] = field(default_factory=list)

    def taken(self, take: Callable[[str, Taken], Other]) -> Rendered[Other]:
        """The same with what `take(path, …)` makes of each file."""
        files = [(path, name, take(path, what)) for path, name, what in self.files]
        return Rendered(files, self.faults, self.seals)


def render(
    fleet: Fleet, templates: Templates, jobs: int = 1, progress: Callable[[int, int], None] | None = None
) -> tuple[Tree, tuple[Diagnostic, ...]]:
    """The whole rendered output, the same bytes for any number of jobs.

    A file whose template failed is missing from the tree, and a diagnostic says so: nothing may be written from a tree
    that came with errors. `jobs` above 1 uses as many processes where the platform can fork. `progress` is told
    (done, total) now and then, in tenants, platforms and cells.
    """
    return render_part(everything(Side(fleet, templates)), templates, jobs, progress)


def render_part(
    work: Sequence[Work], templates: Templates, jobs: int = 1, progress: Callable[[int, int], None] | None = None
) -> tuple[Tree, tuple[Diagnostic, ...]]:
    """`render`, for some subjects and some of their templates."""
    files, diagnostics = render_each(work, templates, lambda _, content: content, jobs, progress)
    return Tree({path: files[path] for path in sorted(files)}), diagnostics


def render_each(
    work: Sequence[Work],
    templates: Templates,
    take: Callable[[str, bytes], Taken],
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
    sealed: Callable[[Work, Seal], None] | None = None,
    turn: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> tuple[dict[str, Taken], tuple[Diagnostic, ...]]:
    """`render_part`, with each file handed to `take(path, content)` where it is rendered, and then forgotten.

    Gives what `take` said of each path. It is called in workers, so that it has to leave elsewhere what is to stay but
    its result, which must be picklable. Of two files of one path it gets both, and one of them is a fault. `sealed` is
    told, here, what each subject gave. What one batch gave is taken within a `turn()`, for who takes turns.
    """
    # Before any worker is forked, so that none has to do it again.
    ready = running(template for each in work for template in each.templates)
    batches = _batches(work, jobs)
    total, done = sum(map(len, batches)), 0
    results = []

    def rendered(batch: Sequence[Work]) -> Rendered[Taken]:
        return _rendered(batch, ready, take, turn, seal=sealed is not None)

    batched = in_parallel(rendered, batches, jobs)
    for batch, result in zip(batches, batched, strict=True):
        results.append(result)
        if sealed is not None:
            for each, its_seal in zip(batch, result.seals, strict=True):
                sealed(each, its_seal)
        done += len(batch)
        if progress is not None:
            progress(done, total)
    return joined(results, templates)


def render_steps(
    work: Sequence[Work], take: Callable[[str, bytes], Taken], turn: Callable[[], AbstractContextManager[None]]
) -> Iterator[tuple[Sequence[Work], Rendered[Taken]]]:
    """`render_each`, step by step and all in this process: some of the subjects, and what they gave, sealed too."""
    ready = running(template for each in work for template in each.templates)
    for batch in _batches(work, 1):
        yield batch, _rendered(batch, ready, take, turn, seal=True)


def _rendered(
    batch: Sequence[Work],
    ready: Mapping[str, Running],
    take: Callable[[str, bytes], Taken],
    turn: Callable[[], AbstractContextManager[None]],
    *,
    seal: bool,
) -> Rendered[Taken]:
    made = render_batch(batch, ready, seal=seal)
    with turn():
        return made.taken(take)


def joined(results: Iterable[Rendered[Taken]], templates: Templates) -> tuple[dict[str, Taken], tuple[Diagnostic, ...]]:
    """The files of all batches by path, and what was wrong."""
    files: dict[str, tuple[str, Taken]] = {}
    diagnostics: list[Diagnostic] = []
    faults: list[Fault] = []
    for result in results:
        for path, name, taken in result.files:
            if path in files:
                diagnostics.append(_collision(templates, path, files[path][0], name))
            else:
                files[path] = (name, taken)
        faults += result.faults
    diagnostics += _reported(faults, templates)
    return {path: taken for path, (_, taken) in files.items()}, in_order(diagnostics)


def _batches(work: Sequence[Work], jobs: int) -> list[Sequence[Work]]:
    size = min(_BATCH, max(1, len(work) // (jobs * _TASKS)))
    return [work[start : start + size] for start in range(0, len(work), size)]


def render_batch(batch: Sequence[Work], ready: Mapping[str, Running], *, seal: bool = False) -> Rendered[bytes]:
    """Renders some subjects; `ready` are their templates by name. With `seal`, says of each subject what it gave."""
    result: Rendered[bytes] = Rendered([], [])
    for work in batch:
        subject = work.subject
        origin = _origin(subject.inputs)
        given: dict[str, bytes] = {}
        for template in work.templates:
            try:
                body = ready[template.name].documents(subject.variables)
            except Exception as fault:  # noqa: BLE001 - whatever an expression raises is its author's mistake
                result.faults.append(_fault(fault, template, subject))
                continue
            if body:
                path = template.place.pattern.format(**subject.words)
                content = f"{origin}{_maker(template.name)}{body}".encode()
                result.files.append((path, template.name, content))
                given[template.place.pattern] = content
        if seal:
            result.seals.append(Seal(tuple(given), subject.words, digest_of(given.values())))
    return result


def header(inputs: Sequence[str], template: str) -> str:
    """The comment that every rendered file begins with: the inputs it came from, its template, and not to edit it."""
    return _origin(inputs) + _maker(template)


def _origin(inputs: Sequence[str]) -> str:
    return f"# Rendered by tenantry from {escaped(', '.join(inputs))} by "


@cache
def _maker(template: str) -> str:
    return f"{escaped(template)}.\n# Do not edit: change the inputs and render again.\n"


def _fault(fault: Exception, template: Template, subject: Subject) -> Fault:
    path, line = template.source.path, 0
    for frame in traceback.extract_tb(fault.__traceback__):
        if frame.filename.endswith(".yaml"):
            path, line = frame.filename, frame.lineno or 0
    message = " ".join((str(fault) or type(fault).__name__).split())
    code = UNWRITABLE if isinstance(fault, UnwritableError) else FAILED
    return Fault(code, path, line, message, str(subject))


def _reported(faults: Iterable[Fault], templates: Templates) -> Iterator[Diagnostic]:
    """One diagnostic for a template's line, however many objects fail there."""
    by_place: dict[tuple[str, int], list[Fault]] = defaultdict(list)
    for fault in faults:
        by_place[fault.path, fault.line].append(fault)
    for (path, line), group in by_place.items():
        first = min(group, key=lambda fault: (fault.subject, fault.message))
        source = templates.sources.get(path)
        location = source.locate_line(line) if source and line else Location(path)
        more = f" and {len(group) - 1} more" if len(group) > 1 else ""
        message, details = _explained(first.message)
        yield error(first.code, message, location, found=f"rendering {first.subject}{more}", **details)


def _explained(message: str) -> tuple[str, dict[str, str]]:
    """Says that the model has no such field in the model's words; other messages stay as Jinja2 or Python say them."""
    match = _NO_ATTRIBUTE.search(message)
    kind = getattr(sys.modules[match[1]], match[2], None) if match else None
    if match is None or not isinstance(kind, type):
        return message, {}
    fields = [name for name in dir(kind) if not name.startswith("_")]
    hint = did_you_mean(match[3], fields)
    return f"a {match[2]} has no field '{match[3]}'", {"hint": hint, "expected": "" if hint else listing(fields, 20)}


def _collision(templates: Templates, path: str, first: str, second: str) -> Diagnostic:
    sources = {source.name: source.path for source in templates.sources.values()}
    message = f"two outputs have the path {path}"
    return error(
        COLLISION,
        message,
        Location(sources[second]),
        found=f"{first} and {second}",
        hint="names of clusters, platforms and tenants must differ",
    )
