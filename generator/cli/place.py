"""`tenantry place`: the clusters that may hold a tenant, best first."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.cli.group import FINDINGS, FINE
from generator.cli.session import Session, counted, put, say, weighed
from generator.cli.tenant import names

if TYPE_CHECKING:
    from generator.pipeline.placing import Ranked


@click.command("place")
@click.argument("tenant", required=False, shell_complete=names.tenants)
@click.option(
    "--new",
    "spec",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="A tenant that is not there yet: its file, which may leave placements out; - is standard input.",
)
@click.option("--standby", is_flag=True, help="For a standby: outside the primary's region.")
@click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(session: Session, tenant: str | None, spec: str | None, standby: bool, format: str) -> int:  # noqa: A002
    """Rank the clusters for TENANT, or for a new one.

    What is cheapest comes first, then what is emptiest, each with its reason.
    Clusters that may not hold it follow with everything that speaks against them. Nothing moves. Exits with 1 when no
    cluster may hold it.
    """
    from generator.diagnostics import has_errors
    from generator.pipeline import lifecycle, placing

    if (tenant is None) == (spec is None):
        raise click.UsageError("name a tenant, or the file of a new one: --new FILE")
    if standby and spec is not None:
        raise click.UsageError("--standby is for a tenant that has a primary")
    try:
        if spec is not None:
            content = sys.stdin.buffer.read() if spec == "-" else Path(spec).read_bytes()
            ranked = placing.place_new(session.root(), content, "standard input" if spec == "-" else spec)
        else:
            ranked = placing.place(session.root(), tenant or "", standby=standby)
    except lifecycle.NoTenant as unknown:
        names.known("tenant", unknown.name, unknown.names)
        raise
    if has_errors(ranked.diagnostics):
        session.explain(ranked.diagnostics)
        say(f"place: nothing ranked: {weighed(ranked.diagnostics)}")
        return FINDINGS
    put(_json(ranked) if format == "json" else _text(ranked))
    say(f"place: {counted(len(ranked.candidates), 'cluster')} may hold {ranked.tenant}, {len(ranked.refused)} may not")
    return FINE if ranked.candidates else FINDINGS


def _text(ranked: Ranked) -> str:
    """A line for each cluster that may hold it; a block for each other."""
    lines = []
    clusters = [each.cluster for each in ranked.candidates] + [each.cluster for each in ranked.refused]
    width = max((len(cluster.name) for cluster in clusters), default=0)
    for number, each in enumerate(ranked.candidates, start=1):
        name = each.cluster.name
        also = "; needs a cloud identity of its own" if name in ranked.nameless else ""
        here = f"; the {ranked.here[name]} now" if name in ranked.here else ""
        lines.append(f"{number:>3}  {name:{width}}  {each.reason}{here}{also}")
    for other in ranked.refused:
        name = other.cluster.name
        here = f"the {ranked.here[name]} now; " if name in ranked.here else ""
        lines.append(f" no  {name:{width}}  {here}{'; '.join(other.reasons)}")
    return "".join(f"{line}\n" for line in lines)


def _json(ranked: Ranked) -> str:
    report: dict[str, Any] = {"version": 1, "tenant": ranked.tenant}
    report["candidates"] = [
        {
            "cluster": each.cluster.name,
            "region": each.cluster.region.name,
            "jurisdiction": each.cluster.region.jurisdiction,
            "provider": each.cluster.provider.name,
            "price": each.cluster.price,
            "share": round(each.share, 4),
            "role": ranked.here.get(each.cluster.name, ""),
            "needsIdentity": each.cluster.name in ranked.nameless,
            "reason": each.reason,
        }
        for each in ranked.candidates
    ]
    report["refused"] = [
        {
            "cluster": each.cluster.name,
            "region": each.cluster.region.name,
            "role": ranked.here.get(each.cluster.name, ""),
            "reasons": list(each.reasons),
        }
        for each in ranked.refused
    ]
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"
