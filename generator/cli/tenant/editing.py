"""What the commands that edit a tenant's file share: their options, and how they say what they did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.days import Day, today
from generator.cli.group import FINDINGS, FINE
from generator.cli.session import Session, put, say, weighed
from generator.cli.tenant import names

if TYPE_CHECKING:
    from generator.pipeline.edits import Edited

name = click.argument("name", shell_complete=names.tenants)
dry_run = click.option("--dry-run", is_flag=True, help="Print the change as a diff, and write nothing.")
day = click.option(
    "--date",
    "day",
    type=Day(),
    default=today,
    metavar="DATE",
    help="The day on which it is done.  [default: today, in UTC]",
)


def carry_out(session: Session, edit: Callable[[Path], Edited], *, dry_run: bool) -> int:
    """Runs an edit and says what came of it: the path or the diff on standard output, the rest beside it."""
    from generator.diagnostics import has_errors
    from generator.pipeline.lifecycle import NoTenant

    try:
        edited = edit(session.root())
    except NoTenant as unknown:
        names.known("tenant", unknown.name, unknown.names)
        raise
    if edited.diagnostics:
        session.explain(edited.diagnostics)
    if has_errors(edited.diagnostics):
        say(f"tenant: nothing written: {weighed(edited.diagnostics)}")
        return FINDINGS
    if not edited.diff:
        say("tenant: nothing to change")
    elif dry_run:
        put(edited.diff)
    else:
        put(f"{edited.path}\n")
    for line in edited.lines:
        say(line)
    return FINE
