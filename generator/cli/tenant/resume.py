"""`tenantry tenant resume`: open a suspended tenant's routes again."""

from __future__ import annotations

from datetime import date

import click

from generator.cli.session import Session
from generator.cli.tenant import editing


@click.command("resume")
@editing.name
@editing.day
@editing.dry_run
@click.pass_obj
def command(session: Session, name: str, day: date, dry_run: bool) -> int:
    """Resume the suspended tenant NAME.

    Its workloads run and its routes are open again. Prints the path of the edited file.
    """
    from generator.model.tenant import State
    from generator.pipeline.lifecycle import enter_state

    return editing.carry_out(
        session, lambda root: enter_state(root, name, State.ACTIVE, day, write=not dry_run), dry_run=dry_run
    )
