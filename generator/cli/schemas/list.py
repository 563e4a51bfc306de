"""`tenantry schemas list`: what objects are checked by, and where that is from."""

from __future__ import annotations

import click

from generator.cli.group import FINDINGS, FINE, Refusal
from generator.cli.session import Session, counted, put, say


@click.command("list")
@click.option("--core", is_flag=True, help="The kinds of Kubernetes itself too, for the clusters' versions.")
@click.option("--kind", metavar="NAME", help="Only this kind.")
@click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(session: Session, core: bool, kind: str | None, format: str) -> int:  # noqa: A002
    """List the schemas that objects are checked by.

    For each kind and version, where its schema is from: a file of crds/ in the fleet's folder, tenantry
    itself, or a version of Kubernetes.
    """
    from generator.pipeline import inputs, schemas

    root = session.root()
    kubernetes: tuple[str, ...] = ()
    if core:
        fleet = inputs.validate(root).fleet
        if fleet is None:
            raise Refusal("fleet.yaml cannot be read, so the clusters' versions are unknown; run tenantry validate")
        kubernetes = tuple(fleet.kubernetes.values())
    rows, faults = schemas.known_schemas(root, kubernetes)
    rows = tuple(row for row in rows if kind in (None, row.kind))
    if format == "json":
        import json

        names = ("group", "kind", "version", "source")
        listed = [{name: getattr(row, name) for name in names} for row in rows]
        put(json.dumps({"version": 1, "schemas": listed}, ensure_ascii=False, indent=2) + "\n")
    else:
        cells = [
            ("KIND", "VERSION", "FROM"),
            *((row.kind, _version(row.group, row.version), row.source) for row in rows),
        ]
        widths = [max(len(line[column]) for line in cells) for column in range(2)]
        put("".join(f"{one.ljust(widths[0])}  {two.ljust(widths[1])}  {three}\n" for one, two, three in cells))
    session.explain(faults)
    say(counted(len(rows), "schema"))
    return FINDINGS if faults else FINE


def _version(group: str, version: str) -> str:
    return f"{group}/{version}" if group else version
