"""`tenantry failover`: what the loss of a region would do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from generator.cli.group import FINDINGS, FINE
from generator.cli.session import Session, put, say, weighed
from generator.cli.tenant import names

if TYPE_CHECKING:
    from generator.place import Lost


@click.command("failover")
@click.argument("region", shell_complete=names.complete("regions/*.yaml"))
@click.option(
    "--to", metavar="REGION", help="The region that takes tenants in first.  [default: the order of the file]"
)
@click.option("--write", is_flag=True, help="Write the change into the region's file as well.")
@click.option("--format", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.pass_obj
def command(session: Session, region: str, to: str | None, write: bool, format: str) -> int:  # noqa: A002
    """Simulate the loss of REGION.

    Shows which cluster serves whom then, and what of the promises holds.
    Nothing is changed unless --write asks for it: then the region's state becomes failed in its file, which a review
    and a merge bring into force. Exits with 1 when a tenant is served nowhere, or when residency or capacity do not
    hold.
    """
    from generator.diagnostics import has_errors
    from generator.pipeline import placing

    if to == region:
        raise click.UsageError(f"'{to}' is the region that is lost")
    try:
        found = placing.failover(session.root(), region, to or "", write=write)
    except placing.NoRegion as unknown:
        names.known("region", unknown.name, unknown.names)
        raise
    if found.lost is not None:
        _put(found.lost, format)
    if has_errors(found.diagnostics):
        session.explain(found.diagnostics)
        say(f"failover: {'nothing written' if write else 'it would not hold'}: {weighed(found.diagnostics)}")
        return FINDINGS
    if found.edited is not None and found.edited.written:
        say(f"failover: {found.edited.path} is changed; its merge brings it into force")
    elif write:
        say("failover: nothing to change")
    held = found.lost is not None and not (found.lost.stranded or found.lost.unkept or found.lost.overfull)
    return FINE if held else FINDINGS


def _put(lost: Lost, format: str) -> None:  # noqa: A002
    from generator.place.telling import markdown, structured, text

    if format == "json":
        put(json.dumps({"version": 1, **structured(lost)}, ensure_ascii=False, indent=2) + "\n")
    else:
        put(markdown(lost) if format == "markdown" else text(lost))
