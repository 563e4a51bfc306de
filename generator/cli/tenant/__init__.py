"""`tenantry tenant …`: the fleet's tenants."""

from __future__ import annotations

import click

from generator.cli.group import LazyGroup


@click.group(
    "tenant",
    cls=LazyGroup,
    home="generator.cli.tenant",
    members=("list", "show", "add", "set", "suspend", "resume", "offboard", "move"),
)
def command() -> None:
    """List, show and add tenants, or change one."""
