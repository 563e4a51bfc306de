"""load → resolve → place for input files that are edited: nothing is written that would not be valid."""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.diagnostics import Code, Diagnostic, Severity, has_errors
from generator.pipeline.inputs import Validated, resolved, validate
from generator.source import Location

if TYPE_CHECKING:
    from generator.model.document import Document
    from generator.scaffold import Change

NO_CUT = Code(
    "LIF004",
    "a file that cannot be edited without being rewritten",
    "What an edit would have to rewrite (an alias, a merge, a tab) means more than the one value that is to change.",
)


class Edited(Struct, frozen=True):
    """An edit of an input file: its unified diff ("" when nothing changes), and every fault that it would bring.

    `written` is whether it was written. `after` are the inputs with the edit, None when there is no edit.
    `lines` say what was done and what is still to come.
    """

    path: str
    diff: str
    diagnostics: tuple[Diagnostic, ...]
    written: bool = False
    after: Validated | None = None
    lines: tuple[str, ...] = ()


def refused(path: str, diagnostics: Iterable[Diagnostic]) -> Edited:
    """No edit, and why."""
    return Edited(path, "", tuple(diagnostics))


def edit(root: Path, document: Document, changes: Iterable[Change], *, write: bool) -> Edited:
    """Makes the changes in the text of one input file, judges the whole fleet with it, and writes the file when that
    has no errors. Everything of the text that need not change stays as it is, to the byte."""
    from generator.load import load_documents
    from generator.load.reader import read
    from generator.scaffold import changed, edited
    from generator.write import put

    changes = tuple(changes)
    old = (root / document.path).read_bytes()
    mark = codecs.BOM_UTF8 if old.startswith(codecs.BOM_UTF8) else b""
    text = old.removeprefix(mark).decode()
    words = edited(text, changes)
    reading = read(document.path, words.encode()) if words is not None else None
    if words is None or reading is None or reading.data != changed(document.data, changes):
        return refused(document.path, (_no_cut(document.path),))
    new = mark + words.encode()
    diff = "".join(_unified(text, words, document.path))
    after = resolved(*load_documents(root, drafts={document.path: new}))
    written = write and new != old and not has_errors(after.diagnostics)
    if written:
        put(root / document.path, new)
    return Edited(document.path, diff, after.diagnostics, written, after)


def loaded(root: Path, kind: str, name: str) -> tuple[Validated, Document | None]:
    """The inputs, and one document of them; None where there is none of that name, or where the inputs have errors."""
    validated = validate(root)
    if validated.fleet is None or has_errors(validated.diagnostics):
        return validated, None
    return validated, next((each for each in validated.documents if (each.kind, each.name) == (kind, name)), None)


def _unified(old: str, new: str, path: str) -> Iterable[str]:
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{path}", f"b/{path}", n=3
    )
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _no_cut(path: str) -> Diagnostic:
    return Diagnostic(
        NO_CUT,
        Severity.ERROR,
        "the file is written in a way that this command cannot edit without rewriting it",
        Location(path),
        hint="edit it by hand, or write it without anchors, aliases and tabs",
    )
