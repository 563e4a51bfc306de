"""A new fleet's folder: inputs that work, policies, and what a repository needs around them.

The files stand in starter/ as they will stand in the fleet, which makes starter/ itself (with the shipped policies and
schemas) a sound fleet; only names are put in their places.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from generator.diagnostics import Code, Diagnostic, Severity
from generator.installed import policy_folder, schema_folder, starter_folder
from generator.source import Location

IN_THE_WAY = Code(
    "ADD004",
    "a file stands where a new fleet's would",
    "Nothing is written over; a fleet begins in a folder of its own.",
)

PROVIDERS: Final = {
    "aws": ("regions/eu-west-1.yaml", "aws-eu-west-1-prod-1", ""),
    "azure": ("regions/westeurope.yaml", "az-westeurope-prod-1", "00000000-0000-4000-8000-000000000004"),
    "gcp": ("regions/europe-west1.yaml", "gcp-europe-west1-prod-1", ""),
}
"""For each provider the first region's file, its cell, and the first tenant's identity where none can be derived."""
SPARED: Final = (".gitattributes", ".gitignore", ".vscode/extensions.json", ".vscode/settings.json", "README.md")
"""What a repository may have of its own, and keeps."""
_SHIPPED: Final = ("admission", "compliance")
"""Folders of policies that every fleet can start from as they are."""


class NewFleet(Struct, frozen=True):
    """What is asked for: the fleet's name (a DNS label), where rendered output goes (a git URL), the provider of its
    first region, who owns its files (as CODEOWNERS names them), and the version of the program that makes it."""

    name: str
    repository: str
    provider: str
    owners: str
    version: str


def fleet_files(wish: NewFleet) -> dict[str, bytes]:
    """Every file of the new fleet, path → content, without what it renders to."""
    files = dict(_below(starter_folder()))
    region, cell, identity = PROVIDERS[wish.provider]
    for other, _, _ in PROVIDERS.values():
        if other != region:
            del files[other]
    for folder in _SHIPPED:
        files |= {f"policies/{folder}/{path}": content for path, content in _below(policy_folder() / folder)}
    provider = f"policies/providers/{wish.provider}.yaml"
    files[provider] = (policy_folder() / "providers" / f"{wish.provider}.yaml").read_bytes()
    files |= {f"schemas/{path}": content for path, content in _below(schema_folder()) if "/" not in path}
    placement = f"cluster: {cell}, role: primary" + (f", identity: {identity}" if identity else "")
    for path, old, new in (
        ("fleet.yaml", "https://git.example.com/starter/rendered.git", wish.repository),
        ("fleet.yaml", "name: starter\n", f"name: {wish.name}\n"),
        ("fleet.yaml", "id: starter\n", f"id: {wish.name}\n"),
        ("README.md", "# starter\n", f"# {wish.name}\n"),
        ("tenants/first.yaml", "cluster: aws-eu-west-1-prod-1, role: primary", placement),
        (".github/CODEOWNERS", "@example/platform", wish.owners),
        (".github/workflows/fleet.yaml", "tenantry==0.0.0", f"tenantry=={wish.version}"),
        (".github/workflows/promote.yaml", "tenantry==0.0.0", f"tenantry=={wish.version}"),
        (".pre-commit-config.yaml", "tenantry==0.0.0", f"tenantry=={wish.version}"),
    ):
        files[path] = files[path].replace(old.encode(), new.encode())
    return dict(sorted(files.items()))


def in_the_way(path: str) -> Diagnostic:
    """A file of the new fleet's exists already."""
    return Diagnostic(
        code=IN_THE_WAY,
        severity=Severity.ERROR,
        message=f"{path} exists already",
        location=Location(path),
        hint="begin in an empty folder, or move the file away",
    )


def _below(folder: Path, above: str = "") -> Iterator[tuple[str, bytes]]:
    """The files of a folder and of those in it, by their paths below it."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _below(entry, f"{above}{entry.name}/")
        else:
            yield f"{above}{entry.name}", entry.read_bytes()
