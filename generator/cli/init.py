"""`tenantry init`: a new fleet's folder."""

from __future__ import annotations

from pathlib import Path

import click

from generator.cli.days import today
from generator.cli.group import FINDINGS, FINE
from generator.cli.session import Session, counted, put, say, weighed


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path(), metavar="[DIR]")
@click.option("--name", metavar="NAME", help="The fleet's name, a DNS label.  [default: the folder's name]")
@click.option(
    "--repository",
    metavar="URL",
    default="https://git.example.com/starter/rendered.git",
    help="The git repository that rendered output goes to.  [default: an example to be replaced]",
)
@click.option(
    "--provider",
    type=click.Choice(["aws", "azure", "gcp"]),
    default="aws",
    show_default=True,
    help="The cloud of the first region.",
)
@click.option(
    "--owners",
    metavar="TEAMS",
    default="@example/platform",
    show_default=True,
    help="Who reviews changes, as CODEOWNERS names them.",
)
@click.pass_obj
def command(session: Session, folder: Path, name: str | None, repository: str, provider: str, owners: str) -> int:
    """Begin a fleet in DIR (default: here).

    Writes inputs that work, policies, schemas for the editor, a workflow, CODEOWNERS and pre-commit
    hooks, and renders them. Nothing that exists is written over.
    """
    from generator.installed import version
    from generator.pipeline import fleets
    from generator.scaffold import NewFleet

    folder = (session.start or Path()) / folder
    wish = NewFleet(
        name=name or folder.resolve().name,
        repository=repository,
        provider=provider,
        owners=owners,
        version=version(),
    )
    begun = fleets.begin_fleet(folder, wish, today=today())
    if not begun.files:
        session.explain(begun.diagnostics)
        say(f"init: nothing written: {weighed(begun.diagnostics)}")
        return FINDINGS
    for path in begun.kept:
        say(f"init: {path} is kept as it is")
    put("".join(f"{path}\n" for path in begun.files))
    say(
        f"init: {counted(len(begun.files), 'file')}, and {begun.rendered} rendered from them; "
        "next: git init, read README.md, and replace the examples that it names"
    )
    return FINE
