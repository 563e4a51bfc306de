"""`tenantry tenant move`: the next step of a tenant's way to another cell."""

from __future__ import annotations

from datetime import date

import click

from generator.cli.session import Session
from generator.cli.tenant import editing


@click.command("move")
@editing.name
@click.option("--to", "to", required=True, metavar="CLUSTER", help="The cluster to move to.")
@click.option("--from", "away", metavar="CLUSTER", help="The cluster to leave.  [default: the primary's]")
@click.option(
    "--identity",
    metavar="CLUSTER=ID",
    help="Its cloud identity on the new cluster, where the provider derives none.",
)
@editing.day
@editing.dry_run
@click.pass_obj
def command(
    session: Session,
    name: str,
    to: str,
    away: str | None,
    identity: str | None,
    day: date,
    dry_run: bool,
) -> int:
    """Take the next step of moving the tenant NAME.

    It says which steps are still to come. They are reviewed and merged one by one: a standby is added on the new
    cluster, the two swap their roles, the
    old one is left (--from). None is taken on the day of the one before.
    """
    from generator.pipeline.lifecycle import move
    from generator.scaffold import Wanted

    given = (identity or "").removeprefix(f"{to}=")
    if identity is not None and given in (identity, ""):
        raise click.UsageError(f"'{identity}' does not begin with '{to}=' and go on with an identity")
    wanted = Wanted(to, away or "", given)
    return editing.carry_out(session, lambda root: move(root, name, wanted, day, write=not dry_run), dry_run=dry_run)
