"""`tenantry diff`: what a change of the inputs does to every cluster, and whether the guards let it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from generator.cli import options
from generator.cli.days import When, this_moment
from generator.cli.group import FINDINGS, FINE
from generator.cli.session import Session, colored, counted, put, say, weighed

if TYPE_CHECKING:
    from datetime import datetime

    from generator.pipeline.changes import Diffed


@click.command("diff")
@click.argument("base", required=False)
@click.option("--committed", is_flag=True, help="Compare rendered/ as it stands on both sides, and render nothing.")
@click.option("--date", "when", type=When(), metavar="DATE", help="When the change takes place.  [default: now]")
@options.jobs
@click.option(
    "--format",
    type=click.Choice(["text", "markdown", "html", "json", "github"]),
    default="text",
    show_default=True,
    help="For people, for a comment on a pull request, as a page for a browser, for programs, as annotations of GitHub "
    "Actions.",
)
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
    _report(session, diffed, format)
    if diffed.impact is None:
        say(f"diff: nothing compared: {weighed(diffed.diagnostics)}")
        return FINDINGS
    objects = counted(len(diffed.impact.changes), "object")
    say(f"diff: against {diffed.base}: {objects} differ; {weighed(diffed.diagnostics)}")
    return FINDINGS if has_errors(diffed.diagnostics) else FINE


def _report(session: Session, diffed: Diffed, format: str) -> None:  # noqa: A002
    """Standard output: the report, then what the guards found."""
    impact = diffed.impact
    if impact is None:
        session.report(diffed.diagnostics, "text" if format == "html" else format)
    elif format == "markdown":
        from generator.compare.markdown import markdown

        put(markdown(impact, diffed.diagnostics, diffed.passed))
    elif format == "html":
        from generator.compare.html import html

        put(html(impact, diffed.diagnostics, diffed.passed, diffed.base))
    elif format == "json":
        from generator.compare.structured import structured

        data = {"base": diffed.base, **structured(impact, diffed.passed)}
        session.report(diffed.diagnostics, format, counts={"changes": len(impact.changes)}, data=data)
    else:
        from generator.compare.text import text

        if format == "text":
            put(text(impact, diffed.passed, color=colored(sys.stdout, session.color)))
            put("\n" if diffed.diagnostics else "")
        session.report(diffed.diagnostics, format)
