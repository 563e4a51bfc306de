"""Options that several commands share."""

from __future__ import annotations

from typing import Final

import click

format_ = click.option(
    "--format",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="How findings are written: for people, for programs, as annotations of GitHub Actions.",
)

jobs = click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes to use.  [default: as many as it pays to use]"
)

STATES: Final = ("active", "suspended", "offboarding", "offboarded")
"""The values of `generator.model.tenant.State`, here so that help needs no model."""
