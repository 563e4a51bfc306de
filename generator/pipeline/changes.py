"""render → compare: what a change does to the fleet, and what the guards say of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.pipeline.inputs import FLEET_FILE, INPUTS, RENDERED, TEMPLATES, Validated, validate
from generator.pipeline.output import SHIPPED, Rendered, rendered_from

if TYPE_CHECKING:
    from generator.compare import Impact, Passed


@dataclass(frozen=True, slots=True)
class Diffed:
    """What the inputs change against `base`; `impact` is None when a side has errors. `passed` is what was approved."""

    base: str
    impact: Impact | None
    diagnostics: tuple[Diagnostic, ...]
    passed: tuple[Passed, ...] = ()


def diff(
    root: Path,
    base: str | None,
    *,
    committed: bool,
    when: tuple[datetime, datetime],
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Diffed:
    """render → compare for the inputs as they are and as they are in `base`, and what the guards say of it.

    `base` is a revision, a folder, or None for where this branch left the main one. `committed` compares rendered/
    itself. `when` are the first and the last instant of the change, in UTC. Raises
    `generator.load.revision.NoRevision`.
    """
    from generator.load.revision import commit_of, default_base, export, export_templates
    from generator.write import read

    def side(folder: Path, templates: Path) -> tuple[Validated, Rendered]:
        validated = validate(folder)
        if not committed or has_errors(validated.diagnostics):
            return validated, rendered_from(folder, validated, jobs, progress, templates)
        tree, faults = read(folder / RENDERED)
        return validated, Rendered(validated.fleet, tree, in_order([*validated.diagnostics, *faults]))

    after = side(root, SHIPPED)
    if after[1].tree is None:
        return Diffed(base or "", None, after[1].diagnostics)
    if base and (Path(base) / FLEET_FILE).is_file():
        return _judged(root, Path(base), base, side(Path(base), SHIPPED), after, when)
    with tempfile.TemporaryDirectory(prefix="tenantry-") as folder:
        commit = commit_of(root, base or default_base(root))
        exported = Path(folder) / "fleet"
        export(root, commit, (RENDERED, *INPUTS) if committed else INPUTS, exported)
        shipped = export_templates(root, commit, SHIPPED, Path(folder) / "shipped")
        return _judged(root, exported, base or commit[:12], side(exported, shipped), after, when)


def _inputs(root: Path, validated: Validated) -> set[tuple[str, str]]:
    """The path and the content of every input file and own template, formatting apart."""
    own = ((path.relative_to(root).as_posix(), path.read_bytes()) for path in (root / TEMPLATES).rglob("*.yaml"))
    return {
        (path, repr(content)) for path, content in (*own, *((each.path, each.data) for each in validated.documents))
    }


def _judged(
    root: Path,
    other: Path,
    base: str,
    before: tuple[Validated, Rendered],
    after: tuple[Validated, Rendered],
    when: tuple[datetime, datetime],
) -> Diffed:
    """compare, for two sides that have been rendered. The guards of the base hold: a change cannot loosen its own."""
    from generator.compare import Rules, Side, judge, no_base
    from generator.resolve.guards import approvals_of, guards_of

    (inputs_before, old), (inputs_after, new) = before, after
    if old.fleet is None or old.tree is None or new.fleet is None or new.tree is None:
        return Diffed(base, None, (*new.diagnostics, no_base(old.diagnostics, base)))
    rules = Rules(
        guards=guards_of(inputs_before.documents) or guards_of(inputs_after.documents),
        approvals=approvals_of(inputs_after.documents),
        documents=inputs_after.documents,
        changed=frozenset(path for path, _ in _inputs(other, inputs_before) ^ _inputs(root, inputs_after)),
        start=when[0],
        end=when[1],
    )
    impact, found, passed = judge(Side(old.fleet, old.tree), Side(new.fleet, new.tree), rules)
    return Diffed(base, impact, in_order([*new.diagnostics, *found]), passed)
