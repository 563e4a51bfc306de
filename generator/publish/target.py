"""The repository that is published to: its branches as they are now."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from generator.diagnostics import Code, Diagnostic, Severity
from generator.publish.command import Answer, Git, WorkspaceBroken, without_credentials
from generator.publish.record import Record, kept_ref, record_ref
from generator.publish.request import FLEET_FILE, Request

BRANCH_NAME: Final = Code(
    "PUB003",
    "a branch name that git refuses",
    "Nothing can be published to it, and no Application can follow it.",
)
BRANCH_CLASH: Final = Code(
    "PUB004",
    "a branch in the way of another",
    "git keeps branches as paths: `rendered` and `rendered/prod` cannot both exist in one repository.",
)
CHECKED_OUT: Final = Code(
    "PUB005",
    "the branch is checked out",
    "Moving a branch under a work tree makes every file in it look changed; git refuses it as well.",
)
UNREACHABLE: Final = Code(
    "PUB006",
    "the target repository cannot be read or written",
    "Nothing was published; the clusters keep what they have.",
)

REMOTE: Final = "tenantry"
"""Not `origin`: people set things for that name in their own configuration."""


class Target(Struct, frozen=True):
    """The target as seen from the bare repository that is worked in.

    `address` is what git is given: a URL or an absolute path. `shown` is what a message may show.
    """

    git: Git
    address: str
    shown: str
    algorithm: str

    def failure(self, message: str, answer: Answer) -> Diagnostic:
        """A command that failed for a reason of the other side, in git's own words."""
        words = without_credentials(answer.error or answer.text, self.address)
        return Diagnostic(
            UNREACHABLE,
            Severity.ERROR,
            f"{message} {self.shown}",
            FLEET_FILE,
            found=gist(words),
            hint="check spec.output.repository, that you may write to it, and that git can reach it without asking",
        )


class Tip(Struct, frozen=True):
    """The last commit of a branch: its id and its message."""

    commit: str
    message: str


class Raced(Struct, frozen=True):
    """Someone else moved a branch meanwhile; everything is to be looked at again. `reason` is git's sentence."""

    reason: str


class OtherAlgorithm:
    """The target names its objects by another digest than the working repository does."""


def address_of(request: Request) -> str:
    """The repository as git takes it from any folder; by git's own rule a path has no colon before its first slash."""
    if "://" in request.repository or ":" in request.repository.partition("/")[0]:
        return request.repository
    return str((request.root / request.repository).resolve())


def open_target(folder: Path, address: str, algorithm: str, transport: tuple[tuple[str, str], ...]) -> Target:
    """Makes the bare repository when `folder` is empty."""
    settings = (
        *transport,
        (f"remote.{REMOTE}.url", address),
        (f"remote.{REMOTE}.promisor", "true"),
        (f"remote.{REMOTE}.partialclonefilter", "blob:none"),
        ("gc.auto", "0"),
        ("maintenance.auto", "false"),
        ("fastimport.unpackLimit", "1"),
        # Smaller packs than these would take longer to make than to send.
        ("pack.compression", "1"),
        ("pack.window", "0"),
        ("core.hooksPath", "/dev/null"),
        ("push.gpgSign", "false"),
    )
    git = Git(folder, {"GIT_DIR": str(folder)}, settings)
    if not (folder / "HEAD").exists():
        _make_repository(folder, algorithm)
    return Target(_with_ssh(git), address, without_credentials(address, address), algorithm)


def check_names(git: Git, branches: Iterable[str]) -> list[Diagnostic]:
    """Branch names that git would not take."""
    return [
        Diagnostic(
            BRANCH_NAME,
            Severity.ERROR,
            f"'{branch}' is not a name for a branch",
            FLEET_FILE,
            hint="use letters, digits, '-' and '/' in spec.output.branch",
        )
        for branch in branches
        if git("check-ref-format", f"refs/heads/{branch}").status
    ]


def check_work_trees(address: str, branches: Iterable[str]) -> list[Diagnostic]:
    """Branches that stand in a work tree of the target, when it is on this machine."""
    path = Path(address.removeprefix("file://"))
    if not path.is_dir():
        return []
    lines = Git(path)("worktree", "list", "--porcelain").text.split("\n")
    return [checked_out(branch) for branch in branches if f"branch refs/heads/{branch}" in lines]


def checked_out(branch: str) -> Diagnostic:
    """The diagnostic for a branch that stands in a work tree of the target."""
    return Diagnostic(
        CHECKED_OUT,
        Severity.ERROR,
        f"branch '{branch}' is checked out in the target repository",
        FLEET_FILE,
        hint="name a branch in spec.output.branch that nobody checks out, or publish to a bare repository",
    )


class Seen(Struct, frozen=True):
    """What the target has: the wanted branches and those in their way, with their tips, where `HEAD` stands for any
    other; and the ids of the wanted branches' records, by the branch."""

    branches: Mapping[str, str]
    records: Mapping[str, str]


def advertised(target: Target, branches: Iterable[str]) -> Seen | Diagnostic:
    """Asks the target for all that the publish depends on, at once."""
    branches = tuple(branches)
    patterns = {"HEAD", *map(record_ref, branches)}
    for branch in branches:
        parts = branch.split("/")
        patterns.update(f"refs/heads/{'/'.join(parts[:length])}" for length in range(1, len(parts) + 1))
        patterns.add(f"refs/heads/{branch}/*")
    answer = target.git("ls-remote", "--quiet", REMOTE, *sorted(patterns))
    if answer.status:
        return target.failure("cannot read", answer)
    lines = [line.partition("\t") for line in answer.text.split("\n") if line]
    # A pattern matches the end of a ref's name too (`refs/mirror/refs/heads/rendered`).
    refs = {ref: commit for commit, _, ref in lines}
    return Seen(
        {
            ref.removeprefix("refs/heads/"): commit
            for ref, commit in refs.items()
            if ref == "HEAD" or ref.startswith("refs/heads/")
        },
        {branch: refs[record_ref(branch)] for branch in branches if record_ref(branch) in refs},
    )


