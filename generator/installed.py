"""What is installed beside the code."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent


def schema_folder() -> Path:
    """Where the schemas are: inside the installed package, or at the top of a checkout."""
    return _shipped("schemas")


def policy_folder() -> Path:
    """Where the policies are that new fleets start from: inside the installed package, or at the top of a checkout."""
    return _shipped("policies")


def starter_folder() -> Path:
    """The files of a new fleet that are its own from the start."""
    return _HERE / "scaffold" / "starter"


def _shipped(name: str) -> Path:
    inside = _HERE / name
    return inside if inside.is_dir() else _HERE.parent / name


def version() -> str:
    """The version of the installed distribution."""
    from importlib.metadata import version as version_of

    return version_of("tenantry")


_LIBRARIES: Final = (
    "cel-expr-python",
    "Jinja2",
    "jsonschema-rs",
    "kubernetes-validate",
    "MarkupSafe",
    "PyYAML",
    "ruamel.yaml",
)
"""What the program's output and findings depend on, beside its own files."""


@cache
def program() -> str:
    """Which program this is: a digest of its code, templates and schemas and of the libraries that decide what it makes
    and finds, with the versions of Jinja2 and Python. Two that are equal render the same bytes and find the same
    faults."""
    digest = hashlib.sha256()
    for name, folder in (("generator", str(_HERE)), ("schemas", str(schema_folder()))):
        for path in sorted(_files(folder)):
            with open(f"{folder}/{path}", "rb") as file:  # noqa: PTH123 - a Path for each of hundreds of files costs more
                content = file.read()
            digest.update(f"{name}/{path} {len(content)}\0".encode(errors="surrogateescape") + content)
    for library in _LIBRARIES:
        digest.update(f"{library} {_version(library)}\0".encode())
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"{digest.hexdigest()[:32]}, Jinja2 {_version('Jinja2')}, Python {python}"


def _files(folder: str) -> Iterator[str]:
    """The paths of all files below a folder, but for what Python compiles and what nobody sees."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
        below = os.path.relpath(place, folder)
        for name in names:
            if not name.startswith("."):
                yield name if below == "." else f"{below}/{name}".replace(os.sep, "/")


def _version(library: str) -> str:
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    try:
        return version_of(library)
    except PackageNotFoundError:
        return ""
