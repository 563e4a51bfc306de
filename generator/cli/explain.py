"""`tenantry explain`: which lines are behind a value, and what a line reaches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.group import FINDINGS, FINE
from generator.cli.session import Session, counted, put, say, weighed
from generator.cli.tenant import names

if TYPE_CHECKING:
    from generator.model.explanation import Puzzled, Reached
    from generator.pipeline.inputs import Validated


class _Line(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4, at run time too
    """A file and a line of it."""

    name = "file:line"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """`policies/tiers/gold.yaml:12`; a column behind it is let pass, as diagnostics print it."""
        if isinstance(value, tuple):
            return value
        path, *numbers = str(value).split(":")
        if not path or not 1 <= len(numbers) <= 2 or not all(number.isdecimal() for number in numbers):
            self.fail(f"'{value}' is no file and line: write policies/tiers/gold.yaml:12", param, ctx)
        return path, int(numbers[0])


@click.command("explain")
@click.argument("tenant", required=False, shell_complete=names.tenants)
@click.argument("path", required=False, default="")
@click.argument("field", required=False, default="")
@click.option("--cluster", default="", metavar="NAME", help="Only what the tenant gets on this cluster.")
@click.option("--input", "line", type=_Line(), metavar="FILE:LINE", help="Show what a line reaches instead.")
@click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(
    session: Session,
    tenant: str | None,
    path: str,
    field: str,
    cluster: str,
    line: tuple[str, int] | None,
    format: str,  # noqa: A002
) -> int:
    """Show the lines behind a value, or what a line reaches.

    Without PATH, every resolved value with the line that decides it, what that overrode and which floor raised it.
    PATH is a value (`limits.cpu`, or `limits` for all below it), or a rendered object (`Rollout/api`) whose FIELD
    (`spec.template.spec.containers[0].resources`) is traced to the template's line and the inputs' lines.

    A line is behind a value when the value follows a change of it: that is tried out, on copies in memory.
    """
    from generator.diagnostics import has_errors
    from generator.pipeline import inputs

    if (tenant is None) == (line is None):
        raise click.UsageError("name a tenant, or a line: tenantry explain TENANT, or --input FILE:LINE")
    if line is not None and cluster:
        raise click.UsageError("--cluster goes with a tenant")
    root = session.root()
    validated = inputs.validate(root)
    if has_errors(validated.diagnostics):
        say(f"explain: the fleet has mistakes, see tenantry validate: {weighed(validated.diagnostics)}")
        if validated.fleet is None:
            return FINDINGS
    if line is not None:
        _forwards(session, validated, line, format)
    else:
        _backwards(session, validated, (tenant or "", path, field, cluster), format)
    return FINDINGS if has_errors(validated.diagnostics) else FINE


def _backwards(session: Session, validated: Validated, asked: tuple[str, str, str, str], format: str) -> None:  # noqa: A002
    """What is behind a tenant's values."""
    from generator.model.explanation import Puzzled
    from generator.pipeline import explaining
    from generator.report import explanation

    found = explaining.explain(session.root(), validated, *asked)
    if isinstance(found, Puzzled):
        raise click.UsageError(_told(found))
    if format == "json":
        put(explanation.structured(found))
        return
    whole = not asked[1] or ("/" in asked[1] and not asked[2])
    put(explanation.table(found) if whole else explanation.details(found))


def _forwards(session: Session, validated: Validated, line: tuple[str, int], format: str) -> None:  # noqa: A002
    """What a line reaches."""
    from generator.model.explanation import Puzzled
    from generator.pipeline import explaining
    from generator.report import explanation

    found = explaining.reach(session.root(), validated, _from_root(session.root(), line[0]), line[1])
    if isinstance(found, Puzzled):
        raise click.UsageError(_told(found))
    put(explanation.reached_structured(found) if format == "json" else explanation.reached(found))
    say(f"explain: {_counts(found)}")


def _told(found: Puzzled) -> str:
    return f"{found.message}: {found.hint}" if found.hint else found.message


def _counts(found: Reached) -> str:
    tenants = {tenant for tenant, _, _ in found.fields}
    values = counted(len(found.fields), "value") + f" of {counted(len(tenants), 'tenant')}"
    return f"{values}, {counted(len(found.objects), 'object')}"


def _from_root(root: Path, path: str) -> str:
    """The path from the fleet's folder: people name files from where they stand."""
    file = Path(path).resolve()
    if not (root / path).exists() and file.is_relative_to(root):
        return file.relative_to(root).as_posix()
    return Path(path).as_posix()
