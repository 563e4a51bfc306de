"""Names of tenants, platforms and tiers: completed from the files' names, checked against the fleet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from generator.cli.group import FINDINGS
from generator.cli.session import Session, say, weighed

if TYPE_CHECKING:
    from generator.model.fleet import Fleet

Completer: TypeAlias = Callable[[click.Context, click.Parameter, str], list[str]]


def complete(pattern: str) -> Completer:
    """Completes with the names of the files that match a pattern below the fleet's folder, unread: it must be quick."""

    def names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001
        start = context.find_root().params.get("start") or Path()
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / "fleet.yaml").is_file():
                return sorted(file.stem for file in folder.glob(pattern) if file.stem.startswith(incomplete))
        return []

    return names


tenants = complete("tenants/**/*.yaml")
platforms = complete("platforms/*.yaml")
tiers = complete("policies/tiers/*.yaml")
frameworks = complete("policies/compliance/*.yaml")


def known(kind: str, name: str | None, names: Iterable[str]) -> None:
    """Refuses a name that the fleet does not have, with the one it is near to. None passes."""
    from generator.diagnostics import did_you_mean, listing

    if name is None or name in (there := set(names)):
        return
    raise click.UsageError(f"no {kind} '{name}': " + (did_you_mean(name, there) or f"there is {listing(there)}"))


def fleet_of(session: Session) -> tuple[Fleet | None, int]:
    """The resolved fleet and the exit code so far; what is wrong with it is said on standard error."""
    from generator.diagnostics import has_errors
    from generator.pipeline.inputs import validate

    validated = validate(session.root())
    if not has_errors(validated.diagnostics):
        return validated.fleet, 0
    if validated.fleet is None:
        session.explain(validated.diagnostics)
    say(f"tenant: the fleet has mistakes, see tenantry validate: {weighed(validated.diagnostics)}")
    return validated.fleet, FINDINGS
