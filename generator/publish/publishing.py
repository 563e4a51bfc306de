"""The publish itself: look, refuse or build, push; and again when somebody else was faster."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final

from generator.diagnostics import Code, Diagnostic, Severity, in_order
from generator.model.tree import Tree
from generator.publish.cache import Workspace, workspace
from generator.publish.commit import Made, Step, make, step
from generator.publish.guard import check_empty, check_state
from generator.publish.origin import Source, read_source
from generator.publish.push import push
from generator.publish.record import marks, outdated
from generator.publish.request import FLEET_FILE, Moved, Outcome, Request, Unchanged, branches
from generator.publish.target import (
    UNREACHABLE,
    OtherAlgorithm,
    Raced,
    Target,
    address_of,
    advertised,
    check_clashes,
    check_names,
    check_work_trees,
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

_Files = dict[str, dict[str, bytes]]


def publish(tree: Tree, request: Request, *, sleep: Callable[[float], None] = time.sleep) -> Outcome:
    """Makes branches of a git repository hold exactly the tree's files, and nothing else.

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

    User mistakes, refusals and failures of the other side are diagnostics. Raises GitUnavailable without git,
    WorkspaceBroken when the working repository breaks (a full disk), ValueError for a tree with a cluster that
    `per_environment` lacks.
    """
    wanted = branches(tree, request)
    source = read_source(request)
    if isinstance(source, Diagnostic):
        return Outcome("", (), (source,))
    address = address_of(request)
    faults = [*check_empty(wanted), *check_names(source.git, wanted), *check_work_trees(address, wanted)]
    if faults:
        return Outcome(source.commit, (), in_order(faults))
    for algorithm in ("sha1", "sha256"):
        with workspace(address, algorithm) as space:
            outcome = _publish_in(space, address, algorithm, wanted, source, request, sleep)
        if isinstance(outcome, Outcome):
            return outcome
    raise OSError("the target names its objects by neither SHA-1 nor SHA-256")


def _publish_in(
    space: Workspace,
    address: str,
    algorithm: str,
    wanted: _Files,
    source: Source,
    request: Request,
    sleep: Callable[[float], None],
) -> Outcome | OtherAlgorithm:
    target = open_target(space.folder, address, algorithm, source.transport)
    reason = ""
    for attempt in range(max(1, request.attempts)):
        if attempt:
            sleep(_delay(attempt))
        result = _attempt(target, wanted, source, request)
        if not isinstance(result, Raced):
            failed = isinstance(result, Outcome) and any(found.code is UNREACHABLE for found in result.diagnostics)
            space.spoilt = failed
            return result
        reason = result.reason
    return Outcome(source.commit, (), (_contention(target, request, reason),))


def _attempt(target: Target, wanted: _Files, source: Source, request: Request) -> Outcome | Raced | OtherAlgorithm:
    seen = advertised(target, wanted)
    if isinstance(seen, Diagnostic):
        return Outcome(source.commit, (), (seen,))
    if any((len(commit) == 64) != (target.algorithm == "sha256") for commit in seen.branches.values()):
        return OtherAlgorithm()
    clashes = check_clashes(seen.branches, wanted)
    if clashes:
        return Outcome(source.commit, (), in_order(clashes))
    state = read_state(target, seen, wanted)
    if isinstance(state, Raced):
        return state
    if isinstance(state, Diagnostic):
        return Outcome(source.commit, (), (state,))
    refusals = check_state(state, source, request.fleet)
    if refusals:
        return Outcome(source.commit, (), in_order(refusals))
    steps = [step(branch, state.tips.get(branch), files, target.algorithm) for branch, files in wanted.items()]
    new = marks(wanted, state.records, source, request.fleet)
    recorded = outdated(new, state.records)
    if not recorded and not any(step.moves for step in steps):
        return Outcome(source.commit, tuple(Unchanged(step.branch) for step in steps), ())
    made = make(steps, new, target, source, request.fleet)
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
