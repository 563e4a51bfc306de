"""`tenantry publish`: what the inputs render, on the branches that Argo CD follows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from generator.cli import options
from generator.cli.days import today
from generator.cli.group import FINDINGS, FINE
from generator.cli.session import Session, counted, put, say, weighed

if TYPE_CHECKING:
    from generator.model.shard import Shard
    from generator.pipeline.publishing import Published
    from generator.publish import Moved, Outcome, Unchanged

_SHORT: Final = 12


@click.command("publish")
@click.option("--repo", "repository", metavar="URL", help="The repository to publish to.  [default: fleet.yaml's]")
@click.option("--branch", metavar="NAME", help="The branch, or the first part of its name.  [default: fleet.yaml's]")
@click.option(
    "--per-environment/--single-branch",
    default=None,
    help="BRANCH/ENVIRONMENT, or one branch.  [default: fleet.yaml's]",
)
@click.option("--dry-run", is_flag=True, help="Say what would move, and push nothing.")
@options.shard
@click.option("--join", "joined", type=click.IntRange(1, 9999), metavar="N", help="Publish N parts, put together.")
@click.option(
    "--parts",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where parts are written and read.  [default: .tenantry/parts]",
)
@click.option("--full", is_flag=True, help="Render and check everything, whatever the branches were rendered from.")
@options.jobs
@options.format_
@click.pass_obj
def command(
    session: Session,
    repository: str | None,
    branch: str | None,
    per_environment: bool | None,
    dry_run: bool,
    shard: Shard | None,
    joined: int | None,
    parts: Path | None,
    full: bool,
    jobs: int | None,
    format: str,  # noqa: A002
) -> int:
    """Publish what the inputs render.

    Puts it on the branches that Argo CD follows, whatever stands in rendered/. All branches
    move or none does.

    The branches remember the commit that they were rendered from. Only what can differ since is
    rendered, and only the cells that it touches are checked; where that cannot be told, everything.

    On several machines, each with --shard I/N renders and checks the cells of one shard and writes them to a file, a
    part; nothing is pushed. One with --join N publishes all parts, if they are of this very commit, and renders
    nothing. docs/scaling.md shows a workflow.
    """
    from generator.cli.progress import Bar
    from generator.pipeline import publishing, sharding

    if parts and not (shard or joined):
        raise click.UsageError("--parts goes with --shard or --join")
    if full and (shard or joined):
        raise click.UsageError("--shard and --join always take everything: leave --full out")
    root = session.root()
    folder = root / sharding.PARTS if parts is None else parts.absolute()
    if shard:
        if joined or repository or branch or per_environment is not None or dry_run:
            raise click.UsageError("--shard makes a part and pushes nothing: say where to, and --dry-run, with --join")
        return _part(session, shard, folder, jobs, format)
    where = publishing.Where(repository, branch, per_environment)
    with Bar("rendering") as bar:
        if joined:
            parts_joined = sharding.join_parts(root, joined, folder, jobs=jobs)
            published = publishing.publish_joined(root, parts_joined, where, dry_run=dry_run)
        else:
            published = publishing.publish(
                root, where, today=today(), dry_run=dry_run, full=full, jobs=jobs, progress=bar
            )
    if published.outcome is None:
        put(session.reported(published.diagnostics, format))
        say(f"publish: nothing published: {weighed(published.diagnostics)}")
        return FINDINGS
    if published.whole:
        say(f"publish: everything was rendered: {published.whole}")
    return _published(session, published, published.outcome, dry_run, format)


def _part(
    session: Session,
    shard: Shard,
    folder: Path,
    jobs: int | None,
    format: str,  # noqa: A002
) -> int:
    """Writes the part of a shard. Standard output carries its path; what there is to warn of goes beside it."""
    from generator.cli.progress import Bar
    from generator.pipeline import sharding

    with Bar("rendering") as bar:
        part = sharding.make_part(session.root(), shard, folder, today=today(), jobs=jobs, progress=bar)
    if part.path is None:
        put(session.reported(part.diagnostics, format))
        say(f"publish: no part written: {weighed(part.diagnostics)}")
        return FINDINGS
    if format == "text":
        session.explain(part.diagnostics)
        put(f"{part.path}\n")
    else:
        data = {"part": str(part.path), "cells": list(part.cells)}
        put(session.reported(part.diagnostics, format, counts={"files": part.files}, data=data))
    say(
        f"publish: part {shard}: {counted(part.files, 'file')} of {counted(len(part.cells), 'cell')}, checked; nothing"
        f" pushed: publish --join {shard.of} puts the parts together; {weighed(part.diagnostics)}"
    )
    return FINE


def _published(
    session: Session,
    published: Published,
    outcome: Outcome,
    dry_run: bool,
    format: str,  # noqa: A002
) -> int:
    """Standard output carries the branches; in text, what there is to warn of goes beside them."""
    from generator.diagnostics import has_errors
    from generator.publish import Moved

    findings = published.diagnostics
    moved = sum(isinstance(branch, Moved) for branch in outcome.branches)
    unchanged = len(outcome.branches) - moved
    if format == "text" and not has_errors(findings):
        session.explain(findings)
        put("".join(f"{_line(branch)}\n" for branch in outcome.branches))
    else:
        data = {"dryRun": dry_run, "source": outcome.source, "branches": [_data(branch) for branch in outcome.branches]}
        put(session.reported(findings, format, counts={"moved": moved, "unchanged": unchanged}, data=data))
    if has_errors(findings):
        say(f"publish: nothing published: {weighed(findings)}")
        return FINDINGS
    would = "would be " if dry_run else ""
    if 0 < published.rendered < published.files:
        say(f"publish: {published.rendered} of {counted(published.files, 'file')} rendered again")
    say(f"publish: {counted(moved, 'branch', 'branches')} {would}moved, {unchanged} unchanged; {weighed(findings)}")
    return FINE


def _line(branch: Moved | Unchanged) -> str:
    """`rendered/production 0123456789ab..ba9876543210 +1 ~2 -0`: what moved, and the files that it touched."""
    from generator.publish import Unchanged

    if isinstance(branch, Unchanged):
        return f"{branch.branch} unchanged"
    old = branch.old[:_SHORT] if branch.old else "new"
    files = f"+{len(branch.added)} ~{len(branch.changed)} -{len(branch.removed)}"
    return f"{branch.branch} {old}..{branch.new[:_SHORT]} {files}"


def _data(branch: Moved | Unchanged) -> dict[str, object]:
    """A branch in JSON. `new` is the commit made (or, in a dry run, that would be), null where there was none."""
    from generator.publish import Unchanged

    if isinstance(branch, Unchanged):
        return {"branch": branch.branch, "old": None, "new": None, "added": [], "changed": [], "removed": []}
    return {
        "branch": branch.branch,
        "old": branch.old,
        "new": branch.new,
        "added": list(branch.added),
        "changed": list(branch.changed),
        "removed": list(branch.removed),
    }
