"""The fleet's own repository: which commit is published, and how it stands to what was published before."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Final

from msgspec import Struct

from generator.diagnostics import Code, Diagnostic, Severity, listing
from generator.publish.command import Answer, Git
from generator.publish.request import FLEET_FILE, Request
from generator.source import Location

NO_SOURCE: Final = Code(
    "PUB001",
    "the fleet has no commit to publish",
    "What is published names the commit it was rendered from; without one nobody can tell what a cluster runs.",
)
UNCOMMITTED: Final = Code(
    "PUB002",
    "inputs with uncommitted changes",
    "The clusters would run what no commit holds and no review has seen.",
)

_FALLBACK: Final = b"tenantry <tenantry@localhost>"
_TRANSPORT: Final = r"^(http|credential|url|ssh)\.|^core\.(sshcommand|askpass|gitproxy)$"


_NO_INPUTS: Final = ("rendered", ".tenantry")
"""What of a fleet's folder is none of its inputs."""


class Source(Struct, frozen=True):
    """The commit that is published.

    `date` is its committer date as git writes it (`1700000000 +0000`); `identity` is `name <email>` of whoever
    publishes. `transport` are the repository's own settings about reaching other repositories (key, value).
    """

    git: Git
    commit: str
    date: bytes
    identity: bytes
    shallow: bool
    transport: tuple[tuple[str, str], ...]


class Standing(Enum):
    """How the commit to publish stands to the one published before."""

    FOLLOWS = "it is the same or a descendant"
    STALE = "it is an ancestor"
    DIVERGED = "neither descends from the other"
    UNKNOWN = "the published commit, or the way to it, is not in this repository"


def read_source(request: Request) -> Source | Diagnostic:
    """HEAD of the repository that holds the fleet, or why it cannot be published."""
    return ask_source(request)()


def ask_source(request: Request) -> Callable[[], Source | Diagnostic]:
    """`read_source`, with git at work from now on and the answer to be asked for, once. What is read of the inputs
    before is what git looks at."""
    git = Git(request.root)
    about = git.begin("rev-parse", "--is-inside-work-tree", "--is-shallow-repository")
    head = git.begin("rev-parse", "--verify", "HEAD^{commit}")
    content = git.begin("cat-file", "commit", "HEAD")
    looked_at = [*(request.inputs or ["."]), *(f":(exclude){name}" for name in _NO_INPUTS)]
    changed = git.begin("diff", "--name-only", "-z", "--no-renames", "--relative", "HEAD", "--", *looked_at)
    # Not by what is left out: git would walk through rendered/ and then say nothing of it.
    beside = request.inputs or [f":(literal){name}" for name in _at_the_top(request.root)] or ["."]
    new = git.begin("ls-files", "--others", "--exclude-standard", "-z", "--", *beside)
    # Without useConfigOnly git makes an address up from the machine's name, which differs from runner to runner.
    identity = git.begin("-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
    # CI puts the job's credentials into the clone's own configuration, where the target's repository would miss them.
    transport = git.begin("config", "--local", "--includes", "-z", "--get-regexp", _TRANSPORT)
    asked = (about, head, content, changed, new, identity, transport)
    return lambda: _source(git, *[answer() for answer in asked])


def _source(
    git: Git,
    about: Answer,
    head: Answer,
    content: Answer,
    changed: Answer,
    new: Answer,
    identity: Answer,
    transport: Answer,
) -> Source | Diagnostic:
    inside, shallow, *_ = [*about.text.split("\n"), "", ""]
    if about.status or inside != "true":
        return _no_source("the fleet's folder is not in a git repository", about.error)
    if head.status or content.status:
        return _no_source("the fleet's repository has no commit yet", "")
    uncommitted = _uncommitted(changed, new)
    if uncommitted is not None:
        return uncommitted
    committer = next(line for line in content.output.split(b"\n") if line.startswith(b"committer "))
    date = b" ".join(committer.rsplit(b" ", 2)[1:])
    return Source(git, head.text, date, _identity(identity), shallow == "true", _transport(transport))


def standing(source: Source, published: str) -> Standing:
    """Compares the source with the commit that an earlier publish names.

    In a shallow clone a missing link makes commits look unrelated; then the answer is UNKNOWN.
    """
    git = source.git
    if published == source.commit:
        return Standing.FOLLOWS
    if git("cat-file", "-e", f"{published}^{{commit}}").status:
        return Standing.UNKNOWN
    if not git("merge-base", "--is-ancestor", published, source.commit).status:
        return Standing.FOLLOWS
    if not git("merge-base", "--is-ancestor", source.commit, published).status:
        return Standing.STALE
    return Standing.UNKNOWN if source.shallow else Standing.DIVERGED


def _no_source(message: str, error: str) -> Diagnostic:
    hint = "publish from a clone of the fleet's repository, at the commit to publish"
    return Diagnostic(NO_SOURCE, Severity.ERROR, message, FLEET_FILE, found=error.partition("\n")[0], hint=hint)


def _at_the_top(root: Path) -> list[str]:
    """What stands in the fleet's folder and may be, or hold, an input."""
    return sorted(each.name for each in root.iterdir() if each.name not in (*_NO_INPUTS, ".git"))


def _uncommitted(*answers: Answer) -> Diagnostic | None:
    for answer in answers:
        if answer.status:
            return _no_source("git cannot say whether the inputs are committed", answer.error)
    paths = sorted({entry for answer in answers for entry in answer.text.split("\0") if entry})
    if not paths:
        return None
    return Diagnostic(
        UNCOMMITTED,
        Severity.ERROR,
        f"{len(paths)} uncommitted {'change' if len(paths) == 1 else 'changes'} in the inputs",
        Location(paths[0]),
        found=listing(paths),
        expected="inputs as the commit to publish holds them",
        hint="commit, stash or ignore these files, then publish",
    )


def _identity(answer: Answer) -> bytes:
    return _FALLBACK if answer.status else answer.output.rstrip(b"\n").rsplit(b" ", 2)[0]


def _transport(answer: Answer) -> tuple[tuple[str, str], ...]:
    entries = [entry.partition("\n") for entry in answer.text.split("\0") if entry]
    return tuple((key, value if line else "true") for key, line, value in entries)
