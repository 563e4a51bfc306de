"""`tenantry review`: everything that a change has to pass before it is merged, at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from generator.cli import options
from generator.cli.days import When, this_moment
from generator.cli.group import FINDINGS, FINE
from generator.cli.impact import differing, told
from generator.cli.session import Session, counted, fails, put, say, shown, weighed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from generator.diagnostics import Diagnostic
    from generator.pipeline.reviewing import Reviewed

_HEADING = "Findings"
_PAGE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command("review")
@click.argument("base", required=False)
@click.option("--check", is_flag=True, help="Write nothing: rendered/ has to be what the inputs render to.")
@click.option("--strict", is_flag=True, help="Fail on warnings, and on objects that could not be checked, too.")
@click.option("--no-kubeconform", is_flag=True, help="Leave kubeconform out, which runs where it is installed.")
@click.option("--date", "when", type=When(), metavar="DATE", help="When the change takes place.  [default: now]")
@click.option("--markdown", type=_PAGE, metavar="FILE", help="Write a comment for the pull request, too.")
@click.option("--html", type=_PAGE, metavar="FILE", help="Write a page for a browser, too.")
@options.jobs
@options.review_format
@click.pass_obj
def command(
    session: Session,
    base: str | None,
    check: bool,
    strict: bool,
    no_kubeconform: bool,
    when: tuple[datetime, datetime] | None,
    markdown: Path | None,
    html: Path | None,
    jobs: int | None,
    format: str,  # noqa: A002
) -> int:
    """Validate, render, check and show what the inputs change, against BASE.

    What `validate`, `render --since`, `check --since` and `diff` do, in one run: only what can differ is rendered, only
    the cells whose output differs are checked. BASE is a git revision; without it, the commit at which this branch left
    the main one. Exits with 1 when any of the four would.
    """
    from generator.cli.check import unseen
    from generator.cli.progress import Bar
    from generator.pipeline.checks import Looking
    from generator.pipeline.reviewing import Reviewing, review

    now = this_moment()
    with Bar("reviewing") as bar:
        looking = Looking(not no_kubeconform, jobs=jobs, progress=bar)
        how = Reviewing(when or (now, now), now.date(), looking, check)
        reviewed = review(session.root(), base, how)
    everything = reviewed.diagnostics
    findings = shown(everything, format, notes=strict)
    put(_page(session, reviewed, findings, format, strict))
    for file, kind in ((markdown, "markdown"), (html, "html")):
        if file is not None:
            file.write_text(_page(replace(session, color=False), reviewed, everything, kind, strict), encoding="utf-8")
    _summarize(reviewed, everything, len(everything) - len(findings))
    seen = reviewed.checked is not None and not unseen(reviewed.checked, strict=strict)
    return FINE if seen and not fails(everything, strict=strict) else FINDINGS


def _page(
    session: Session,
    reviewed: Reviewed,
    findings: Sequence[Diagnostic],
    format: str,  # noqa: A002
    strict: bool,
) -> str:
    """What the change does, and all that was found."""
    from generator.cli import check, render
    from generator.pipeline.changes import Diffed

    differences, checked = reviewed.settled.differences, reviewed.checked
    counts = {
        "files": reviewed.files,
        **(render.counts_of(differences) if differences is not None else {}),
        **(check.counts_of(checked) if checked is not None else {}),
    }
    diffed = reviewed.diffed or Diffed(reviewed.base, None, ())
    data = render.data_of(differences) if differences is not None else {}
    return told(session, diffed, findings, format, heading=_HEADING, counts=counts, data=data, strict=strict)


def _summarize(reviewed: Reviewed, everything: Sequence[Diagnostic], hidden: int) -> None:
    """A line for each step, as its own command ends."""
    from generator.cli import check, render

    settled, checked, diffed = reviewed.settled, reviewed.checked, reviewed.diffed
    say(f"validate: {counted(reviewed.files, 'file')}")
    if settled.differences is not None:
        if settled.whole:
            say(f"render: everything was rendered: {settled.whole}")
        again = " rendered again" if settled.part else ""
        say(f"render: {counted(settled.files, 'file')}{again}: {render.told(settled.differences)}")
    if checked is not None:
        check.summarize(checked, hidden)
    if diffed is not None and diffed.impact is not None:
        say(f"diff: against {diffed.base}: {differing(diffed.impact)}")
    say(f"review: {weighed(everything)}")
