"""Loads the templates of a fleet, refuses those that are not safe, and compiles the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from msgspec import Struct

from generator.diagnostics import Code, Diagnostic, did_you_mean, has_errors, in_order, listing
from generator.model.names import fit
from generator.render import layout, scalars
from generator.render.flatten import flatten
from generator.render.folders import decode, find, is_shipped
from generator.render.remembered import Memory, Proofs, packed, unpacked
from generator.render.source import Source, error, read_source
from generator.render.structure import Manner, Slot, check_structure

UNKNOWN_NAME = Code(
    "RND013",
    "a variable that this template does not get",
    "Rendering would stop at it, perhaps only for the tenants that reach the line.",
)

GLOBALS: Final[dict[str, Any]] = {"fit": fit}
"""Functions that templates may call, beside Jinja2's own. All are pure."""

_UNFIT_GLOBALS: Final = ("lipsum",)
_UNFIT_FILTERS: Final = ("random",)
"""Left out: they give another result each time."""

_Contents = tuple[tuple[str, str, bytes], ...]
_RECENT: Final = 4
_recent: dict[_Contents, tuple[Templates | None, tuple[Diagnostic, ...]]] = {}
"""Templates that were loaded lately, kept for who asks again: the two sides of a change mostly have the same ones, and
to read and compile them takes longer than to render a fleet of a few tenants."""


class Template(Struct, frozen=True):
    """A template that renders files: its own source and, by name, those of all that it is made of (itself, and the
    partials that it includes), its place in the layout, and what compiles it."""

    source: Source
    place: layout.Place
    environment: jinja2.Environment
    parts: tuple[Source, ...]

    @property
    def name(self) -> str:
        """The path below the templates folder."""
        return self.source.name

    @property
    def is_shipped(self) -> bool:
        """Whether all that it is made of is the program's own."""
        return all(is_shipped(part.path) for part in self.parts)

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Name and text of all that it is made of: two of the same names and texts render the same."""
        return tuple((part.name, part.text) for part in self.parts)

    @property
    def compiled(self) -> jinja2.Template:
        """The template, compiled when it is first asked for: most changes need few of them."""
        return self.environment.get_template(self.name)


class Templates(Struct, frozen=True, eq=False):
    """All templates of a fleet, checked. `sources` has the partials as well, by the path shown to people; `slots` are
    those of all interpolations, by template name and offset."""

    by_scope: Mapping[layout.Scope, tuple[Template, ...]]
    sources: Mapping[str, Source]
    slots: Mapping[tuple[str, int], Slot]


class _Sandbox(ImmutableSandboxedEnvironment):
    """Expressions reach no attribute that begins with an underscore, and change nothing: a pull request may bring
    templates of its own, and rendering them must not run code of its author's choice.

    Whether an attribute is safe depends on the type that has it, so the answer is remembered.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._safe: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Whether an expression may read this attribute (called by Jinja2 for each)."""
        key = (type(obj), attr)
        if (safe := self._safe.get(key)) is None:
            safe = self._safe[key] = super().is_safe_attribute(obj, attr, value)
        return safe


def load_templates(
    folders: Sequence[Path], memory: Memory | None = None
) -> tuple[Templates | None, tuple[Diagnostic, ...]]:
    """Reads template folders; a file of a later folder replaces the one of the same name of an earlier folder.

    Gives None when any template has an error: a fleet rendered by half of its templates would delete what the others
    make. A folder that does not exist counts as empty. `memory` knows templates of earlier runs. Raises OSError when a
    file cannot be read.
    """
    files, misplaced = find(folders)
    contents = tuple((name, path, file.read_bytes()) for name, (path, file) in sorted(files.items()))
    if contents not in _recent:
        if len(_recent) >= _RECENT:
            del _recent[next(iter(_recent))]
        _recent[contents] = _loaded(contents, memory)
    templates, found = _recent[contents]
    faults = in_order([*misplaced, *found])
    return (None if has_errors(faults) else templates), faults


def _loaded(files: _Contents, memory: Memory | None) -> tuple[Templates | None, tuple[Diagnostic, ...]]:
    """The templates of files, each given by its name, the path shown to people, and its content."""
    faults: list[Diagnostic] = []
    texts: dict[str, tuple[str, str]] = {}
    for name, path, content in files:
        text, fault = decode(path, content)
        if fault is None:
            texts[name] = (path, text)
        else:
            faults.append(fault)
    proofs = Proofs(texts, memory, shipped=all(is_shipped(path) for _, path, _ in files))
    known = proofs.get() if not faults else None
    if known is not None:
        return recompiled(*unpacked(known, texts)), ()
    sources, slots = _checked(texts, dict.fromkeys(name for name, _, _ in files), faults)
    if has_errors(faults):
        return None, tuple(faults)
    if not faults:
        proofs.keep(packed(sources, slots))
    return recompiled(sources, slots), tuple(faults)


def _checked(
    texts: Mapping[str, tuple[str, str]], files: Mapping[str, object], faults: list[Diagnostic]
) -> tuple[dict[str, Source], dict[tuple[str, int], Slot]]:
    """The templates taken apart, and the slots of their interpolations; adds what is wrong with them."""
    reading = _environment(_Sandbox())
    sources: dict[str, Source] = {}
    for name, (path, text) in texts.items():
        source, found = read_source(name, path, text, reading)
        faults += found
        if source is not None:
            sources[name] = source
    return sources, _check(sources, files, frozenset(reading.globals), faults)


def _environment(environment: jinja2.Environment) -> jinja2.Environment:
    for name in _UNFIT_GLOBALS:
        environment.globals.pop(name, None)
    for name in _UNFIT_FILTERS:
        environment.filters.pop(name, None)
    environment.globals.update(GLOBALS)
    environment.keep_trailing_newline = True
    return environment


def _check(
    sources: Mapping[str, Source], files: Mapping[str, object], functions: frozenset[str], faults: list[Diagnostic]
) -> dict[tuple[str, int], Slot]:
    """Adds what is wrong with the templates' YAML and variables; the slots of all interpolations."""
    broken = {fault.location.path for fault in faults}
    slots: dict[tuple[str, int], Slot] = {}
    for source in sources.values():
        place = layout.place(source.name)
        if place is None:
            continue
        flat, missing = flatten(source, sources, files)
        faults += missing
        parts = {line.source.name: line.source for line in flat.lines}
        parts[source.name] = source
        faults += _unknown_names(parts.values(), layout.NAMES[place.scope], functions)
        if broken.isdisjoint(part.path for part in parts.values()):
            found, structural = check_structure(flat)
            slots |= found
            faults += structural
    return slots


