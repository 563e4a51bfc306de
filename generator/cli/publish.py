"""`tenantry publish`: what the inputs render, on the branches that Argo CD follows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click

from generator.cli import options
from generator.cli.group import FINDINGS, FINE
from generator.cli.session import Session, counted, put, say, weighed

if TYPE_CHECKING:
    from generator.pipeline import Published
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
    full: bool,
    jobs: int | None,
    format: str,  # noqa: A002
) -> int:
    """Publish what the inputs render.

    Puts it on the branches that Argo CD follows, whatever stands in rendered/. All branches
    move or none does.

    The branches remember the commit that they were rendered from. Only what can differ since is
    rendered, and only the cells that it touches are checked; where that cannot be told, everything.
    """
    from generator import pipeline
    from generator.cli.progress import Bar

    with Bar("rendering") as bar:
        published = pipeline.publish(
            session.root(),
            pipeline.Where(repository, branch, per_environment),
            today=datetime.now(UTC).date(),
            dry_run=dry_run,
            full=full,
            jobs=jobs,
            progress=bar,
        )
    if published.outcome is None:
        session.report(published.diagnostics, format)
        say(f"publish: nothing published: {weighed(published.diagnostics)}")
        return FINDINGS
    if published.whole:
        say(f"publish: everything was rendered: {published.whole}")
    return _published(session, published, published.outcome, dry_run, format)


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
        session.report(findings, format, counts={"moved": moved, "unchanged": unchanged}, data=data)
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
