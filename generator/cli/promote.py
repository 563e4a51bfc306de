"""`tenantry promote`: a release goes to the next ring."""

from __future__ import annotations

from typing import Final

import click

from generator.cli.days import this_moment
from generator.cli.group import FINDINGS, FINE
from generator.cli.session import Session, put, say, weighed
from generator.cli.tenant import names

_RINGS: Final = ("canary", "early", "stable")
"""`generator.model.platform.RINGS`, here so that help needs no model."""


@click.command("promote")
@click.argument("platform", shell_complete=names.platforms)
@click.option("--to", "ring", required=True, type=click.Choice(_RINGS), help="The ring that gets the release.")
@click.option(
    "--environment",
    type=click.Choice(["production", "staging", "development"]),
    default="production",
    show_default=True,
    help="The environment of the clusters.",
)
@click.option("--service", "services", multiple=True, metavar="NAME", help="This service only; repeat for more.")
@click.option("--rollback", is_flag=True, help="Take the ring back to what the ring after it runs.")
@click.option("--dry-run", is_flag=True, help="Show the change, and write nothing.")
@click.pass_obj
def command(
    session: Session,
    platform: str,
    ring: str,
    environment: str,
    services: tuple[str, ...],
    rollback: bool,
    dry_run: bool,
) -> int:
    """Take a release of PLATFORM to the next ring.

    The rings are canary, early and stable: a ring gets what the one before it runs. Edits the platform's file, shows
    that as a diff, and says what it changes in the fleet. A ring is never skipped, and nothing goes back to an older
    release but by --rollback.
    """
    from generator.diagnostics import has_errors
    from generator.pipeline import promoting
    from generator.scaffold import Step

    step = Step(environment, ring, services, rollback)
    try:
        edited = promoting.promote(session.root(), platform, step, this_moment(), write=not dry_run)
    except promoting.NoPlatform as unknown:
        names.known("platform", unknown.name, unknown.names)
        raise
    if edited.diagnostics:
        session.explain(edited.diagnostics)
    if has_errors(edited.diagnostics):
        say(f"promote: nothing written: {weighed(edited.diagnostics)}")
        return FINDINGS
    put(edited.diff)
    for line in edited.lines:
        say(line)
    if edited.written:
        say(f"promote: {edited.path} is changed; `tenantry diff` shows what it does")
    return FINE
