"""`tenantry tenant suspend`: take a tenant's routes and workloads down, and keep its data."""

from __future__ import annotations

from datetime import date

import click

from generator.cli.session import Session
from generator.cli.tenant import editing


@click.command("suspend")
@editing.name
@editing.day
@editing.dry_run
@click.pass_obj
def command(session: Session, name: str, day: date, dry_run: bool) -> int:
    """Suspend the tenant NAME and keep its data.

    Its routes are closed, its workloads stop. Prints the path of the edited file. `tenant resume` undoes it; `tenant
    offboard` goes on from there.
    """
    from generator.model.tenant import State
    from generator.pipeline.lifecycle import enter_state

    return editing.carry_out(
        session, lambda root: enter_state(root, name, State.SUSPENDED, day, write=not dry_run), dry_run=dry_run
    )
