"""The publish itself: look, refuse or build, push; and again when somebody else was faster."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from generator.diagnostics import Code, Diagnostic, Severity, has_errors, in_order
from generator.model.tree import Tree
from generator.publish.base import Base, Output, base_of
from generator.publish.cache import Workspace, workspace
from generator.publish.commit import Step, make_records, step
from generator.publish.commit import make as make_commits
from generator.publish.guard import check_empty, check_state
from generator.publish.origin import Source, read_source
from generator.publish.push import Made, push
from generator.publish.record import Stamp, marks, outdated, stamp_of
from generator.publish.request import FLEET_FILE, Moved, Outcome, Request, Unchanged, branch_names, branches
from generator.publish.target import (
    UNREACHABLE,
    OtherAlgorithm,
    Raced,
    State,
    Target,
    address_of,
    advertised,
    check_clashes,
    check_names,
    check_work_trees,
    listing,
    open_target,
    read_state,
)

CONTENTION: Final = Code(
    "PUB014",
    "other publishes were faster every time",
    "Nothing was published by this run; the branches are as the others left them.",
)

_FIRST_DELAY: Final = 0.2
_LONGEST_DELAY: Final = 5.0

Make = Callable[[Base | str], Output]
"""Makes what is to be published: what differs from a base, or everything, with the reason why there is no base."""


def publish(tree: Tree, request: Request, *, sleep: Callable[[float], None] = time.sleep) -> Outcome:
    """`publish_made`, for a tree that is there as a whole."""
    return publish_made(lambda _: Output(tree), request, sleep=sleep)


def publish_made(
    make: Make,
    request: Request,
    source: Source | Diagnostic | None = None,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Makes branches of a git repository hold exactly the files of an output, and nothing else.

    What to publish is made when it is known what the branches hold, and that a publish may replace it; it is made
    again when another publish has changed that meanwhile. A part of an output gives the very commits that the whole of
    it would give.

    All branches move in one atomic push, each by one commit that says which commit of the fleet it came from; a
    branch that holds the tree already gets none. The same push moves the record of each branch, which names the source
    even when it changed nothing (generator.publish.record). A branch is not overwritten when its last commit was not
    made by tenantry, or when that or its record is from a newer or an unrelated commit of the fleet. A push that
    another publish overtook is done again from the start, `request.attempts` times at most, after `sleep` (seconds)
    that grow and vary. A run that is killed leaves every branch as it was or as it should be.

    Where the target takes no records, a newer commit that rendered just what was published leaves no trace, so that an
    older run which ends after it is taken for the next; a note says so. `dry_run` looks and builds as the real run
    does, down to the ids of the commits; what only the server can say (a hook, a protected branch, that it takes no
    records or no atomic push) it does not know, for it needs no right to write.

    `source` is what `read_source` says, where somebody has asked already.

    User mistakes, refusals and failures of the other side are diagnostics. Raises GitUnavailable without git,
    WorkspaceBroken when the working repository breaks (a full disk), ValueError for a tree with a cluster that
    `per_environment` lacks.
    """
    names = branch_names(request)
    source = source or read_source(request)
    if isinstance(source, Diagnostic):
        return Outcome("", (), (source,))
    address = address_of(request)
    faults = [*check_names(source.git, names), *check_work_trees(address, names)]
    if faults:
        return Outcome(source.commit, (), in_order(faults))
    for algorithm in ("sha1", "sha256"):
        with workspace(address, algorithm) as space:
            outcome = _publish_in(space, address, algorithm, make, source, request, sleep)
        if isinstance(outcome, Outcome):
            return outcome
    raise OSError("the target names its objects by neither SHA-1 nor SHA-256")


def _publish_in(
    space: Workspace,
    address: str,
    algorithm: str,
    make: Make,
    source: Source,
    request: Request,
    sleep: Callable[[float], None],
) -> Outcome | OtherAlgorithm:
    target = open_target(space.folder, address, algorithm, source.transport)
    reason = ""
    for attempt in range(max(1, request.attempts)):
        if attempt:
            sleep(_delay(attempt))
        result = _attempt(target, make, source, request)
        if not isinstance(result, Raced):
            failed = isinstance(result, Outcome) and any(found.code is UNREACHABLE for found in result.diagnostics)
            space.spoilt = failed
            return result
        reason = result.reason
    return Outcome(source.commit, (), (_contention(target, request, reason),))


