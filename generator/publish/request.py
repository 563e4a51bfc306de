"""What to publish where, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from generator.diagnostics import Diagnostic
from generator.source import Location

FLEET_FILE = Location("fleet.yaml")
"""The file that names the repository and the branch: where most of what can go wrong here is to be changed."""


class Request(Struct, frozen=True):
    """One publish.

    `root` is the fleet's folder, in a git repository. `repository` is the target: a URL, or a path, absolute or
    relative to `root`. `per_environment` is cluster → environment: the files of a cluster of environment E go to
    `<branch>/<E>`; None puts everything on `branch`. `dry_run` stops short of the push. `attempts` bounds how often a
    push that another publish overtook is done again. `inputs` are git pathspecs, relative to `root`, of what the tree
    was rendered from; empty means everything but rendered/ and .tenantry/. `fleet` is the fleet's name, recorded in
    the commits so that two fleets do not overwrite each other; "" records and asks for none.
    """

    root: Path
    repository: str
    branch: str
    per_environment: Mapping[str, str] | None = None
    dry_run: bool = False
    attempts: int = 5
    inputs: Sequence[str] = ()
    fleet: str = ""


class Moved(Struct, frozen=True):
    """A branch that has (or under `dry_run` would have) a new commit.

    `old` is None for a branch that was not there. The paths are sorted, from the root of the branch.
    """

    branch: str
    old: str | None
    new: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


class Unchanged(Struct, frozen=True):
    """A branch that holds exactly the tree already; no commit was made."""

    branch: str


class Outcome(Struct, frozen=True):
    """What a publish came to. With an error among the diagnostics no branch was moved and `branches` is empty.

    `source` is the full id of the fleet's commit that was published, "" when there was none. `recorded` are the
    branches whose record in the target has (or under `dry_run` would have) moved on to `source`.
    """

    source: str
    branches: tuple[Moved | Unchanged, ...]
    diagnostics: tuple[Diagnostic, ...]
    recorded: tuple[str, ...] = ()


def branch_names(request: Request) -> tuple[str, ...]:
    """The branches that a publish is about, sorted."""
    if request.per_environment is None:
        return (request.branch,)
    return tuple(f"{request.branch}/{environment}" for environment in sorted(set(request.per_environment.values())))


def branches(paths: Iterable[str], request: Request) -> dict[str, list[str]]:
    """The paths of each branch, by its name. Raises ValueError for a cluster that has no environment (a bug)."""
    if request.per_environment is None:
        return {request.branch: list(paths)}
    environments = request.per_environment
    found: dict[str, list[str]] = {name: [] for name in branch_names(request)}
    for path in paths:
        cluster = path.partition("/")[0]
        if cluster not in environments:
            raise ValueError(f"rendered path {path!r} belongs to no cluster of an environment")
        found[f"{request.branch}/{environments[cluster]}"].append(path)
    return found
