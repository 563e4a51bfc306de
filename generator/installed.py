"""What is installed beside the code."""

from __future__ import annotations

import hashlib
import os
import re
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
    return version_of("tenantry")


_RELEASED: Final = re.compile(r"[^-]+-([0-9]+(?:\.[0-9]+)*)\.dist-info")
"""The folder that an installer leaves beside a released library."""


def version_of(library: str) -> str:
    """The version of an installed library. Raises `importlib.metadata.PackageNotFoundError`.

    The name of the folder that is left beside it says the same as what stands inside. Only where that leaves a doubt is
    importlib.metadata asked: to import it takes as long as to read what is remembered of 10,000 tenants.
    """
    for folder in (folder or os.curdir for folder in sys.path):
        named = _installed_in(folder).get(_folded(library), [])
        if len(named) == 1 and (released := _RELEASED.fullmatch(named[0])):
            return released[1]
        if named or os.path.isfile(folder):  # noqa: PTH113 - an archive may hold it
            break
    from importlib.metadata import version as stated_version

    return stated_version(library)


@cache
def _installed_in(folder: str) -> dict[str, list[str]]:
    """What installers have left in a folder, by the names of libraries."""
    found: dict[str, list[str]] = {}
    try:
        names = os.listdir(folder)  # noqa: PTH208 - a Path for each costs more
    except OSError:
        return found
    for name in names:
        stem, _, ending = name.rpartition(".")
        if ending in ("dist-info", "egg-info", "egg"):
            found.setdefault(_folded(stem.partition("-")[0]), []).append(name)
    return found


def _folded(library: str) -> str:
    """A library's name as all spellings of it are compared."""
    return re.sub(r"[-_.]+", "_", library).lower()


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
    try:
        return version_of(library)
    except ImportError:  # PackageNotFoundError, which it would take long to import
        return ""
