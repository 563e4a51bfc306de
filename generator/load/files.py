"""Which files of a fleet's folder are inputs, of which kind, and what is in the way there."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct, field

from generator.diagnostics import Code, Diagnostic, Severity, did_you_mean
from generator.load.characters import LIMIT
from generator.source import Location

NO_FLEET: Final = Code("INP001", "no fleet.yaml", "nothing says where rendered output goes and what every cell gets")
UNEXPECTED: Final = Code("INP002", "file that is not read", "somebody believes that what the file says is in force")
PATH: Final = Code(
    "INP003", "unusable path", "paths with other characters break shells, URLs and case-insensitive disks"
)
LINK: Final = Code(
    "INP004", "link that cannot be followed", "files that no review of this repository shows would be read"
)
UNREADABLE: Final = Code("INP005", "unreadable file", "what the file says would be missing from the fleet in silence")

FLEET: Final = "fleet.yaml"
GUARDS: Final = "policies/guards.yaml"
BASELINE: Final = "baseline.yaml"

FOLDERS: Final = {
    "approvals": "Approval",
    "platforms": "Platform",
    "policies/compliance": "ComplianceFramework",
    "policies/providers": "Provider",
    "policies/tiers": "Tier",
    "regions": "Region",
    "tenants": "Tenant",
}
"""The folders of inputs and the kind that each holds. Only tenants/ has sub-folders."""

ADMISSION: Final = "policies/admission"
"""The folder of admission policies: files of Kubernetes objects, several in each."""

_ELSEWHERE: Final = frozenset({ADMISSION})
"""Folders below policies/ that have a turn of their own."""
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


class Entry(Protocol):
    """One entry of a folder, as `os.scandir` gives it."""

    @property
    def name(self) -> str: ...
    @property
    def path(self) -> str: ...
    def is_symlink(self) -> bool: ...
    def is_dir(self) -> bool: ...


class Place(Protocol):
    """Where input files stand: a disk, or a commit."""

    def exists(self, place: str) -> bool:
        """Whether anything stands there, a link that leads to nothing included."""

    def is_link(self, place: str) -> bool:
        """Whether it is a link."""

    def real(self, place: str) -> str:
        """The place with every link followed."""

    def entries(self, place: str) -> Iterable[Entry]:
        """What a folder holds, in no order. Raises OSError when it cannot be had."""


class Disk:
    """The file system."""

    __slots__ = ()

    def exists(self, place: str) -> bool:
        return os.path.lexists(place)

    def is_link(self, place: str) -> bool:
        return os.path.islink(place)  # noqa: PTH114

    def real(self, place: str) -> str:
        return os.path.realpath(place)

    def entries(self, place: str) -> Iterable[Entry]:
        with os.scandir(place) as entries:
            return list(entries)


class InputFile(Struct, frozen=True):
    """One file to read: its path below the fleet's folder, the kind that belongs there, and where it is on the disk."""

    path: str
    kind: str
    place: str

    @property
    def stem(self) -> str:
        """What its object must be named; "" where the name is free (fleet.yaml, baseline.yaml and the guards)."""
        return "" if self.path in (FLEET, GUARDS, BASELINE) else self.path.rpartition("/")[2].removesuffix(".yaml")


def input_files(root: Path) -> tuple[tuple[InputFile, ...], tuple[Diagnostic, ...]]:
    """The input files below `root`, sorted by path, and what stands there that is not one."""
    return find(os.path.realpath(root), Disk())


def find(root: str, disk: Place) -> tuple[tuple[InputFile, ...], tuple[Diagnostic, ...]]:
    """`input_files`, for a folder that need not stand on a disk."""
    search = _Search(root, disk)
    search.fleet()
    search.baseline()
    search.folder("policies", "")
    for folder, kind in FOLDERS.items():
        search.folder(folder, kind)
    search.folder(ADMISSION, ADMISSION)
    search.links()
    return tuple(sorted(search.files, key=attrgetter("path"))), tuple(search.diagnostics)


def draft(path: str) -> InputFile:
    """The place of a file of a fleet's folder that is not written yet."""
    if path == BASELINE:
        return InputFile(path, "Baseline", "")
    return InputFile(path, next(kind for folder, kind in FOLDERS.items() if path.startswith(f"{folder}/")), "")


def content(file: InputFile) -> tuple[bytes, tuple[Diagnostic, ...]]:
    """The bytes of a file, at most one more than permitted; or why they cannot be had."""
    try:
        # A named pipe would keep the reader waiting for ever.
        about = os.stat(file.place)  # noqa: PTH116
        if not stat.S_ISREG(about.st_mode):
            return b"", (_error(UNREADABLE, "this is not an ordinary file", file.path),)
        return _read(file.place, about.st_size), ()
    except OSError as error:
        return b"", (_unreadable(file.path, error),)


