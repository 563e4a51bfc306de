"""Findings → the objects that they are about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from generator.check.objects import Rendered, read
from generator.diagnostics import Diagnostic, Severity
from generator.model.tree import Tree

_RENDERED: Final = "rendered/"


def owners(tree: Tree, findings: Iterable[Diagnostic]) -> dict[Diagnostic, Rendered]:
    """The object in which each finding stands; none for a finding about a file as a whole. Reads only their files."""
    by_file: dict[str, list[Diagnostic]] = {}
    for finding in findings:
        path = finding.location.path.removeprefix(_RENDERED)
        if finding.location.line and path in tree.files:
            by_file.setdefault(path, []).append(finding)
    found: dict[Diagnostic, Rendered] = {}
    for path, here in by_file.items():
        objects = read(path, tree.files[path]).objects
        for finding in here:
            # The last object that begins at or above the finding.
            above = [rendered for rendered in objects if rendered.line <= finding.location.line]
            if above:
                found[finding] = above[-1]
    return found


def failed(tree: Tree, findings: Iterable[Diagnostic]) -> int:
    """How many objects have an error."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    return len({(rendered.path, rendered.index) for rendered in owners(tree, errors).values()})
