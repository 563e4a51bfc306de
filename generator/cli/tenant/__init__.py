"""`tenantry tenant …`: the fleet's tenants."""

from __future__ import annotations

import click

from generator.cli.group import LazyGroup


@click.group("tenant", cls=LazyGroup, home="generator.cli.tenant", members=("list", "show", "add"))
def command() -> None:
    """List the tenants, show one, or add one."""
