"""What is installed beside the code."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def schema_folder() -> Traversable:
    """Where the schemas are: inside the installed package, or at the top of a checkout."""
    return _shipped("schemas")


def policy_folder() -> Traversable:
    """Where the policies are that new fleets start from: inside the installed package, or at the top of a checkout."""
    return _shipped("policies")


def starter_folder() -> Traversable:
    """The files of a new fleet that are its own from the start."""
    return files("generator") / "scaffold" / "starter"


def _shipped(name: str) -> Traversable:
    inside = files("generator") / name
    return inside if inside.is_dir() else Path(__file__).parents[1] / name


def version() -> str:
    """The version of the installed distribution."""
    from importlib.metadata import version as version_of

    return version_of("tenantry")


@cache
def program() -> str:
    """What decides how inputs become output, beside the inputs: a SHA-256 of the program's modules and templates, with
    the versions of Jinja2 and Python. Where it is equal, the same inputs give the same bytes."""
    from importlib.metadata import version as version_of

    package = Path(__file__).parent
    names = (path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for name in sorted(names):
        if name.endswith(".py") or (name.startswith("templates/") and "__pycache__" not in name):
            content = (package / name).read_bytes()
            digest.update(f"{name}\n{len(content)}\n".encode())
            digest.update(content)
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"{digest.hexdigest()[:32]}, Jinja2 {version_of('Jinja2')}, Python {python}"
