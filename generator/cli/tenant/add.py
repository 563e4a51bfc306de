"""`tenantry tenant add`: a new tenant's file, placed on the best cell that may hold it."""

from __future__ import annotations

from collections.abc import Sequence

import click

from generator.cli.group import FINDINGS, FINE
from generator.cli.session import Session, put, say, weighed
from generator.cli.tenant import names


def _pairs(context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> dict[str, str]:  # noqa: ARG001
    """KEY=VALUE, several times, as a mapping."""
    pairs: dict[str, str] = {}
    for value in values:
        key, _, said = value.partition("=")
        if not (key and said):
            raise click.BadParameter(f"'{value}' is not {parameter.metavar}")
        if key in pairs:
            raise click.BadParameter(f"'{key}' is given twice")
        pairs[key] = said
    return pairs


def _below(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001
    """A folder that stays below tenants/, without a slash at its end."""
    if value is None or not (folder := value.strip("/")):
        return value and ""
    if value.startswith("/") or "\\" in value or not {"", ".", ".."}.isdisjoint(folder.split("/")):
        raise click.BadParameter(f"'{value}' is not a folder below tenants/, such as 'emea/retail'")
    return folder


@click.command("add")
@click.argument("name")
@click.option("--platform", required=True, metavar="NAME", shell_complete=names.platforms, help="The platform it uses.")
@click.option("--tier", required=True, metavar="NAME", shell_complete=names.tiers, help="The tier it pays for.")
@click.option("--title", required=True, help="Its name as people write it.")
@click.option("--residency", required=True, metavar="PLACE", help="Where its data must stay (US, EU, …), or any.")
@click.option(
    "--compliance",
    multiple=True,
    metavar="NAME",
    shell_complete=names.frameworks,
    help="A compliance framework it is under; repeat for more.  [default: none]",
)
@click.option("--ring", default="stable", show_default=True, help="How early it gets changes: canary, early or stable.")
@click.option("--issuer", required=True, metavar="URL", help="Who issues its users' tokens.")
@click.option("--jwks", required=True, metavar="URL", help="Where the issuer's keys are.")
@click.option("--group", required=True, help="The group whose members administer it.")
@click.option("--cost-centre", required=True, help="The cost centre its use is booked on.")
@click.option("--team", required=True, metavar="NAME", help="The team that looks after it.")
@click.option(
    "--contact",
    "contacts",
    multiple=True,
    required=True,
    metavar="ROLE=EMAIL",
    callback=_pairs,
    help="Whom to write to; repeat for more.",
)
@click.option("--domain", "domains", multiple=True, metavar="HOST", help="A domain of its own; repeat for more.")
@click.option("--cluster", metavar="NAME", help="Place it on this cluster.  [default: the cheapest that may hold it]")
@click.option(
    "--environment", default="production", show_default=True, metavar="NAME", help="Choose among cells for this."
)
@click.option(
    "--identity",
    "identities",
    multiple=True,
    metavar="CLUSTER=ID",
    callback=_pairs,
    help="Its cloud identity on a cluster whose provider derives none; repeat for more.",
)
@click.option("--standby", is_flag=True, help="Choose a standby in another region as well.")
@click.option(
    "--folder",
    metavar="DIR",
    callback=_below,
    help="The folder below tenants/ for the file.  [default: the platform's name]",
)
@click.pass_obj
def command(
    session: Session,
    name: str,
    platform: str,
    tier: str,
    title: str,
    residency: str,
    compliance: tuple[str, ...],
    ring: str,
    issuer: str,
    jwks: str,
    group: str,
    cost_centre: str,
    team: str,
    contacts: dict[str, str],
    domains: tuple[str, ...],
    cluster: str | None,
    environment: str,
    identities: dict[str, str],
    standby: bool,
    folder: str | None,
) -> int:
    """Add the tenant NAME.

    Chooses where to place it and writes its file. Asks nothing. Prints the file's path on standard output and the
    reason of the placement beside it. Writes nothing
    when the tenant would not be valid, or when no cluster may hold it, and says why.
    """
    from generator.diagnostics import has_errors
    from generator.pipeline.tenants import add_tenant
    from generator.scaffold import Wish

    wish = Wish(
        name=name,
        title=title,
        platform=platform,
        tier=tier,
        residency=residency,
        frameworks=compliance,
        ring=ring,
        domains=domains,
        issuer=issuer,
        jwks=jwks,
        group=group,
        cost_centre=cost_centre,
        team=team,
        contacts=contacts,
        environment=environment,
        cluster=cluster or "",
        identities=identities,
        standby=standby,
        folder=platform if folder is None else folder,
    )
    added = add_tenant(session.root(), wish)
    session.explain(added.diagnostics)
    if has_errors(added.diagnostics):
        say(f"tenant: nothing written: {weighed(added.diagnostics)}")
        return FINDINGS
    put(f"{added.path}\n")
    say(added.reason)
    return FINE
