"""What is installed beside the code."""

from __future__ import annotations

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
