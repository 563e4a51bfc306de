"""load → resolve → place for two sides of a change: the inputs as they are, and as a commit of the fleet has them.

What both sides have in common is read and resolved once.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.pipeline.inputs import INPUTS, TEMPLATES, Validated, resolved, validate

if TYPE_CHECKING:
    from generator.render import Side, Templates
    from generator.resolve import Earlier

SHIPPED = Path(__file__).parents[1] / TEMPLATES
"""The program's own templates."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that rendering needs of one side; `side` is None when there are errors. `own` are the contents of the
    fleet's own templates by their paths."""

    validated: Validated
    side: Side | None
    diagnostics: tuple[Diagnostic, ...]
    own: dict[str, bytes]


def prepared(root: Path, validated: Validated, shipped: Path | None = None) -> Prepared:
    """One side, for inputs that have been resolved; `shipped` stand in for the program's own templates."""
    from generator.render import load_templates

    folder = root / TEMPLATES
    templates, found = load_templates((shipped or SHIPPED, *([folder] if folder.is_dir() else [])))
    return _prepared(validated, templates, found, _own(root))


def now(root: Path) -> tuple[Prepared, Earlier]:
    """The side of the inputs as they are, and what helps to resolve another one."""
    from generator.resolve import Earlier

    earlier = Earlier()
    return prepared(root, validate(root, earlier=earlier)), earlier


def committed(root: Path, commit: str, after: Prepared, earlier: Earlier) -> Prepared:
    """The side of a commit. Raises `generator.load.revision.NoRevision`."""
    from generator.load import load_commit
    from generator.load.revision import blobs, export, export_templates, is_unchanged

    with tempfile.TemporaryDirectory(prefix="tenantry-") as name:
        folder = Path(name) / "fleet"
        files = blobs(root, commit, INPUTS)
        if files is None:  # a link among them: only on a disk is it clear what it leads to
            export(root, commit, INPUTS, folder)
            validated = validate(folder, earlier=earlier)
        else:
            documents, found = load_commit(root, files, after.validated.documents)
            validated = resolved(documents, found, earlier)
            export(root, commit, (TEMPLATES,), folder)
        shipped = export_templates(root, commit, SHIPPED, Path(name) / "shipped")
        same = is_unchanged(root, commit, root / TEMPLATES) and (
            shipped == SHIPPED or is_unchanged(root, commit, SHIPPED)
        )
        if same and after.side is not None:
            return _prepared(validated, after.side.templates, (), after.own)
        return prepared(folder, validated, shipped)


def _prepared(
    validated: Validated, templates: Templates | None, found: tuple[Diagnostic, ...], own: dict[str, bytes]
) -> Prepared:
    from generator.render import Side

    diagnostics = in_order([*validated.diagnostics, *found])
    if validated.fleet is None or templates is None or has_errors(diagnostics):
        return Prepared(validated, None, diagnostics, own)
    return Prepared(validated, Side(validated.fleet, templates), diagnostics, own)


def _own(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted((root / TEMPLATES).rglob("*.yaml"))}
