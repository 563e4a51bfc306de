"""Options that several commands share."""

from __future__ import annotations

from typing import Final

import click

from generator.report import FORMATS

format_ = click.option(
    "--format",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How findings are written: for people, for programs, for code scanning, as annotations of GitHub Actions, as "
    "test results, as a comment on a pull request.",
)

jobs = click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes to use.  [default: as many as it pays to use]"
)

STATES: Final = ("active", "suspended", "offboarding", "offboarded")
"""The values of `generator.model.tenant.State`, here so that help needs no model."""
