"""`tenantry validate`: every mistake in the input files, at once."""

from __future__ import annotations

import click

from generator.cli import options
from generator.cli.group import FINDINGS, FINE
from generator.cli.session import Session, counted, put, say, weighed


@click.command("validate")
@options.format_
@click.pass_obj
def command(session: Session, format: str) -> int:  # noqa: A002
    """Find the mistakes in the input files.

    Reads every file, checks it against its schema, and checks the links between files and where tenants are placed.
    Exits with 1 when there are errors.
    """
    from generator.cli.progress import Bar
    from generator.diagnostics import has_errors
    from generator.pipeline.sides import inspected

    root = session.root()
    with Bar("reading") as bar:
        validated = inspected(root, progress=bar)
    put(session.reported(validated.diagnostics, format, counts={"files": validated.files}))
    say(f"validate: {counted(validated.files, 'file')}, {weighed(validated.diagnostics)}")
    return FINDINGS if has_errors(validated.diagnostics) else FINE
