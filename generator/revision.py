"""A revision of the fleet's own git repository: its files as they were, and what differs from them.

It stands below the stages: git is asked before any of them is imported, and looks while they are.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

_QUIET: Final = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
_PATIENT: Final = 10
"""How much git yields to others: by its many threads it would leave them a tenth of two cores."""
_LINK: Final = "120000"
_MODULE: Final = "160000"


class NoRevision(OSError):  # noqa: N818  it is a state of the world, not a fault
    """There is no such revision, no repository, or no git: nothing to compare with."""


def blob_id(raw: bytes) -> str:
    """Git's id of a file's bytes, as a repository of SHA-1 has it."""
    return hashlib.sha1(b"blob %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()


def default_base(root: Path) -> str:
    """The commit at which this branch left the main one: origin's default branch, else `main`, else `master`."""
    for main in ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/heads/main", "refs/heads/master"):
        if not _git(root, "rev-parse", "--verify", "--quiet", f"{main}^{{commit}}")[0]:
            status, output, _ = _git(root, "merge-base", main, "HEAD")
            if status:
                message = f"this branch and {main} have no commit in common; say what to compare with"
                raise NoRevision(_shallow(root) or message)
            return output.decode().strip()
    raise NoRevision("there is no main branch to compare with; name a revision or a folder: tenantry diff BASE")


def commit_of(root: Path, revision: str) -> str:
    """The id of the commit that a revision names. Raises NoRevision."""
    status, output, error = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if status:
        reason = "the fleet's folder is in no git repository" if "not a git repository" in error else "git knows none"
        reason = _shallow(root) or reason
        raise NoRevision(f"no revision '{revision}' to compare with: {reason}")
    return output.decode().strip()


def _shallow(root: Path) -> str:
    """What a shallow clone needs, "" for a whole one."""
    if _git(root, "rev-parse", "--is-shallow-repository")[1].strip() != b"true":
        return ""
    return (
        "this clone is shallow and does not reach it; fetch its history with git fetch --unshallow, "
        "or set fetch-depth: 0 where CI checks out"
    )


def changed(root: Path, commit: str, *paths: Path, ignored: bool) -> tuple[str, ...] | None:
    """The files below some paths that are not as a commit has them, relative to `root`: changed, gone, and those that
    git does not know, with `ignored` also those that it is told to ignore. None when the commit has nothing there, or
    a path is outside the repository.
    """
    with changing(root, commit, *paths, ignored=ignored) as answer:
        return answer()


@contextmanager
def changing(
    root: Path, commit: str, *paths: Path, ignored: bool, yielding: bool = False
) -> Iterator[Callable[[], tuple[str, ...] | None]]:
    """`changed`, asked now and answered by the call: git looks at every file below the paths, and who asks has other
    work meanwhile; if that is much, git may take longer (`yielding`). The call raises NoRevision as `changed` does."""
    places = [os.path.relpath(path, root) for path in paths]
    questions = (
        *(("ls-tree", "-d", "--name-only", commit, "--", place) for place in places),
        ("diff", "--name-only", "--no-renames", "--no-relative", "-z", commit, "--", *places),
        ("ls-files", "--others", "--full-name", *(() if ignored else ("--exclude-standard",)), "-z", "--", *places),
    )
    # Side by side they take half the time.
    asked = [_started(root, *question) for question in questions]
    if yielding and sys.platform != "win32":
        for each in asked:
            os.setpriority(os.PRIO_PROCESS, each.pid, _PATIENT)
    try:
        yield cache(lambda: _answer(root, commit, asked[: len(places)], asked[len(places) :]))
    finally:
        for each in asked:
            if each.returncode is None:  # nobody wanted to know
                each.kill()
                each.communicate()


def _answer(
    root: Path, commit: str, there: list[subprocess.Popen[bytes]], asked: list[subprocess.Popen[bytes]]
) -> tuple[str, ...] | None:
    if any(status or not listed for status, listed, _ in [_answered(each) for each in there]):
        return None
    found: set[str] = set()
    for status, listed, error in [_answered(each) for each in asked]:
        if status:
            raise NoRevision(f"git cannot compare with {commit}: {error.strip()}")
        found.update(os.fsdecode(path) for path in listed.split(b"\0") if path)
    return tuple(sorted(os.path.relpath(path, _prefix(root) or ".") for path in found))


def is_unchanged(root: Path, commit: str, folder: Path) -> bool:
    """Whether a folder below the repository has the very files that it has in a commit; it may be missing in both."""
    files = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    if any(path.is_symlink() for path in files):
        return False
    now = {os.path.relpath(path, folder): blob_id(path.read_bytes()) for path in files if path.suffix != ".pyc"}
    inside = folder.resolve().relative_to(_top(root)).as_posix()
    then = {os.path.relpath(path, inside): blob for _, blob, path in _listed(root, commit, [inside])}
    return now == then


def has_history(root: Path, commit: str, templates: Path) -> bool:
    """Whether a commit holds the program's own templates, because the program stands in the fleet's repository."""
    inside = _inside(root, templates)
    return inside is not None and any(path != inside for _, _, path in _listed(root, commit, [inside]))


