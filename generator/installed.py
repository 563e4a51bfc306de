"""What is installed beside the code."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def schema_folder() -> Traversable:
    """Where the schemas are: inside the installed package, or at the top of a checkout."""
    inside = files("generator") / "schemas"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "schemas"


def version() -> str:
    """The version of the installed distribution."""
    from importlib.metadata import version as version_of

    return version_of("tenantry")
