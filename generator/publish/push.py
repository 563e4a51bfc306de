"""Moves all branches in one push, and says why when they did not move."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from generator.diagnostics import Code, Diagnostic, Severity
from generator.publish.command import Answer, without_credentials
from generator.publish.commit import Step
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


def push(steps: Sequence[Step], made: Mapping[str, str], target: Target) -> Raced | OtherAlgorithm | Diagnostic | None:
    """Moves every branch of `made` to its commit, all or none; None when that is done.

    Branches that need no commit go along as they were seen: when one of them has moved meanwhile, git finds the push
    outdated, and the whole is looked at again. Nothing is ever forced.
    """
    known = {step.branch: made.get(step.branch) or (step.tip.commit if step.tip else "") for step in steps}
    words = [f"{commit}:refs/heads/{branch}" for branch, commit in known.items()]
    answer = _push(target, words, atomic=len(words) > 1)
    if answer.status and _NO_ATOMIC in answer.error:
        if len(made) > 1:
            return _not_atomic(target)
        words = [f"{commit}:refs/heads/{branch}" for branch, commit in made.items()]
        answer = _push(target, words, atomic=False)
    return None if not answer.status else _why(answer, target)


def _push(target: Target, words: Sequence[str], *, atomic: bool) -> Answer:
    # --no-thin: a thin pack may be built on files of the tip, which were never fetched.
    options = ["--porcelain", "--no-thin", "--no-verify", "--no-follow-tags", "--recurse-submodules=no"]
    return target.git("push", *options, *(["--atomic"] if atomic else []), REMOTE, *words)


def _why(answer: Answer, target: Target) -> Raced | OtherAlgorithm | Diagnostic:
    if _OTHER_ALGORITHM in answer.error:  # An empty target does not say so any earlier.
        return OtherAlgorithm()
    refused = [line.split("\t") for line in answer.text.split("\n") if line.startswith("!\t")]
    reasons = [fields[2] for fields in refused]
    for _, names, reason in refused:
        if "branch is currently checked out" in reason:
            return checked_out(names.partition(":refs/heads/")[2])
    words = without_credentials("\n".join([*answer.error.splitlines(), *reasons]), target.address)
    if any(_DECLINE.search(reason) for reason in reasons):
        return _declined(refused, words, target)
    if _RACE.search(words):
        return Raced(gist(words))
    if reasons and any("remote rejected" in reason for reason in reasons):
        return _declined(refused, words, target)
    return target.failure("cannot push to", answer)


def _declined(refused: Sequence[Sequence[str]], words: str, target: Target) -> Diagnostic:
    """Names the branches declined for their own sake, not those that fell with them."""
    own = [fields[1].partition(":refs/heads/")[2] for fields in refused if _DECLINE.search(fields[2])]
    named = ", ".join(f"'{name}'" for name in own or [fields[1].partition(":refs/heads/")[2] for fields in refused])
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
