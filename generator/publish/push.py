"""Moves all branches in one push, and says why when they did not move."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from generator.diagnostics import Code, Diagnostic, Severity
from generator.publish.command import Answer, without_credentials
from generator.publish.commit import Step
from generator.publish.record import RECORDS, Mark, no_record, record_ref
from generator.publish.request import FLEET_FILE
from generator.publish.target import REMOTE, OtherAlgorithm, Raced, Target, checked_out, gist

DECLINED: Final = Code(
    "PUB012",
    "the target declined the push",
    "A rule of the target (a hook, a protected branch) stands against it; no branch was moved.",
)
NOT_ATOMIC: Final = Code(
    "PUB013",
    "the target cannot move several branches at once",
    "Environments could be left at different commits of the fleet when a push is cut off.",
)

_NO_ATOMIC: Final = "does not support --atomic"
_OTHER_ALGORITHM: Final = "does not support this repository's hash algorithm"
_RACE: Final = re.compile(
    r"fetch first|non-fast-forward|stale info|cannot lock ref|failed to (update|lock)|incorrect old value"
    r"|reference already exists|transaction failed|failed to start transaction|unable to create .*\.lock"
    r"|missing necessary objects",
    re.IGNORECASE,
)
_DECLINE: Final = re.compile(r"hook declined|protected branch|deny updating|prohibited|branch is currently checked out")


class Made(Struct, frozen=True):
    """The ids of the new commits: of the branches that move, and of the records, each by the branch's name."""

    commits: Mapping[str, str]
    records: Mapping[str, str]


def push(
    steps: Sequence[Step], marks: Sequence[Mark], made: Made, target: Target
) -> Raced | OtherAlgorithm | Diagnostic | None:
    """Moves every branch of `made` to its commit, and every record, all or none; None when that is done.

    Branches that need no commit go along as they were seen: when one of them has moved meanwhile, git finds the push
    outdated, and the whole is looked at again. A branch is never forced; a record must be what it was, or the server
    refuses all of them. Where the server takes no records the branches move without, and a note says so; any other
    diagnostic means that nothing was moved.
    """
    known = {step.branch: made.commits.get(step.branch) or (step.tip.commit if step.tip else "") for step in steps}
    branches = [f"{commit}:refs/heads/{branch}" for branch, commit in known.items()]
    leases = [f"--force-with-lease={record_ref(mark.branch)}:{mark.old or ''}" for mark in marks]
    records = [f"{made.records[mark.branch]}:{record_ref(mark.branch)}" for mark in marks]
    answer = _push(target, "--atomic", *leases, REMOTE, *branches, *records)
    if answer.status and _NO_ATOMIC in answer.error:
        if len(made.commits) > 1:
            return _not_atomic(target)
        # First the branch: a run that ends between the two leaves a record that is behind, and the tip tells more.
        for branch, commit in made.commits.items():
            answer = _push(target, REMOTE, f"{commit}:refs/heads/{branch}")
            if answer.status:
                return _why(answer, target)
        answer = _push(target, *leases, REMOTE, *records)
        if answer.status and (declined := _declined_records(answer)):
            return no_record(target.shown, declined)
    elif answer.status and (declined := _declined_records(answer)):
        if made.commits:
            answer = _push(target, *(["--atomic"] if len(branches) > 1 else []), REMOTE, *branches)
        if not (made.commits and answer.status):
            return no_record(target.shown, declined)
    return None if not answer.status else _why(answer, target)


def _push(target: Target, *arguments: str) -> Answer:
    # --no-thin: a thin pack may be built on files of the tip, which were never fetched.
    options = ["--porcelain", "--no-thin", "--no-verify", "--no-follow-tags", "--recurse-submodules=no"]
    return target.git("push", *options, *arguments)


def _refused(answer: Answer) -> list[tuple[str, str]]:
    """The refs that did not move, each with the reason."""
    lines = [line.split("\t") for line in answer.text.split("\n") if line.startswith("!\t")]
    return [(fields[1].partition(":")[2], fields[2]) for fields in lines]


def _declined_records(answer: Answer) -> str:
    """Why the server takes no records, "" when it was something else that stood against the push."""
    for ref, reason in _refused(answer):
        own = "remote rejected" in reason and "atomic" not in reason and not _RACE.search(reason)
        if ref.startswith(RECORDS) and own:
            return reason
    return ""


def _why(answer: Answer, target: Target) -> Raced | OtherAlgorithm | Diagnostic:
    if _OTHER_ALGORITHM in answer.error:  # An empty target does not say so any earlier.
        return OtherAlgorithm()
    refused = _refused(answer)
    reasons = [reason for _, reason in refused]
    for ref, reason in refused:
        if "branch is currently checked out" in reason:
            return checked_out(ref.removeprefix("refs/heads/"))
    words = without_credentials("\n".join([*answer.error.splitlines(), *reasons]), target.address)
    if any(_DECLINE.search(reason) for reason in reasons):
        return _declined(refused, words, target)
    if _RACE.search(words):
        return Raced(gist(words))
    if reasons and any("remote rejected" in reason for reason in reasons):
        return _declined(refused, words, target)
    return target.failure("cannot push to", answer)


def _declined(refused: Sequence[tuple[str, str]], words: str, target: Target) -> Diagnostic:
    """Names the branches declined for their own sake, not those that fell with them."""
    branches = [(ref.removeprefix("refs/heads/"), reason) for ref, reason in refused if ref.startswith("refs/heads/")]
    own = [name for name, reason in branches if _DECLINE.search(reason)]
    named = ", ".join(f"'{name}'" for name in own or [name for name, _ in branches]) or "its records"
    return Diagnostic(
        DECLINED,
        Severity.ERROR,
        f"{target.shown} declined to move {named}",
        FLEET_FILE,
        found=gist(words),
        hint="ask who keeps the target to let this publisher write to the branch",
    )


def _not_atomic(target: Target) -> Diagnostic:
    return Diagnostic(
        NOT_ATOMIC,
        Severity.ERROR,
        f"{target.shown} does not support atomic pushes, and more than one branch would move",
        FLEET_FILE,
        found="a server without the 'atomic' capability",
        hint="set spec.output.perEnvironment to false, or publish to a server that supports atomic pushes",
    )