def _unknown_names(parts: Iterable[Source], given: frozenset[str], functions: frozenset[str]) -> Iterator[Diagnostic]:
    """Variables that neither the scope gives nor a statement of the template or of a partial with it sets."""
    parts = list(parts)
    assigned = frozenset[str]().union(*(part.assigned for part in parts))
    known = given | functions
    for part in parts:
        for unknown in part.needed.keys() - known:
            if unknown in assigned and layout.is_partial(part.name):
                continue
            line = part.needed[unknown]
            yield error(
                UNKNOWN_NAME,
                f"there is no variable '{unknown}' here",
                part.locate_word(line, unknown),
                expected=listing(given | {*GLOBALS}),
                hint=did_you_mean(unknown, known | assigned),
            )


def recompiled(sources: Mapping[str, Source], slots: Mapping[tuple[str, int], Slot]) -> Templates:
    """Templates of sources that have been checked, by name; `slots` are those of all interpolations."""
    environment = compiled(sources, slots, lambda _, text: text)
    by_scope: dict[layout.Scope, list[Template]] = {scope: [] for scope in layout.Scope}
    for name, source in sources.items():
        if place := layout.place(name):
            by_scope[place.scope].append(Template(source, place, environment, _parts(source, sources)))
    return Templates(
        {scope: tuple(templates) for scope, templates in by_scope.items()},
        {source.path: source for source in sources.values()},
        slots,
    )


def _parts(source: Source, sources: Mapping[str, Source]) -> tuple[Source, ...]:
    """A template's own source and those of all partials that it includes, by name."""
    found: dict[str, Source] = {}
    waiting = [source]
    while waiting:
        part = waiting.pop()
        if part.name not in found:
            found[part.name] = part
            waiting += [sources[each.target] for each in part.statements if each.target in sources]
    return tuple(found[name] for name in sorted(found))


def compiled(
    sources: Mapping[str, Source], slots: Mapping[tuple[str, int], Slot], edited: Callable[[Source, str], str]
) -> jinja2.Environment:
    """An environment of the templates by name, each interpolation sent through its writer. `edited` may change a
    template's text before it is compiled; it must leave its lines where they are."""
    written: dict[str, tuple[str, str, None]] = {}
    for name, source in sources.items():
        if all((name, hole.start) in slots for hole in source.holes):  # else a partial that nothing includes
            written[name] = (edited(source, _with_writers(source, slots)), source.path, None)
    environment = _environment(
        _Sandbox(
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            cache_size=-1,
            auto_reload=False,
            loader=jinja2.FunctionLoader(written.get),
        )
    )
    environment.filters.update(
        write_behind_key=scalars.behind_key, write_in_list=scalars.in_list, write_in_flow=scalars.in_flow
    )
    return environment


def _with_writers(source: Source, slots: Mapping[tuple[str, int], Slot]) -> str:
    """The template's text with each interpolation sent through its writer. Lines stay where they are."""
    pieces: list[str] = []
    at = 0
    for hole in source.holes:
        slot = slots[source.name, hole.start]
        before = source.text[at : hole.start]
        match slot.manner:
            case Manner.BEHIND_KEY:
                before = before.rstrip(" ")
                writer = f"write_behind_key({slot.indent})"
            case Manner.IN_LIST:
                writer = f"write_in_list({slot.indent})"
            case Manner.IN_FLOW:
                writer = "write_in_flow"
        pieces += (before, "{{ (", hole.expression, ") | ", writer, " }}")
        at = hole.end
    return "".join(pieces) + source.text[at:]