def export(root: Path, commit: str, names: Iterable[str], target: Path) -> None:
    """Writes the files and folders `names` of the fleet's folder, as a commit holds them, below `target`."""
    _write(root, commit, {f"{_prefix(root)}{name}": name for name in names}, target)


def export_templates(root: Path, commit: str, templates: Path, target: Path) -> Path:
    """The program's own templates as the commit holds them, when the program stands in the fleet's repository.

    Gives the folder that they were written to; elsewhere the program's own folder, which has no history here.
    """
    inside = _inside(root, templates)
    if inside is None:
        return templates
    _write(root, commit, {inside: "templates"}, target)
    return target / "templates" if (target / "templates").is_dir() else templates


def blobs(root: Path, commit: str, names: Iterable[str]) -> dict[str, str] | None:
    """The files of the fleet's folder below `names` in a commit, path → blob id; None when a link is among them."""
    prefix = _prefix(root)
    listed = list(_listed(root, commit, [f"{prefix}{name}" for name in names]))
    if any(mode == _LINK for mode, _, _ in listed):
        return None
    return {path.removeprefix(prefix): blob for _, blob, path in listed}


def contents(root: Path, ids: Iterable[str]) -> Iterator[bytes]:
    """The contents of blobs, by one process for all of them. Raises NoRevision when the clone lacks one."""
    wanted = list(ids)
    return _contents(root, wanted) if wanted else iter(())


def _prefix(root: Path) -> str:
    """The fleet's folder below the repository: `fleet/`, "" at its top."""
    return _standing(root.absolute())[0]


def _top(root: Path) -> Path:
    """The repository's folder."""
    return _standing(root.absolute())[1]


def _inside(root: Path, folder: Path) -> str | None:
    """A folder's path below the repository; None for one outside of it."""
    place, top = folder.resolve(), _top(root)
    return place.relative_to(top).as_posix() if place.is_relative_to(top) else None


@cache
def _standing(root: Path) -> tuple[str, Path]:
    """Where a folder stands in its repository, and where that stands: asked several times in a run. That it stands in
    none is not remembered."""
    asked = [_started(root, "rev-parse", question) for question in ("--show-prefix", "--show-toplevel")]
    (status, prefix, error), (failed, top, _) = (_answered(each) for each in asked)
    if status or failed:
        raise NoRevision(f"git does not say where the fleet's folder stands: {error.strip()}")
    return os.fsdecode(prefix.removesuffix(b"\n")), Path(os.fsdecode(top.removesuffix(b"\n"))).resolve()


def _listed(root: Path, commit: str, names: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Mode, blob id and path below the repository of what a commit holds there; submodules are not of it."""
    status, listed, error = _git(root, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *names)
    if status:
        raise NoRevision(f"git cannot list {commit}: {error.strip()}")
    for line in os.fsdecode(listed).split("\0")[:-1]:
        about, _, place = line.partition("\t")
        mode, _, blob = about.split(" ")
        if mode != _MODULE:
            yield mode, blob, place


def _write(root: Path, commit: str, names: dict[str, str], target: Path) -> None:
    entries = list(_listed(root, commit, names))
    for (mode, _, path), content in zip(entries, _contents(root, [blob for _, blob, _ in entries]), strict=True):
        name = next(name for name in names if path == name or path.startswith(f"{name}/"))
        file = target / (names[name] + path[len(name) :])
        file.parent.mkdir(parents=True, exist_ok=True)
        if mode == _LINK:
            file.symlink_to(os.fsdecode(content))
        else:
            file.write_bytes(content)


def _contents(root: Path, blobs: list[str]) -> Iterator[bytes]:
    """The contents of blobs, by one process for all of them."""
    wanted = "".join(f"{blob}\n" for blob in blobs).encode()
    status, output, error = _answered(_started(root, "cat-file", "--batch", stdin=subprocess.PIPE), wanted)
    if status:
        raise NoRevision(f"git cannot read the files of the base: {error.strip()}")
    start = 0
    for blob in blobs:
        end = output.index(b"\n", start)
        about = output[start:end].split(b" ")
        if about[-1] == b"missing":
            raise NoRevision(f"the clone lacks object {blob} of the base; fetch it in full")
        size = int(about[2])
        yield output[end + 1 : end + 1 + size]
        start = end + size + 2


def _git(root: Path, *arguments: str) -> tuple[int, bytes, str]:
    """Runs git: its status, output and standard error.

    By its own process rather than through GitPython, whose import takes longer than all that is asked here.
    """
    return _answered(_started(root, *arguments))


def _started(root: Path, *arguments: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            ["git", "-C", str(root), *arguments],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **_QUIET},
        )
    except OSError as missing:
        raise NoRevision(f"git cannot be run: {missing.strerror}") from missing


def _answered(asked: subprocess.Popen[bytes], given: bytes | None = None) -> tuple[int, bytes, str]:
    with asked:
        output, error = asked.communicate(given)
    return asked.returncode, output, error.decode(errors="replace")
