"""`tenantry check`: what stands in rendered/, against schemas, policies and the rules of isolation."""

from __future__ import annotations

import click

from generator.cli import options
from generator.cli.group import FINDINGS, FINE, Refusal
from generator.cli.session import Session, counted, say, weighed


@click.command("check")
@click.option("--strict", is_flag=True, help="Fail on warnings, and on objects that could not be checked, too.")
@click.option("--notes", is_flag=True, help="In text, list notes too: the kinds that no schema was there for.")
@click.option("--no-kubeconform", is_flag=True, help="Leave kubeconform out, which runs where it is installed.")
@click.option("--exhaustive", is_flag=True, help="Look at every object by itself; finds the same, and takes longer.")
@click.option("--cluster", "clusters", multiple=True, metavar="NAME", help="Look at this cluster only; repeatable.")
@click.option("--since", metavar="REF", help="Look only at clusters whose output changed since this git revision.")
@options.jobs
@options.format_
@click.pass_obj
def command(
    session: Session,
    strict: bool,
    notes: bool,
    no_kubeconform: bool,
    exhaustive: bool,
    clusters: tuple[str, ...],
    since: str | None,
    jobs: int | None,
    format: str,  # noqa: A002
) -> int:
    """Check the objects in rendered/.

    Reads the files as they are, so that what was edited by hand is found. Objects without a schema are counted as
    unchecked, admission policies that need a live cluster as unevaluated. Exits with 1 when there are errors, and
    refuses to pass when there is nothing to check. No finding in one cluster depends on another: with --since, what is
    left out is as it was in REF.
    """
    from generator.cli.progress import Bar
    from generator.diagnostics import Severity
    from generator.pipeline import check
    from generator.pipeline.inputs import RENDERED

    root = session.root()
    for name in clusters:
        if "/" in name or not (root / RENDERED / name).is_dir():
            raise Refusal(f"rendered/ holds no cluster '{name}'")
    with Bar("checking") as bar:
        checked = check(
            root,
            kubeconform=not no_kubeconform,
            exhaustive=exhaustive,
            clusters=clusters,
            since=since,
            jobs=jobs,
            progress=bar,
        )
    if checked.tree is not None and not checked.objects and checked.clusters is None:
        raise Refusal("rendered/ holds nothing to check; run tenantry render first")
    counts = {
        "objects": checked.objects,
        "checked": checked.checked,
        "unchecked": checked.unchecked,
        "policies": checked.policies,
        "unevaluated": checked.unevaluated,
    }
    hidden = 0
    shown = checked.diagnostics
    if format == "text" and not (notes or strict):
        shown = tuple(diagnostic for diagnostic in shown if diagnostic.severity is not Severity.NOTE)
        hidden = len(checked.diagnostics) - len(shown)
    session.report(shown, format, counts=counts)
    say(
        f"check: {counted(checked.objects, 'object')}: {checked.checked} checked, {checked.unchecked} unchecked; "
        f"{counted(checked.policies, 'admission policy', 'admission policies')}, "
        f"{checked.unevaluated} unevaluated; "
        f"{weighed(checked.diagnostics)}{_also(hidden)}{_only(checked.clusters)}"
    )
    if checked.kubeconform is not None:
        objects, unknown = checked.kubeconform
        say(f"kubeconform: {counted(objects, 'object')}: {objects - unknown} checked, {unknown} unchecked")
    fatal = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    failed = any(diagnostic.severity in fatal for diagnostic in checked.diagnostics)
    return FINDINGS if failed or (strict and (checked.unchecked or checked.unevaluated)) else FINE


def _also(hidden: int) -> str:
    """What the summary says of notes that were left out."""
    return f", {counted(hidden, 'note')} (--notes lists them)" if hidden else ""


def _only(clusters: tuple[str, ...] | None) -> str:
    """What the summary says where not all clusters were looked at."""
    return "" if clusters is None else f"; looked at {counted(len(clusters), 'cluster')} only"