def check_clashes(found: Mapping[str, str], branches: Iterable[str]) -> list[Diagnostic]:
    """Existing branches that are a folder of a wanted one, or the other way round."""
    return [
        Diagnostic(
            BRANCH_CLASH,
            Severity.ERROR,
            f"branch '{branch}' cannot be made beside the existing branch '{other}'",
            FLEET_FILE,
            hint=f"delete '{other}' in the target once nothing follows it, or choose another spec.output.branch",
        )
        for branch in branches
        for other in sorted(found)
        if other.startswith(f"{branch}/") or branch.startswith(f"{other}/")
    ]


class State(Struct, frozen=True):
    """The tips and the records of those wanted branches that have one."""

    tips: Mapping[str, Tip]
    records: Mapping[str, Record]


def read_state(target: Target, seen: Seen, branches: Iterable[str]) -> State | Raced | Diagnostic:
    """The last commit and its trees only, no file's content."""
    wanted = {branch: seen.branches[branch] for branch in branches if branch in seen.branches}
    here = set(target.git("for-each-ref", "--format=%(objectname)").text.split("\n"))
    missing = {f"refs/heads/{branch}": tip_ref(branch) for branch, tip in wanted.items() if tip not in here}
    missing |= {record_ref(branch): kept_ref(branch) for branch, record in seen.records.items() if record not in here}
    if missing:
        names = [f"+{theirs}:{ours}" for theirs, ours in missing.items()]
        options = ("--quiet", "--depth=1", "--filter=blob:none", "--no-tags", "--no-write-fetch-head")
        answer = target.git("fetch", *options, REMOTE, *names)
        if answer.status:
            gone = "couldn't find remote ref" in answer.error
            return Raced(gist(answer.error)) if gone else target.failure("cannot fetch from", answer)

    def now(theirs: str, seen: str) -> str:
        return target.git("rev-parse", missing[theirs]).text if theirs in missing else seen

    return State(
        {branch: _read_tip(target, now(f"refs/heads/{branch}", tip)) for branch, tip in wanted.items()},
        {branch: _read_record(target, now(record_ref(branch), record)) for branch, record in seen.records.items()},
    )


def listing(target: Target, tip: Tip, clusters: Collection[str] | None = None) -> dict[str, tuple[str, str]]:
    """Mode and blob id of every file of a commit by its path; with `clusters`, of what stands under those names."""
    if clusters is not None and not clusters:
        return {}
    names = () if clusters is None else ("--", *sorted(clusters))
    listed = target.git("ls-tree", "-r", "-z", "--full-tree", tip.commit, *names)
    if listed.status:
        raise WorkspaceBroken(f"it lost {tip.commit}: {listed.error}")
    files: dict[str, tuple[str, str]] = {}
    for line in listed.output.decode(errors="surrogateescape").split("\0"):
        if line:
            about, _, path = line.partition("\t")
            mode, _, blob = about.split(" ")
            files[path] = (mode, blob)
    return files


def tip_ref(branch: str) -> str:
    """Where the working repository keeps a fetched tip; a digest, since branches of two layouts may clash as paths."""
    return f"refs/tips/{hashlib.sha256(branch.encode()).hexdigest()}"


def gist(words: str) -> str:
    """The lines of git's standard error that say what is wrong, without its advice, at most four."""
    lines = [line.strip() for line in words.splitlines() if line.strip() and not line.startswith(("hint:", "To "))]
    telling = [line for line in lines if re.match(r"(fatal|error|remote|ERROR|ssh|!)\b|! ", line)]
    return "; ".join((telling or lines)[:4])


def _make_repository(folder: Path, algorithm: str) -> None:
    """What gitrepository-layout asks for. `git init --bare` fails where GIT_WORK_TREE is set, as it is in hooks."""
    for part in ("objects", "refs"):
        (folder / part).mkdir()
    plain = algorithm == "sha1"
    extension = "" if plain else f"[extensions]\n\tobjectFormat = {algorithm}\n"
    core = f"[core]\n\trepositoryFormatVersion = {0 if plain else 1}\n\tbare = true\n"
    (folder / "config").write_text(core + extension, encoding="ascii")
    (folder / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")


def _read_tip(target: Target, commit: str) -> Tip:
    content = target.git("cat-file", "commit", commit)
    if content.status:
        raise WorkspaceBroken(f"it lost {commit}: {content.error}")
    return Tip(commit, _message(content))


def _read_record(target: Target, commit: str) -> Record:
    content = target.git("cat-file", "commit", commit)
    # What is no commit at all has no message either, and is refused for that.
    return Record(commit, "" if content.status else _message(content))


def _message(commit: Answer) -> str:
    return commit.output.partition(b"\n\n")[2].decode(errors="replace")


def _with_ssh(git: Git) -> Git:
    # ssh asks for passwords and unknown hosts on the terminal, whatever git was told; BatchMode makes it fail instead.
    # A command of the user's own is kept as it is.
    chosen = "GIT_SSH_COMMAND" in os.environ or "GIT_SSH" in os.environ
    if chosen or not git("config", "--get", "core.sshCommand").status:
        return git
    return replace(git, environment={**git.environment, "GIT_SSH_COMMAND": "ssh -oBatchMode=yes"})
