"""`tenantry tenant set`: edit fields of a tenant's file."""

from __future__ import annotations

from collections.abc import Sequence

import click

from generator.cli.session import Session
from generator.cli.tenant import editing


def _pairs(
    context: click.Context,  # noqa: ARG001
    parameter: click.Parameter,  # noqa: ARG001
    values: Sequence[str],
) -> tuple[tuple[str, str], ...]:
    """FIELD=VALUE, several times."""
    pairs: list[tuple[str, str]] = []
    for value in values:
        field, sign, said = value.partition("=")
        if not (field and sign):
            raise click.BadParameter(f"'{value}' is not FIELD=VALUE")
        if field in (known for known, _ in pairs):
            raise click.BadParameter(f"'{field}' is given twice")
        pairs.append((field, said))
    return tuple(pairs)


@click.command("set")
@editing.name
@click.argument("values", nargs=-1, metavar="[FIELD=VALUE]...", callback=_pairs)
@click.option("--unset", multiple=True, metavar="FIELD", help="Take the field out of the file; repeat for more.")
@editing.dry_run
@click.pass_obj
def command(
    session: Session, name: str, values: tuple[tuple[str, str], ...], unset: tuple[str, ...], dry_run: bool
) -> int:
    """Set fields of the tenant NAME in its file.

    Everything else of the file stays as it is. FIELD is a field below spec: tier=enterprise,
    overrides.limits.memory=16Gi, contacts.billing=a@b.example, compliance=gdpr,soc2,
    'domains[soc.acme.example].verified=true'.
    """
    from generator.pipeline.lifecycle import set_fields

    if not values and not unset:
        raise click.UsageError("nothing to set: FIELD=VALUE or --unset FIELD")
    return editing.carry_out(
        session, lambda root: set_fields(root, name, values, unset, write=not dry_run), dry_run=dry_run
    )
