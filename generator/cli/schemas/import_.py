"""`tenantry schemas import`: CustomResourceDefinitions become schemas that the fleet is checked by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.group import FINDINGS, FINE, Refusal
from generator.cli.session import Session, counted, put, say, weighed

if TYPE_CHECKING:
    from generator.check.definitions import Source


@click.command("import")
@click.argument("files", nargs=-1, metavar="[FILE|-]...", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--from-cluster", is_flag=True, help="Take all definitions of a cluster.")
@click.option("--context", metavar="NAME", help="The kubeconfig's context.  [default: the current one]")
@click.option("--group", "groups", multiple=True, metavar="NAME", help="Only kinds of this API group; may be repeated.")
@click.option("--kind", "kinds", multiple=True, metavar="NAME", help="Only this kind; may be repeated.")
@click.pass_obj
def command(
    session: Session,
    files: tuple[Path, ...],
    from_cluster: bool,
    context: str | None,
    groups: tuple[str, ...],
    kinds: tuple[str, ...],
) -> int:
    """Import schemas from CustomResourceDefinitions.

    Reads YAML or JSON, - is standard input, and writes a schema for each served version to crds/ in the
    fleet's folder. From then on check holds objects of the kind against it, instead of the schema that
    tenantry brings, if it brings one. Nothing is written when a definition is faulty.
    """
    from generator.pipeline import schemas

    root = session.root()
    if bool(files) == from_cluster:
        raise click.UsageError("Name files, or - for standard input, or say --from-cluster.")
    if context is not None and not from_cluster:
        raise click.UsageError("--context goes with --from-cluster.")
    sources = [_cluster(context)] if from_cluster else list(_files(files, root))
    done = schemas.import_schemas(root, sources, groups=groups, kinds=kinds)
    session.explain(done.diagnostics)
    if done.diagnostics:
        say(f"import: nothing is written; {weighed(done.diagnostics)}")
        return FINDINGS
    if not done.schemas:
        raise Refusal(_nothing(done.met, groups, kinds))
    put("".join(f"{state:7}  {path}\n" for _, _, path, state in done.schemas))
    states = [state for *_, state in done.schemas]
    counts = ", ".join(f"{states.count(state)} {state}" for state in ("added", "changed", "same"))
    say(f"import: {counted(len(states), 'schema')}: {counts}")
    return FINE


def _files(files: tuple[Path, ...], root: Path) -> Iterator[Source]:
    """A file outside of the fleet is called by its name alone, so that the schema does not depend on the checkout."""
    import sys

    from generator.check.definitions import SIZE_LIMIT, Source

    for file in files:
        if str(file) == "-":
            yield Source("standard input", "standard input", sys.stdin.buffer.read(SIZE_LIMIT + 1))
            continue
        with file.open("rb") as stream:
            text = stream.read(SIZE_LIMIT + 1)
        place = file.resolve()
        origin = place.relative_to(root).as_posix() if place.is_relative_to(root) else file.name
        yield Source(str(file), origin, text)


def _cluster(context: str | None) -> Source:
    from generator.check.definitions import Source
    from generator.load.cluster import NoCluster, definitions

    try:
        name, text = definitions(context)
    except NoCluster as wrong:
        raise Refusal(str(wrong)) from wrong
    return Source(f"cluster {name}", f"the cluster of context {name}", text)


def _nothing(met: tuple[str, ...], groups: tuple[str, ...], kinds: tuple[str, ...]) -> str:
    """Why nothing was imported, with the name that a mistyped one is near to."""
    from generator.diagnostics import did_you_mean, listing

    wanted = " and ".join([*(f"--kind {kind}" for kind in kinds), *(f"--group {group}" for group in groups)])
    if not met:
        return "no version of any definition is served; there is nothing to import"
    hints = [did_you_mean(kind, {each.partition(".")[0] for each in met}) for kind in kinds]
    hints += [did_you_mean(group, {each.partition(".")[2] for each in met}) for group in groups]
    hint = next((f"; {hint}" for hint in hints if hint), "")
    return f"nothing is defined for {wanted}; there is {listing(met)}{hint}"