def _attempt(target: Target, make: Make, source: Source, request: Request) -> Outcome | Raced | OtherAlgorithm:
    names = branch_names(request)
    seen = advertised(target, names)
    if isinstance(seen, Diagnostic):
        return Outcome(source.commit, (), (seen,))
    if any((len(commit) == 64) != (target.algorithm == "sha256") for commit in seen.branches.values()):
        return OtherAlgorithm()
    clashes = check_clashes(seen.branches, names)
    if clashes:
        return Outcome(source.commit, (), in_order(clashes))
    state = read_state(target, seen, names)
    if isinstance(state, Raced):
        return state
    if isinstance(state, Diagnostic):
        return Outcome(source.commit, (), (state,))
    refusals = check_state(state, source, request.fleet)
    if refusals:
        return Outcome(source.commit, (), in_order(refusals))
    output = make(base_of(target, state, names))
    if has_errors(output.diagnostics):
        return Outcome(source.commit, (), output.diagnostics)
    steps = _steps(target, state, output, request)
    empty = check_empty({step.branch: step.count for step in steps})
    if empty:
        return Outcome(source.commit, (), in_order([*output.diagnostics, *empty]))
    result = _pushed(target, state, steps, output, source, request)
    if isinstance(result, Outcome):
        return replace(result, diagnostics=in_order([*output.diagnostics, *result.diagnostics]))
    return result


def _steps(target: Target, state: State, output: Output, request: Request) -> list[Step]:
    """What each branch needs to hold the output."""
    steps: list[Step] = []
    clusters = None if output.part is None else {path.partition("/")[0] for path in output.part}
    files = output.tree.files
    for branch, paths in branches(files, request).items():
        tip = state.tips.get(branch)
        there = listing(target, tip, clusters) if tip else {}
        others = 0
        if output.part is not None and tip is not None:
            there = {path: each for path, each in there.items() if path in output.part}
            stamp = stamp_of(state.records[branch], tip.commit)
            others = stamp.files - len(there) if stamp else 0
        steps.append(step(branch, tip, there, paths, files, target.algorithm, others))
    return steps


def _pushed(
    target: Target, state: State, steps: list[Step], output: Output, source: Source, request: Request
) -> Outcome | Raced | OtherAlgorithm:
    """Makes the commits and pushes them, if there is anything that the target lacks."""
    commits = make_commits(steps, target, source, request.fleet)
    tips = {step.branch: commits.get(step.branch) or (step.tip.commit if step.tip else "") for step in steps}
    stamps = {
        step.branch: Stamp(output.program, output.inputs[step.branch], step.count)
        for step in steps
        if step.branch in output.inputs
    }
    new = marks(tips, state.records, source, request.fleet, stamps)
    recorded = outdated(new, state.records)
    if not recorded and not commits:
        return Outcome(source.commit, tuple(Unchanged(step.branch) for step in steps), ())
    made = Made(commits, make_records(new, target, source))
    results = tuple(_result(done, made) for done in steps)
    if request.dry_run:
        return Outcome(source.commit, results, (), recorded)
    hindrance = push(steps, new, made, target)
    if isinstance(hindrance, Raced | OtherAlgorithm):
        return hindrance
    if hindrance is None:
        return Outcome(source.commit, results, (), recorded)
    return Outcome(source.commit, results if hindrance.severity is Severity.NOTE else (), (hindrance,))


def _result(done: Step, made: Made) -> Moved | Unchanged:
    if not done.moves:
        return Unchanged(done.branch)
    old = done.tip.commit if done.tip else None
    return Moved(done.branch, old, made.commits[done.branch], done.added, done.changed, done.removed)


def _delay(attempt: int) -> float:
    """Seconds before another attempt: doubling, and spread so that two publishes do not meet again."""
    delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** (attempt - 1))
    return delay * random.SystemRandom().uniform(0.5, 1.5)


def _contention(target: Target, request: Request, reason: str) -> Diagnostic:
    return Diagnostic(
        CONTENTION,
        Severity.ERROR,
        f"gave up on {target.shown} after {max(1, request.attempts)} attempts",
        FLEET_FILE,
        found=reason,
        hint="run it again; let CI run publishes of one fleet one after the other",
    )
