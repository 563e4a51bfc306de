"""`tenantry render`: rendered/ as the inputs and templates say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli import options
from generator.cli.group import FINDINGS, FINE, Refusal
from generator.cli.session import Session, counted, put, say, weighed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from generator.cli.progress import Bar
    from generator.diagnostics import Diagnostic
    from generator.model.shard import Shard
    from generator.pipeline.settling import Settled
    from generator.write import Differences


@click.command("render")
@click.option("--check", is_flag=True, help="Write nothing: list the files that differ, and exit with 1 if any does.")
@click.option("--since", metavar="REF", default="", help="Render only what can differ from this git revision.")
@click.option("--tenant", "tenants", metavar="NAME", multiple=True, help="Render only this tenant; may be repeated.")
@click.option("--cluster", "clusters", metavar="NAME", multiple=True, help="Render only this cell; may be repeated.")
@options.shard
@click.option("--dask", metavar="ADDRESS", default="", help="Render on a Dask cluster: its scheduler, tcp://HOST:8786.")
@options.jobs
@options.format_
@click.pass_obj
def command(
    session: Session,
    check: bool,
    since: str,
    tenants: tuple[str, ...],
    clusters: tuple[str, ...],
    shard: Shard | None,
    dask: str,
    jobs: int | None,
    format: str,  # noqa: A002
) -> int:
    """Render everything into rendered/, or a part of it.

    Validates first, and writes nothing when there are errors. Files that are already right are left alone.

    With --since, files that cannot differ from what REF's inputs render to are left as they are: the result is that of
    rendering everything, if rendered/ was right at REF.

    With --shard, only the folders of that shard's cells are touched; with --dask the result is the same as without.
    docs/scaling.md shows both.
    """
    from generator.cli.progress import Bar
    from generator.diagnostics import did_you_mean
    from generator.pipeline import output, settling

    root = session.root()
    if shard or dask:
        if since or tenants or clusters or (shard and dask):
            raise click.UsageError("--shard and --dask go without --since, --tenant, --cluster and each other")
        return _on_many_machines(session, shard, dask, jobs, format, check=check)
    wanted = output.Wanted(since, frozenset(tenants), frozenset(clusters))
    with Bar("rendering") as bar:
        try:
            settled = settling.settle(root, wanted, check=check, jobs=jobs, progress=bar)
        except settling.Unknown as unknown:
            hint = did_you_mean(unknown.name, unknown.known)
            raise Refusal(f"no {unknown.word} is named '{unknown.name}'" + (f"; {hint}" if hint else "")) from unknown
    differences = settled.differences
    if differences is None:
        put(session.reported(settled.diagnostics, format))
        say(f"render: nothing {'compared' if check else 'written'}: {weighed(settled.diagnostics)}")
        return FINDINGS
    files = counted(settled.files, "file") + (" rendered again" if settled.part else "")
    if settled.whole:
        say(f"render: everything was rendered: {settled.whole}")
    if check:
        return _compared(session, differences, settled.diagnostics, format, files)
    put(session.reported(settled.diagnostics, format, counts=counts_of(differences), data=data_of(differences)))
    say(f"render: {files}: {told(differences)}; {weighed(settled.diagnostics)}")
    return FINE


def _on_many_machines(
    session: Session,
    shard: Shard | None,
    dask: str,
    jobs: int | None,
    format: str,  # noqa: A002
    *,
    check: bool,
) -> int:
    """Renders for one of several machines, or by several machines."""
    from generator.cli.progress import Bar

    root = session.root()
    with Bar("rendering") as bar:
        settled = _elsewhere(root, shard, dask, jobs, bar, check=check)
    differences = settled.differences
    if differences is None:
        put(session.reported(settled.diagnostics, format))
        say(f"render: nothing {'compared' if check else 'written'}: {weighed(settled.diagnostics)}")
        return FINDINGS
    files = counted(settled.files, "file") + _scope(settled, shard)
    if check:
        return _compared(session, differences, settled.diagnostics, format, files)
    put(session.reported(settled.diagnostics, format, counts=counts_of(differences), data=data_of(differences)))
    say(f"render: {files}: {told(differences)}; {weighed(settled.diagnostics)}")
    return FINE


def _elsewhere(root: Path, shard: Shard | None, dask: str, jobs: int | None, bar: Bar, *, check: bool) -> Settled:
    """Renders for one of several machines, or by several machines."""
    from generator.pipeline import remote, sharding

    if shard is not None:
        return sharding.settle_shard(root, shard, check=check, jobs=jobs, progress=bar)
    if jobs is not None:
        raise click.UsageError("--dask uses the workers that the cluster has: leave --jobs out")
    return remote.settle_on(root, dask, check=check, progress=bar)


def _scope(settled: Settled, shard: Shard | None) -> str:
    """What of the output was rendered, where it was not all."""
    if settled.fleet is None or shard is None:
        return ""
    from generator.model.shard import cells_of

    return f" of shard {shard}, {counted(len(cells_of(settled.fleet, shard)), 'cell')}"


def _compared(
    session: Session,
    differences: Differences,
    diagnostics: Sequence[Diagnostic],
    format: str,  # noqa: A002
    files: str,
) -> int:
    """Standard output carries the list of files; in text, what there is to warn of goes beside it."""
    changes = _changes(differences)
    if format == "text":
        session.explain(diagnostics)
    else:
        put(session.reported(diagnostics, format, counts=counts_of(differences), data=data_of(differences)))
    if format in ("text", "github"):
        put("".join(f"{sign} {path}\n" for sign, _, path in changes))
    if not changes:
        say(f"render: rendered/ is up to date: {files}; {weighed(diagnostics)}")
        return FINE
    advice = "run tenantry render and commit rendered/"
    if format == "github":
        put(f"::error title=rendered/ is out of date::{told(differences)}; {advice}\n")
    say(f"render: rendered/ is out of date: {told(differences)}; {advice}")
    return FINDINGS


def _changes(differences: Differences) -> list[tuple[str, str, str]]:
    """Sign, word and path of each file that differs, by path."""
    kinds = (
        ("+", "added", differences.added),
        ("~", "changed", differences.changed),
        ("-", "removed", differences.removed),
    )
    return sorted(((sign, word, path) for sign, word, paths in kinds for path in paths), key=lambda change: change[2])


def counts_of(differences: Differences) -> dict[str, int]:
    """How many files differ, as reports count them."""
    return {word: len(getattr(differences, word)) for word in ("added", "changed", "removed")}


def data_of(differences: Differences) -> dict[str, object]:
    """JSON's `files`: each file that differs, below rendered/."""
    return {"files": [{"change": word, "path": path} for _, word, path in _changes(differences)]}


def told(differences: Differences) -> str:
    """`1 added, 2 changed, 0 removed`."""
    return f"{len(differences.added)} added, {len(differences.changed)} changed, {len(differences.removed)} removed"
