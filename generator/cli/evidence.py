"""`tenantry evidence`: which rendered objects meet the controls of a compliance framework."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.group import FINDINGS, FINE, Refusal
from generator.cli.session import Session, counted, put, say
from generator.cli.tenant import names

if TYPE_CHECKING:
    from generator.pipeline.evidence import Evident


@click.command("evidence")
@click.option(
    "--framework", required=True, metavar="NAME", shell_complete=names.frameworks, help="The framework that is audited."
)
@click.option("--tenant", metavar="NAME", shell_complete=names.tenants, help="Only this tenant.")
@click.option("--cluster", metavar="NAME", help="Only what stands on this cluster.")
@click.option("--format", type=click.Choice(["md", "json", "html"]), default="md", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option("--strict", is_flag=True, help="Fail when a control is not met for a tenant.")
@click.pass_obj
def command(
    session: Session,
    framework: str,
    tenant: str | None,
    cluster: str | None,
    format: str,  # noqa: A002
    output: Path | None,
    strict: bool,
) -> int:
    """Show which objects meet a framework's controls.

    For each control, the objects in rendered/ that are labelled with it and do what its framework's file asks of
    them, with file and line; controls that are not met for a tenant come first.
    """
    from generator.diagnostics import has_errors
    from generator.pipeline.evidence import evidence
    from generator.report.evidence import evidence_report

    found = evidence(session.root(), framework, tenant=tenant, cluster=cluster)
    if found.evidence is None and found.fleet is None:
        session.explain(found.diagnostics)
        raise Refusal("the fleet has mistakes, so it cannot be said who is under the framework; run tenantry validate")
    _known(found, framework, tenant, cluster)
    session.explain(each for each in found.diagnostics if each.severity.value == "error")
    if found.evidence is None:
        raise Refusal(f"{framework} cannot be read; run tenantry validate")
    if not found.evidence.tenants:
        raise Refusal(f"no such tenant is under {framework}; there is nothing to show")
    if not found.files:
        raise Refusal("rendered/ holds nothing to show; run tenantry render first")
    report = evidence_report(found.evidence, format)
    if output is None:
        put(report)
    else:
        output.write_text(report, encoding="utf-8")
    standings = found.evidence.standings
    lacking = sum(bool(each.lacking) for each in standings)
    say(
        f"evidence: {counted(len(standings), 'control')}, {lacking} not met for some tenant; "
        f"{counted(sum(len(each.facts) for each in standings), 'object')} shown"
    )
    return FINDINGS if has_errors(found.diagnostics) or (strict and lacking) else FINE


def _known(found: Evident, framework: str, tenant: str | None, cluster: str | None) -> None:
    if found.fleet is None:
        return
    names.known("framework", framework, found.frameworks)
    names.known("tenant", tenant, (each.name for each in found.fleet.tenants))
    names.known("cluster", cluster, (each.name for each in found.fleet.clusters))
