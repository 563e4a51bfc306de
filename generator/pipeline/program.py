"""Which program this is: its code, templates and schemas, and the libraries that decide what it makes and finds."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from generator.installed import schema_folder

_LIBRARIES: Final = (
    "cel-expr-python",
    "Jinja2",
    "jsonschema-rs",
    "kubernetes-validate",
    "MarkupSafe",
    "PyYAML",
    "ruamel.yaml",
)


@cache
def program() -> str:
    """A digest of all of that. Two programs of one digest render the same bytes and find the same faults."""
    digest = hashlib.sha256()
    for name, folder in (("generator", Path(__file__).parents[1]), ("schemas", Path(str(schema_folder())))):
        for path in sorted(_files(str(folder))):
            with open(f"{folder}/{path}", "rb") as file:  # noqa: PTH123 - a Path for each of hundreds of files costs more
                content = file.read()
            digest.update(f"{name}/{path} {len(content)}\0".encode(errors="surrogateescape") + content)
    for library in _LIBRARIES:
        digest.update(f"{library} {_version(library)}\0".encode())
    digest.update(f"Python {sys.version_info.major}.{sys.version_info.minor}".encode())
    return digest.hexdigest()


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
        return version(library)
    except PackageNotFoundError:
        return ""
