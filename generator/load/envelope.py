"""What the place of a file says about its object: the kind that belongs there, and the name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from generator.diagnostics import Code, Diagnostic, Severity, did_you_mean
from generator.load.files import FOLDERS, InputFile
from generator.load.positions import Positions
from generator.load.schema import SCHEMAS
from generator.model.document import Document

KIND: Final = Code(
    "INP030", "kind in the wrong folder", "the file would be read as something that it is not, or not at all"
)
NAME: Final = Code(
    "INP031", "name differs from the file's", "nobody would find the object by its name, nor notice a second one"
)


def kind_of(data: dict[str, Any], file: InputFile) -> str:
    """The kind whose schema the file is read by: what it says when there is such a kind, else what belongs there."""
    kind = data.get("kind")
    return kind if isinstance(kind, str) and kind in SCHEMAS else file.kind


def name_of(data: dict[str, Any], file: InputFile) -> str:
    """`metadata.name`, or the name that the file's own name promises when that cannot be read."""
    metadata = data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else file.stem


def is_home(document: Document, file: InputFile) -> bool:
    """Whether kind and name are those of the file's place; what is misplaced is not also called a second one."""
    return document.kind == file.kind and document.name == (file.stem or document.name)


def misplaced(data: dict[str, Any], file: InputFile, positions: Positions) -> Iterator[Diagnostic]:
    """Where kind or name do not agree with where the file stands."""
    kind = data.get("kind")
    folder = file.path.rpartition("/")[0] if file.kind != "Tenant" else "tenants"
    if isinstance(kind, str) and kind != file.kind:
        home = next((folder for folder, own in FOLDERS.items() if own == kind), "")
        where = f"{folder}/ holds" if file.stem else f"{file.path} is of"
        hint = f"write kind: {file.kind}" + (f", or move the file to {home}/" if home else "")
        yield Diagnostic(
            KIND,
            Severity.ERROR,
            f"{where} kind {file.kind}, and this file says otherwise",
            positions(("kind",)),
            found=f"'{kind}'",
            expected=file.kind,
            hint=hint if kind in SCHEMAS else did_you_mean(kind, SCHEMAS) or hint,
        )
    name = name_of(data, file)
    if file.stem and name != file.stem:
        yield Diagnostic(
            NAME,
            Severity.ERROR,
            f"the name must be that of the file, {file.path.rpartition('/')[2]}",
            positions(("metadata", "name")),
            found=f"'{name}'",
            expected=f"'{file.stem}'",
            hint=f"write name: {file.stem}, or rename the file to {name}.yaml",
        )
