"""What must not be overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from generator.diagnostics import Code, Diagnostic, Severity
from generator.publish.origin import Source, Standing, standing
from generator.publish.record import Record, record_ref
from generator.publish.request import FLEET_FILE
from generator.publish.target import State, Tip
from generator.publish.trailers import FLEET_TRAILER, source_of, trailers

FOREIGN: Final = Code(
    "PUB007",
    "a branch that tenantry did not write",
    "A publish replaces everything on its branch; what somebody else put there would be gone.",
)
STALE: Final = Code(
    "PUB008",
    "a newer commit is published already",
    "An older run that ends late would take the clusters back to an older state.",
)
DIVERGED: Final = Code(
    "PUB009",
    "another line of the fleet's history is published",
    "What the other line changed and this one never saw would be undone in the clusters.",
)
UNKNOWN: Final = Code(
    "PUB010",
    "the published commit is not in this repository",
    "Without it nobody can tell whether this publish goes forward or back.",
)
EMPTY: Final = Code(
    "PUB011",
    "nothing to publish on a branch",
    "An empty branch would make Argo CD delete everything that it holds.",
)


def check_empty(counts: Mapping[str, int]) -> list[Diagnostic]:
    """Branches that would be left without any file, given how many each has."""
    return [
        Diagnostic(
            EMPTY,
            Severity.ERROR,
            f"no file is rendered for branch '{branch}'",
            FLEET_FILE,
            hint="if its clusters are really gone, take their Applications away first, then delete the branch",
        )
        for branch, count in counts.items()
        if not count
    ]


def check_state(state: State, source: Source, fleet: str) -> list[Diagnostic]:
    """Why branches must not be replaced by what `source` rendered: at most one diagnostic for each of them.

    The record tells more than the branch, but both must permit it: the branch may have moved without its record, by a
    server that takes none. A record whose branch was deleted guards nothing.
    """
    checked = (
        _check_tip(branch, tip, source, fleet) or _check_record(branch, state.records.get(branch), source)
        for branch, tip in state.tips.items()
    )
    return [refusal for refusal in checked if refusal]


def _check_tip(branch: str, tip: Tip, source: Source, fleet: str) -> Diagnostic | None:
    published = source_of(tip.message)
    if not published:
        found = f"{tip.commit[:12]} {tip.message.partition(chr(10))[0]}"
        return _foreign(f"branch '{branch}'", found, "a commit made by tenantry")
    other = trailers(tip.message).get(FLEET_TRAILER, fleet)
    if fleet and other != fleet:
        return _foreign(f"branch '{branch}'", f"output of the fleet '{other}'", f"output of the fleet '{fleet}'")
    return _check_order(branch, published, source)


def _check_record(branch: str, record: Record | None, source: Source) -> Diagnostic | None:
    if record is None:
        return None
    published = source_of(record.message)
    if not published:
        return _foreign(f"'{record_ref(branch)}'", record.commit[:12], "a record made by tenantry")
    return _check_order(branch, published, source)


def _check_order(branch: str, published: str, source: Source) -> Diagnostic | None:
    stands = standing(source, published)
    return None if stands is Standing.FOLLOWS else _out_of_order(stands, branch, published, source)


def _foreign(place: str, found: str, expected: str) -> Diagnostic:
    return Diagnostic(
        FOREIGN,
        Severity.ERROR,
        f"{place} holds what this fleet did not publish",
        FLEET_FILE,
        found=found,
        expected=expected,
        hint="name another branch in spec.output.branch; or, when nothing there is needed, delete it first",
    )


def _out_of_order(stands: Standing, branch: str, published: str, source: Source) -> Diagnostic:
    ours, theirs = source.commit[:12], published[:12]
    if stands is Standing.STALE:
        code, message = STALE, f"branch '{branch}' was published from {theirs}, which is newer than {ours}"
        hint = "nothing is lost: the newer commit contains this one; to go back, revert in the fleet and publish that"
    elif stands is Standing.DIVERGED:
        code, message = DIVERGED, f"branch '{branch}' was published from {theirs}, which {ours} does not contain"
        hint = f"merge or rebase onto {theirs}, render, and publish again"
    else:
        code, message = UNKNOWN, f"branch '{branch}' was published from {theirs}, which cannot be compared with {ours}"
        hint = "git fetch --unshallow, then publish again" if source.shallow else "git fetch, then publish again"
    return Diagnostic(code, Severity.ERROR, message, FLEET_FILE, found=ours, expected=f"{theirs} or later", hint=hint)
