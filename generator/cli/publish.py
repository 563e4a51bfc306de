"""`tenantry publish`: what the inputs render, on the branches that Argo CD follows."""

from __future__ import annotations

import click

from generator.cli import options
from generator.cli.group import FINDINGS, FINE
from generator.cli.session import Session, say, weighed


@click.command("publish")
@click.option("--repo", "repository", metavar="URL", help="The repository to publish to.  [default: fleet.yaml's]")
@click.option("--branch", metavar="NAME", help="The branch, or the first part of its name.  [default: fleet.yaml's]")
@click.option(
    "--per-environment/--single-branch",
    default=None,
    help="BRANCH/ENVIRONMENT, or one branch.  [default: fleet.yaml's]",
)
@click.option("--dry-run", is_flag=True, help="Say what would move, and push nothing.")
@options.jobs
@options.format_
@click.pass_obj
def command(
    session: Session,
    repository: str | None,
    branch: str | None,
    per_environment: bool | None,
    dry_run: bool,
    jobs: int | None,
    format: str,  # noqa: A002
) -> int:
    """Render everything and publish it to the branches of rendered output.

    All branches move or none does, and only forward from what is there. Publishes what the inputs render now,
    whatever stands in rendered/.
    """
    from generator import pipeline
    from generator.cli.progress import Bar

    root = session.root()
    with Bar("rendering") as bar:
        rendered = pipeline.render(root, jobs=jobs, progress=bar)
    if rendered.tree is None or rendered.fleet is None:
        session.report(rendered.diagnostics, format)
        say(f"publish: nothing published: {weighed(rendered.diagnostics)}")
        return FINDINGS
    output = rendered.fleet.output
    outcome = pipeline.publish(
        root,
        rendered,
        repository=repository or output.repository,
        branch=branch or output.branch,
        per_environment=output.per_environment if per_environment is None else per_environment,
        dry_run=dry_run,
    )
    raise NotImplementedError(outcome)
