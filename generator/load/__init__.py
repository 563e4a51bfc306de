"""The first stage: the files of a fleet's folder → documents with places, and everything that is wrong with each file.

What a file says about others (a tenant's tier, a region's provider) is the next stage's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.load.admission import admission_objects
from generator.load.cache import Cache, parsed
from generator.load.characters import LIMIT, decode
from generator.load.committed import Committed
from generator.load.committed import read as read_committed
from generator.load.conformity import conformity
from generator.load.envelope import is_home, kind_of, misplaced, name_of
from generator.load.files import ADMISSION, InputFile, content, draft, find, input_files
from generator.load.listing import Listing, listing
from generator.load.positions import Positions
from generator.load.reader import Reading, read, unread
from generator.load.schema import schema_of
from generator.load.shapes import Shapes
from generator.load.unique import second_domains, second_names
from generator.model.document import Document
from generator.revision import blob_id

__all__ = [
    "LIMIT",
    "Listing",
    "committed_inputs",
    "listing",
    "load_commit",
    "load_documents",
    "load_part",
]

_FEWEST_TOLD: Final = 100
"""Files between two reports of progress: a report for each would take as long as reading it from the cache."""


def load_documents(
    root: Path,
    *,
    drafts: Mapping[str, bytes] | None = None,
    progress: Callable[[int, int], None] | None = None,
    listed: Listing | None = None,
) -> tuple[tuple[Document, ...], tuple[Diagnostic, ...]]:
    """Reads all input files below `root`: the documents in the order of their paths, admission
    policies last, and the faults of all files.

    `drafts` are files that are not written yet, or not yet so, path → content; they are read as if they stood there.
    `progress` is told (done, total) now and then. With `listed`, what has been read before is not read again.

    A file that cannot be read still gives a document (not valid, named after the file), so that links to it hold and
    one fault is not reported as many. Raises nothing for any content of the files.
    """
    drafted = {path: (raw, ()) for path, raw in (drafts or {}).items()}
    files, found = input_files(root) if listed is None else (listed.files, listed.found)
    kept = (file for file in files if file.path not in drafted)
    files = tuple(sorted((*kept, *map(draft, drafted)), key=lambda file: file.path))

    def read_file(file: InputFile) -> tuple[bytes, tuple[Diagnostic, ...]]:
        return drafted.get(file.path) or (content(file) if listed is None else listed.content(file))

    return _documents(files, found, read_file, {}, progress)


def load_part(listed: Listing, paths: Collection[str]) -> tuple[tuple[Document, ...], tuple[Diagnostic, ...]]:
    """`load_documents`, as if only some of the files stood there."""
    files = [file for file in listed.files if file.path in paths]
    return _documents(files, listed.found, listed.content, {}, None, len(listed.files))


def load_commit(
    root: Path, blobs: dict[str, str], known: Iterable[Document]
) -> tuple[tuple[Document, ...], tuple[Diagnostic, ...]]:
    """`load_documents`, for the files of a commit: `blobs` leads from their paths to what git keeps there.

    A document of `known` that has the path and the content of one of them, and no fault, stands for it: the very same
    object, so that what was made of it need not be made again. Raises `generator.revision.NoRevision` when the
    clone lacks a file.
    """
    committed = Committed(blobs)
    files, found = find("", committed)
    same = _unchanged(known, blobs)
    raw = dict(read_committed(root, committed, (file for file in files if file.path not in same)))
    return _documents(files, found, lambda file: (raw[file.path], ()), same, None)


def committed_inputs(blobs: dict[str, str]) -> dict[str, str]:
    """The input files among those of a commit, as `listing` has them of a folder: path → blob id."""
    files, _ = find("", Committed(blobs))
    return {file.path: blobs[file.path] for file in files}


def _unchanged(known: Iterable[Document], blobs: Mapping[str, str]) -> dict[str, list[Document]]:
    """The documents of those files that are the same in a commit, and sound."""
    by_path: dict[str, list[Document]] = {}
    for document in known:
        by_path.setdefault(document.path, []).append(document)
    return {
        path: documents
        for path, documents in by_path.items()
        if all(document.valid and document.blob == blobs.get(path) for document in documents)
    }


def _documents(
    files: Sequence[InputFile],
    found: Iterable[Diagnostic],
    read_file: Callable[[InputFile], tuple[bytes, tuple[Diagnostic, ...]]],
    known: Mapping[str, list[Document]],
    progress: Callable[[int, int], None] | None,
    among: int = 0,
) -> tuple[tuple[Document, ...], tuple[Diagnostic, ...]]:
    """The documents of some files, of so many: `among` decides whether it pays to open the cache."""
    diagnostics = list(found)
    documents: list[Document] = []
    homed: list[Document] = []
    policies: list[Document] = []
    shapes = Shapes()
    with parsed(among or len(files) - len(known)) as cache:
        for number, file in enumerate(files, start=1):
            if progress is not None and (number % _FEWEST_TOLD == 0 or number == len(files)):
                progress(number, len(files))
            faults: tuple[Diagnostic, ...] = ()
            if file.path in known:
                made = known[file.path]
            elif file.kind == ADMISSION:
                made, faults = admission_objects(file.path, *read_file(file))
            else:
                made, faults = _load(file, *read_file(file), cache, shapes)
            if file.kind == ADMISSION:
                policies += made
            else:
                documents += made
                homed += [document for document in made if is_home(document, file)]
            diagnostics += faults
    seconds = dict(second_names(homed))
    diagnostics += seconds.values()
    diagnostics += second_domains(documents)
    marked = (replace(document, valid=False) if document.path in seconds else document for document in documents)
    return (*marked, *policies), in_order(diagnostics)


def _load(
    file: InputFile, raw: bytes, unreadable: tuple[Diagnostic, ...], cache: Cache, shapes: Shapes
) -> tuple[list[Document], tuple[Diagnostic, ...]]:
    """One file: its document, and its faults as far as it alone shows them."""
    blob = "" if unreadable else blob_id(raw)
    sound = None if unreadable else _sound(file, raw, cache, shapes)
    if sound is not None:
        data, positions = sound
        return [Document(file.path, kind_of(data, file), name_of(data, file), data, True, positions, blob)], ()
    reading = unread(file.path, unreadable) if unreadable else read(file.path, raw)
    kind = kind_of(reading.data, file)
    faults = (*reading.diagnostics, *_judge(reading, file, kind))
    if not faults:
        cache.keep(cache.key(file.kind, file.stem, raw), reading.data)
    name = name_of(reading.data, file)
    return [Document(file.path, kind, name, reading.data, not has_errors(faults), reading.positions, blob)], faults


def _sound(file: InputFile, raw: bytes, cache: Cache, shapes: Shapes) -> tuple[dict[str, Any], Positions] | None:
    """What a file holds without being read as a whole, if nothing is wrong with it: many are like another, and others
    have been read before."""
    source, faults = decode(file.path, raw)
    if source is None or faults:
        return None
    positions = Positions(source)
    if file.kind == "Tenant":
        data = shapes.data(source.text)
        if data is not None:
            faulty = any(_judge(Reading(data, positions), file, kind_of(data, file)))
            return None if faulty else (data, positions)
    data = cache.get(cache.key(file.kind, file.stem, raw))
    return None if data is None else (data, positions)


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
