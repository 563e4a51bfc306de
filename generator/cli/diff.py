"""`tenantry diff`: what a change of the inputs does to every cluster, and whether the guards let it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli import options
from generator.cli.days import When, this_moment
from generator.cli.group import FINDINGS, FINE
from generator.cli.impact import differing, told
from generator.cli.session import Session, put, say, weighed

if TYPE_CHECKING:
    from datetime import datetime


@click.command("diff")
@click.argument("base", required=False)
@click.option("--committed", is_flag=True, help="Compare rendered/ as it stands on both sides, and render nothing.")
@click.option("--date", "when", type=When(), metavar="DATE", help="When the change takes place.  [default: now]")
@options.jobs
@options.impact_format
@click.pass_obj
def command(
    session: Session,
    base: str | None,
    committed: bool,
    when: tuple[datetime, datetime] | None,
    jobs: int | None,
    format: str,  # noqa: A002
) -> int:
    """Show what the inputs change, against BASE.

    BASE is a git revision or the folder of another fleet; without it, the commit at which this branch left the main
    one. Both sides are rendered and compared object by object. Exits with 1 when a guard of policies/guards.yaml
    stops the change and no approval in approvals/ lets it through.
    """
    from generator.cli.progress import Bar
    from generator.diagnostics import has_errors
    from generator.pipeline import changes

    now = this_moment()
    with Bar("rendering") as bar:
        diffed = changes.diff(
            session.root(), base, committed=committed, when=when or (now, now), jobs=jobs, progress=bar
        )
    # A page of nothing would look like a change that changes nothing.
    form = "text" if diffed.impact is None and format == "html" else format
    put(told(session, diffed, diffed.diagnostics, form))
    if diffed.impact is None:
        say(f"diff: nothing compared: {weighed(diffed.diagnostics)}")
        return FINDINGS
    say(f"diff: against {diffed.base}: {differing(diffed.impact)}; {weighed(diffed.diagnostics)}")
    return FINDINGS if has_errors(diffed.diagnostics) else FINE
