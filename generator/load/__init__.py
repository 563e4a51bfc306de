"""The first stage: the files of a fleet's folder → documents with places, and everything that is wrong with each file.

What a file says about others (a tenant's tier, a region's provider) is the next stage's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.load.admission import admission_objects
from generator.load.characters import LIMIT
from generator.load.conformity import conformity
from generator.load.envelope import is_home, kind_of, misplaced, name_of
from generator.load.files import ADMISSION, InputFile, content, draft, input_files
from generator.load.reader import Reading, read, unread
from generator.load.schema import schema_of
from generator.load.unique import second_domains, second_names
from generator.model.document import Document

__all__ = ["LIMIT", "load_documents"]


def load_documents(
    root: Path, *, drafts: Mapping[str, bytes] | None = None, progress: Callable[[int, int], None] | None = None
) -> tuple[tuple[Document, ...], tuple[Diagnostic, ...]]:
    """Reads all input files below `root`: the documents in the order of their paths, admission
    policies last, and the faults of all files.

    `drafts` are files that are not written yet, or not yet so, path → content; they are read as if they stood there.
    `progress` is told (done, total) after each file.

    A file that cannot be read still gives a document (not valid, named after the file), so that links to it hold and
    one fault is not reported as many. Raises nothing for any content of the files.
    """
    drafts = drafts or {}
    files, found = input_files(root)
    kept = (file for file in files if file.path not in drafts)
    files = tuple(sorted((*kept, *map(draft, drafts)), key=lambda file: file.path))
    diagnostics = list(found)
    documents: list[Document] = []
    homed: list[Document] = []
    policies: list[Document] = []
    for number, file in enumerate(files, start=1):
        if progress is not None:
            progress(number, len(files))
        if file.kind == ADMISSION:
            found_here, faults = admission_objects(file)
            policies += found_here
        else:
            document, faults = _load(file, drafts.get(file.path))
            documents.append(document)
            homed += [document] if is_home(document, file) else []
        diagnostics += faults
    seconds = dict(second_names(homed))
    diagnostics += seconds.values()
    diagnostics += second_domains(documents)
    marked = (replace(document, valid=False) if document.path in seconds else document for document in documents)
    return (*marked, *policies), in_order(diagnostics)


def _load(file: InputFile, drafted: bytes | None) -> tuple[Document, tuple[Diagnostic, ...]]:
    """One file: its document, and its faults as far as it alone shows them."""
    raw, unreadable = content(file) if drafted is None else (drafted, ())
    reading = unread(file.path, unreadable) if unreadable else read(file.path, raw)
    kind = kind_of(reading.data, file)
    faults = (*reading.diagnostics, *_judge(reading, file, kind))
    name = name_of(reading.data, file)
    return Document(file.path, kind, name, reading.data, not has_errors(faults), reading.positions), faults


def _judge(reading: Reading, file: InputFile, kind: str) -> Iterator[Diagnostic]:
    """The faults of what was read, less those that only repeat why it could not be read."""
    data, positions = reading.data, reading.positions
    yield from misplaced(data, file, positions)
    if reading.broken:
        return
    says_kind = isinstance(data.get("kind"), str)
    for pointer, keyword, diagnostic in conformity(data, schema_of(kind), positions, reading.integral):
        if keyword == "const" and pointer == ("kind",) and says_kind:
            continue
        if keyword == "required" and pointer in reading.incomplete:
            continue
        if not any(pointer[:end] in reading.faulty for end in range(len(pointer) + 1)):
            yield diagnostic
