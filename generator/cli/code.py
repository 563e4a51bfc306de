"""`tenantry code`: what a finding's code means."""

from __future__ import annotations

import click

from generator.cli.group import FINE, Refusal
from generator.cli.session import put


@click.command("code")
@click.argument("code", required=False, metavar="[CODE]")
def command(code: str | None) -> int:
    """Explain the code of a finding, or list all codes.

    Prints what it means, what goes wrong when it is let through, and where it is documented.
    """
    from generator.diagnostics import did_you_mean
    from generator.pipeline.codes import codes
    from generator.report.content import sentence

    known = {each.id: each for _, each in sorted(codes(), key=lambda found: found[1].id)}
    if code is None:
        put("".join(f"{each.id}  {each.title}\n" for each in known.values()))
        return FINE
    if (found := known.get(code.upper())) is None:
        hint = did_you_mean(code.upper(), known) or "tenantry code lists all"
        raise Refusal(f"there is no code '{code}'; {hint}")
    put(f"{found.id}: {found.title}\n\n{sentence(found.why)}\n\n{found.documentation}\n")
    return FINE
