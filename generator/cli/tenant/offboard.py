"""`tenantry tenant offboard`: let a suspended tenant leave, in two steps."""

from __future__ import annotations

from datetime import date

import click

from generator.cli.session import Session
from generator.cli.tenant import editing


@click.command("offboard")
@editing.name
@click.option("--finish", is_flag=True, help="The last step: offboarding becomes offboarded.")
@editing.day
@editing.dry_run
@click.pass_obj
def command(session: Session, name: str, finish: bool, day: date, dry_run: bool) -> int:
    """Offboard the suspended tenant NAME.

    The first step is offboarding: a last export and backup run, then the data is erased where a framework asks for it.
    It cannot be undone. The second, with --finish, is offboarded: nothing but the audit record is left. It is refused
    until the longest time is over that a framework of the tenant wants backups to be kept for.
    """
    from generator.model.tenant import State
    from generator.pipeline.lifecycle import enter_state

    target = State.OFFBOARDED if finish else State.OFFBOARDING
    return editing.carry_out(
        session, lambda root: enter_state(root, name, target, day, write=not dry_run), dry_run=dry_run
    )
