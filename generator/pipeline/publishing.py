"""check → publish: rendered output on its branches."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from generator.diagnostics import has_errors
from generator.pipeline.checks import checked_tree, contracts_of
from generator.pipeline.output import Rendered

if TYPE_CHECKING:
    from generator.publish import Outcome


def publish(
    root: Path,
    rendered: Rendered,
    *,
    repository: str,
    branch: str,
    per_environment: bool,
    dry_run: bool,
    today: date | None,
    jobs: int | None = None,
) -> Outcome:
    """check → publish: puts a rendered tree on its branches, if the checks find no error in it.

    The tree must have come from `render` without errors, or from `join_parts`, whose parts have been checked: then
    `today` is None. Otherwise it is a day in UTC: what is known until then passes. `jobs` is the number of processes
    that check it; None chooses by the number of files.
    """
    from generator.publish import Outcome, Request
    from generator.publish import publish as publish_tree

    if rendered.fleet is None or rendered.tree is None:
        raise ValueError("only what has been rendered without errors can be published")
    if today is not None:
        checked = checked_tree(rendered.fleet, rendered.tree, contracts_of(root), today, jobs=jobs)
        if has_errors(checked.diagnostics):
            return Outcome("", (), checked.diagnostics)
    environments = {cluster.name: cluster.environment for cluster in rendered.fleet.clusters}
    request = Request(
        root=root,
        repository=repository,
        branch=branch,
        per_environment=environments if per_environment else None,
        dry_run=dry_run,
        fleet=rendered.fleet.name,
    )
    return publish_tree(rendered.tree, request)
