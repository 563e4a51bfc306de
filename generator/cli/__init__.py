"""The command line: parse the words, call the pipeline, print, pick the exit code. One file a command.

Standard output carries nothing but data (findings, lists, JSON); summaries, progress and messages go to standard
error. Exit codes: 0 fine, 1 findings, 2 wrong use or environment, 130 interrupted, 141 when the reader of standard
output left.

Command modules import only click at the top and everything heavy inside their functions, so that `tenantry --help`
and shell completion answer at once.
"""

from __future__ import annotations

from pathlib import Path

import click

from generator.cli.group import Program
from generator.cli.session import Session


@click.group(
    cls=Program,
    home="generator.cli",
    members=(
        "init",
        "validate",
        "render",
        "check",
        "diff",
        "review",
        "publish",
        "tenant",
        "place",
        "failover",
        "promote",
        "explain",
        "evidence",
        "schemas",
        "code",
        "doctor",
        "completion",
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "-C",
    "--root",
    "start",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The fleet's folder, or one below it.  [default: the current folder]",
)
@click.option("--color/--no-color", default=None, help="Colour, or none, whatever standard output is.")
@click.option("--traceback", is_flag=True, help="Show where a failure arose. So does TENANTRY_TRACEBACK=1.")
@click.version_option(package_name="tenantry", prog_name="tenantry", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context, start: Path | None, color: bool | None, traceback: bool) -> None:  # noqa: ARG001
    """Render declarative tenant and region files into checked manifests that Argo CD syncs."""
    context.obj = Session(start=start, color=color)
