"""`tenantry check`: what stands in rendered/, against schemas, policies and the rules of isolation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli import days, options
from generator.cli.group import FINDINGS, FINE, Refusal
from generator.cli.session import Session, counted, fails, put, say, shown, weighed

if TYPE_CHECKING:
    from datetime import date

    from generator.model.shard import Shard
    from generator.pipeline.checks import Checked, Looking


@click.command("check")
@click.option("--strict", is_flag=True, help="Fail on warnings, and on objects that could not be checked, too.")
@click.option("--notes", is_flag=True, help="In text, list notes too: the kinds that no schema was there for.")
@click.option("--no-kubeconform", is_flag=True, help="Leave kubeconform out, which runs where it is installed.")
@click.option(
    "--write-baseline", is_flag=True, help="Write what is found to baseline.yaml, where it is known until a day."
)
@click.option("--until", type=days.Day(), metavar="DATE", help="With --write-baseline: the last day.")
@click.option("--by", metavar="WHO", help="With --write-baseline: the person or team that takes it upon them.")
@click.option("--reason", metavar="TEXT", help="With --write-baseline: why, in a sentence.")
@click.option("--exhaustive", is_flag=True, help="Look at every object by itself; finds the same, and takes longer.")
@click.option("--cluster", "clusters", multiple=True, metavar="NAME", help="Look at this cluster only; repeatable.")
@click.option("--since", metavar="REF", help="Look only at clusters whose output changed since this git revision.")
@options.shard
@options.jobs
@options.format_
@click.pass_obj
def command(
    session: Session,
    strict: bool,
    notes: bool,
    no_kubeconform: bool,
    write_baseline: bool,
    until: date | None,
    by: str | None,
    reason: str | None,
    exhaustive: bool,
    clusters: tuple[str, ...],
    since: str | None,
    shard: Shard | None,
    jobs: int | None,
    format: str,  # noqa: A002
) -> int:
    """Check the objects in rendered/.

    Reads the files as they are, so that what was edited by hand is found. Objects without a schema are counted as
    unchecked, admission policies that need a live cluster as unevaluated. What baseline.yaml lists is known and
    does not fail until its day. Exits with 1 when there are errors, and refuses to pass when there is nothing to
    check. No finding in one cluster depends on another: with --since, what is left out is as it was in REF.
    """
    from generator.cli.progress import Bar
    from generator.diagnostics import has_errors
    from generator.pipeline.checks import Looking, check
    from generator.pipeline.inputs import RENDERED

    today = days.today()
    root = session.root()
    if shard and clusters:
        raise click.UsageError("--shard says which clusters: leave --cluster out")
    for name in clusters:
        if "/" in name or not (root / RENDERED / name).is_dir():
            raise Refusal(f"rendered/ holds no cluster '{name}'")
    with Bar("checking") as bar:
        looking = Looking(not no_kubeconform, exhaustive, clusters, since, jobs, bar, shard)
        if write_baseline:
            return _adopt(session, looking, today, until, by, reason, format)
        if until or by or reason:
            raise click.UsageError("--until, --by and --reason go with --write-baseline")
        checked = check(root, today=today, looking=looking)
    if shard and checked.tree is not None:
        standing = {path.partition("/")[0] for path in checked.tree.files}
        absent = [
            name for name in checked.clusters or () if name not in standing and not (root / RENDERED / name).exists()
        ]
        if absent:
            raise Refusal(f"rendered/ holds no cluster '{absent[0]}'; run tenantry render --shard {shard} first")
    nothing = checked.tree is not None and not checked.objects and checked.clusters is None
    if nothing and not has_errors(checked.diagnostics):
        raise Refusal("rendered/ holds nothing to check; run tenantry render first")
    _report(session, checked, strict, notes, format)
    return FINDINGS if fails(checked.diagnostics, strict=strict) or unseen(checked, strict=strict) else FINE


def _report(
    session: Session,
    checked: Checked,
    strict: bool,
    notes: bool,
    format: str,  # noqa: A002
) -> None:
    told = shown(checked.diagnostics, format, notes=notes or strict)
    put(session.reported(told, format, counts=counts_of(checked), strict=strict))
    summarize(checked, len(checked.diagnostics) - len(told))


def unseen(checked: Checked, *, strict: bool) -> bool:
    """Whether the run fails for what could not be looked at."""
    return strict and bool(checked.unchecked or checked.unevaluated)


def counts_of(checked: Checked) -> dict[str, int]:
    """What was looked at, as reports count it."""
    return {
        "objects": checked.objects,
        "checked": checked.checked,
        "failed": checked.failed,
        "unchecked": checked.unchecked,
        "policies": checked.policies,
        "unevaluated": checked.unevaluated,
        "known": checked.known,
    }


def summarize(checked: Checked, hidden: int) -> None:
    """Says what was looked at, and what came of it; so many notes are `hidden`."""
    say(
        f"check: {counted(checked.objects, 'object')}: {checked.checked} checked, {checked.failed} failed, "
        f"{checked.unchecked} unchecked; {counted(checked.policies, 'admission policy', 'admission policies')}, "
        f"{checked.unevaluated} unevaluated; {weighed(checked.diagnostics)}{_also(checked.known, hidden)}"
        f"{_only(checked.clusters)}"
    )
    if checked.untraced:
        more = counted(checked.untraced, "finding")
        say(f"check: {more} not traced to templates and inputs: the first ones are; mend those and check again")
    if checked.kubeconform is not None:
        objects, unknown = checked.kubeconform
        say(f"kubeconform: {counted(objects, 'object')}: {objects - unknown} checked, {unknown} unchecked")


def _also(known: int, hidden: int) -> str:
    """What the summary says of findings that are known, and of notes that were left out."""
    return (f", {known} known" if known else "") + (
        f", {counted(hidden, 'note')} (--notes lists them)" if hidden else ""
    )


def _adopt(
    session: Session,
    looking: Looking,
    today: date,
    until: date | None,
    by: str | None,
    reason: str | None,
    format: str,  # noqa: A002
) -> int:
    """Writes baseline.yaml. Standard output carries what speaks against it."""
    from generator.check import Terms
    from generator.diagnostics import has_errors
    from generator.pipeline.checks import adopt

    if until is None or not by or not reason:
        raise click.UsageError("--write-baseline needs --until DATE, --by WHO and --reason TEXT")
    if until < today:
        raise click.BadParameter(f"{until} has passed", param_hint="'--until'")
    if looking.clusters or looking.since or looking.shard:
        raise click.UsageError("--write-baseline looks at everything: leave --cluster, --since and --shard out")
    adopted = adopt(session.root(), Terms(until, by, reason), today=today, looking=looking)
    put(session.reported(adopted.diagnostics, format))
    if has_errors(adopted.diagnostics):
        say(f"check: baseline.yaml not written: {weighed(adopted.diagnostics)}")
        return FINDINGS
    say(f"check: baseline.yaml: {counted(adopted.known, 'known finding')}; review it and commit it")
    return FINE


def _only(clusters: tuple[str, ...] | None) -> str:
    """What the summary says where not all clusters were looked at."""
    return "" if clusters is None else f"; looked at {counted(len(clusters), 'cluster')} only"