def _read(place: str, size: int) -> bytes:
    """The bytes of an ordinary file of about that size, at most one more than permitted. Python's own file objects take
    twice the time, and a fleet is thousands of small files."""
    descriptor = os.open(place, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        raw = os.read(descriptor, min(size, LIMIT) + 1)
        while len(raw) <= LIMIT and (more := os.read(descriptor, LIMIT + 1 - len(raw))):
            raw += more
    finally:
        os.close(descriptor)
    return raw


class _Search(Struct):
    """The state of one search. `read` are the real paths of the folders gone through; `pending` links to folders."""

    root: str
    disk: Place
    files: list[InputFile] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    pending: list[tuple[str, str, str]] = field(default_factory=list)

    def fleet(self) -> None:
        """fleet.yaml, without which there is no fleet."""
        place = f"{self.root}/{FLEET}"
        if self.disk.exists(place):
            if not self.disk.is_link(place) or self.inside(place, FLEET):
                self.files.append(InputFile(FLEET, "Fleet", place))
            return
        wrong = self.disk.exists(f"{self.root}/fleet.yml")
        hint = "rename fleet.yml to fleet.yaml" if wrong else "run in a fleet's folder, or name it: `tenantry -C DIR`"
        self.diagnostics.append(_error(NO_FLEET, "there is no fleet.yaml: this folder is no fleet", FLEET, hint=hint))

    def baseline(self) -> None:
        """baseline.yaml, which most fleets have no need of."""
        place = f"{self.root}/{BASELINE}"
        link = self.disk.is_link(place)
        if self.inside(place, BASELINE) if link else self.disk.exists(place):
            self.files.append(InputFile(BASELINE, "Baseline", place))

    def folder(self, path: str, kind: str) -> None:
        """A folder of inputs and, for tenants, all below it. A folder that does not exist holds nothing."""
        place = f"{self.root}/{path}"
        if not self.disk.exists(place) or (self.disk.is_link(place) and not self.inside(place, path)):
            return
        self.scan(path, kind, place)

    def links(self) -> None:
        """Goes into the linked folders last, so that it is the link that is refused and not what it leads to."""
        while self.pending:
            path, kind, place = self.pending.pop(0)
            self.scan(path, kind, place)

    def scan(self, path: str, kind: str, place: str) -> None:
        """Goes through a folder and its sub-folders, without recursion."""
        folders = [(path, place)]
        while folders:
            path, place = folders.pop()
            real = self.disk.real(place)
            if real in self.read:
                hint = "remove the link, or link to a folder outside of those that are read"
                self.diagnostics.append(
                    _error(LINK, "the files of this folder are read elsewhere already", path, hint=hint)
                )
                continue
            self.read.add(real)
            try:
                found = sorted(self.disk.entries(place), key=attrgetter("name"))
            except OSError as error:
                self.diagnostics.append(_unreadable(path, error))
                continue
            folders.extend(self.sort(path, kind, found))

    def sort(self, path: str, kind: str, entries: list[Entry]) -> Iterator[tuple[str, str]]:
        """Keeps the input files among a folder's entries, reports what does not belong there, gives the sub-folders."""
        for entry in entries:
            below = f"{path}/{_printable(entry.name)}"
            if entry.name.startswith(".") or entry.name == "README.md" or self.is_known(path, below):
                continue
            if not _NAME.fullmatch(entry.name):
                hint = "use letters, digits, `.`, `_` and `-` only"
                self.diagnostics.append(
                    _error(PATH, "the path has characters that are not permitted", below, hint=hint)
                )
            elif entry.is_symlink() and not self.inside(entry.path, below):
                continue
            elif _is_folder(entry):
                if path.partition("/")[0] != "tenants":
                    self.diagnostics.append(_unexpected_folder(path, below))
                elif entry.is_symlink():
                    self.pending.append((below, kind, entry.path))
                else:
                    yield below, entry.path
            elif below == GUARDS:
                self.files.append(InputFile(below, "Guards", entry.path))
            elif kind and below.endswith(".yaml"):
                self.files.append(InputFile(below, kind, entry.path))
            else:
                self.diagnostics.append(_unexpected_file(path, below))

    @staticmethod
    def is_known(path: str, below: str) -> bool:
        """Whether this is a folder that has its own turn or its own stage."""
        return path == "policies" and (below in FOLDERS or below in _ELSEWHERE)

    def inside(self, place: str, path: str) -> bool:
        """Whether a link leads to something that exists inside the fleet's folder; it is reported when not."""
        target = self.disk.real(place)
        if target != self.root and not target.startswith(f"{self.root.rstrip('/')}/"):
            hint = "put a copy of the file here"
            self.diagnostics.append(_error(LINK, "the link leads out of the fleet's folder", path, hint=hint))
            return False
        if not os.path.exists(target):  # noqa: PTH110
            self.diagnostics.append(_error(LINK, "the link leads to nothing", path, hint="remove it or mend it"))
            return False
        return True


def _error(code: Code, message: str, path: str, *, hint: str = "") -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, Location(path), hint=hint)


def _unreadable(path: str, error: OSError) -> Diagnostic:
    reason = error.strerror or "no reason given"
    return _error(UNREADABLE, f"it cannot be read: {reason[:1].lower()}{reason[1:]}", path)


def _unexpected_file(folder: str, path: str) -> Diagnostic:
    if path.endswith(".yml"):
        hint = f"rename it to {path.rpartition('/')[2].removesuffix('.yml')}.yaml"
        return _error(UNEXPECTED, "files that end in .yml are not read", path, hint=hint)
    if folder == "policies":
        stem = path.rpartition("/")[2]
        hint = did_you_mean(stem, ["guards.yaml"]) or "move it to the folder of its kind, or remove it"
        return _error(UNEXPECTED, "only guards.yaml is read here", path, hint=hint)
    return _error(UNEXPECTED, f"only .yaml files are read in {folder}/", path, hint="rename it or remove it")


def _unexpected_folder(folder: str, path: str) -> Diagnostic:
    if folder != "policies":
        hint = f"move its files to {folder}/; only tenants/ may have sub-folders"
        return _error(UNEXPECTED, "sub-folders are not read here", path, hint=hint)
    known = [name for name in (*FOLDERS, *_ELSEWHERE) if name.startswith("policies/")]
    return _error(UNEXPECTED, "this folder is not read", path, hint=did_you_mean(path, known) or "remove it")


def _is_folder(entry: Entry) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _printable(name: str) -> str:
    """A file's name that any output can hold: bytes that are no UTF-8 and what is not printable are escaped."""
    if name.isascii() and name.isprintable():
        return name
    decoded = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in decoded)
