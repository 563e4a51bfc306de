"""`tenantry schemas …`: what custom resources are checked by."""

from __future__ import annotations

import click

from generator.cli.group import LazyGroup


@click.group("schemas", cls=LazyGroup, home="generator.cli.schemas", members=("import", "list"))
def command() -> None:
    """Import schemas of custom resources, or list those there are."""
