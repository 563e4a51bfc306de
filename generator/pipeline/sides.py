"""load → resolve → place for two sides of a change: the inputs as they are, and as a commit of the fleet has them.

What both sides have in common is read and resolved once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.pipeline.batch import uncollected
from generator.pipeline.inputs import INPUTS, TEMPLATES, Validated, resolved, validate
from generator.pipeline.narrow import Part, part, parts
from generator.pipeline.standing import remember

if TYPE_CHECKING:
    from generator.load import Listing
    from generator.render import Side, Templates
    from generator.resolve import Earlier

SHIPPED = Path(__file__).parents[1] / TEMPLATES
"""The program's own templates."""


class Prepared(Struct, frozen=True):
    """All that rendering needs of one side; `side` is None when there are errors. `own` are the contents of the
    fleet's own templates by their paths."""

    validated: Validated
    side: Side | None
    diagnostics: tuple[Diagnostic, ...]
    own: dict[str, bytes]


def prepared(root: Path, validated: Validated, shipped: Path | None = None) -> Prepared:
    """One side, for inputs that have been resolved; `shipped` stand in for the program's own templates."""
    from generator.load.cache import parsed
    from generator.render import load_templates

    folder = root / TEMPLATES
    with parsed(validated.files) as cache:
        folders = (shipped or SHIPPED, *([folder] if folder.is_dir() else []))
        templates, found = load_templates(folders, cache or None)
    return _prepared(validated, templates, found, _own(root))


class Narrowed(Struct, frozen=True):
    """The sides of a commit and of the inputs as they are, each with the tenants that can differ and some more. Both
    lack the same others, who have so many `bundles` and are the same on both."""

    before: Prepared
    after: Prepared
    bundles: int


@uncollected()
def inspected(root: Path, *, progress: Callable[[int, int], None] | None = None) -> Validated:
    """`validate`, for who asks what is wrong and what all tenants share: tenants may be missing from documents and
    fleet with whom nothing is wrong."""
    from generator.load import listing

    listed = listing(root)
    found = part(root, listed)
    return found.validated if found is not None else _validated(root, listed, progress=progress)


def now(root: Path, listed: Listing | None = None) -> tuple[Prepared, Earlier]:
    """The side of the inputs as they are, and what helps to resolve another one. `listed` has been read before."""
    from generator.resolve import Earlier

    earlier = Earlier()
    validated = validate(root, earlier=earlier) if listed is None else _validated(root, listed, earlier)
    return prepared(root, validated), earlier


def narrowed(
    root: Path, commit: str, listed: Listing, seen: tuple[Part, Prepared, Earlier] | None = None
) -> Narrowed | None:
    """Both sides of a change as far as it reaches; None where it takes whole sides to know that, or where anything is
    wrong. `seen` are the part of the folder that was looked at before, and what was made of it. Raises
    `generator.revision.NoRevision`."""
    from generator.render import reads_all_tenants
    from generator.resolve import Earlier

    folder, ready, earlier = seen or (None, None, Earlier())
    found = parts(root, commit, listed, earlier, folder)
    if found is None:
        return None
    after = ready if ready is not None and found[1] is folder else prepared(root, found[1].validated)
    before = _committed(root, commit, after, found[0].validated)
    for each in (before, after):
        if each.side is None or reads_all_tenants(each.side.templates):
            return None
    if before.side is None or after.side is None or before.side.templates is not after.side.templates:
        return None  # a template that differs reaches tenants that do not
    return Narrowed(before, after, found[1].bundles)


def _validated(
    root: Path,
    listed: Listing,
    earlier: Earlier | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Validated:
    """All inputs, and what is known of them the next time."""
    validated = validate(root, progress=progress, earlier=earlier, listed=listed)
    remember(root, listed, validated.documents, validated.fleet, validated.diagnostics)
    return validated


def committed(root: Path, commit: str, after: Prepared, earlier: Earlier) -> Prepared:
    """The side of a commit. Raises `generator.revision.NoRevision`."""
    import tempfile

    from generator.load import load_commit
    from generator.revision import blobs, export

    files = blobs(root, commit, INPUTS)
    if files is not None:
        documents, found = load_commit(root, files, after.validated.documents)
        return _committed(root, commit, after, resolved(documents, found, earlier))
    with tempfile.TemporaryDirectory(prefix="tenantry-") as name:
        # A link among them: only on a disk is it clear what it leads to.
        export(root, commit, INPUTS, Path(name))
        return _committed(root, commit, after, validate(Path(name), earlier=earlier), INPUTS)


def _committed(
    root: Path, commit: str, after: Prepared, validated: Validated, names: tuple[str, ...] = (TEMPLATES,)
) -> Prepared:
    """The side of a commit whose inputs have been resolved. Of its folder, `names` are what templates need."""
    from generator.revision import export, export_templates, has_history, is_unchanged

    def same(folder: Path) -> bool:
        return is_unchanged(root, commit, folder)

    if after.side is not None and same(root / TEMPLATES) and (not has_history(root, commit, SHIPPED) or same(SHIPPED)):
        return _prepared(validated, after.side.templates, (), after.own)
    import tempfile

    with tempfile.TemporaryDirectory(prefix="tenantry-") as name:
        folder = Path(name) / "fleet"
        export(root, commit, names, folder)
        shipped = export_templates(root, commit, SHIPPED, Path(name) / "shipped")
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
