"""Whether every cell of the fleet has output at all: what is not there, no other check can look at."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from generator.diagnostics import Code, Diagnostic, Severity
from generator.model.tree import Tree
from generator.source import Location

NO_OUTPUT: Final = Code(
    "CHK071",
    "a cell without output",
    "Nothing of it was looked at, and Argo CD finds an empty folder where its Applications were.",
)


def check(tree: Tree, clusters: Collection[str]) -> Iterator[Diagnostic]:
    """The cells, by name, that the output has no file of."""
    present = {path.partition("/")[0] for path in tree.files}
    for name in sorted(set(clusters) - present):
        yield Diagnostic(
            code=NO_OUTPUT,
            severity=Severity.ERROR,
            message=f"there is no output of cell {name}",
            location=Location(f"rendered/{name}"),
            expected=f"a folder rendered/{name}",
            hint="run `tenantry render`, or take the cell out of its region's file",
        )
