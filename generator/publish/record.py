"""The record of a branch: which commit of the fleet was published last, even when it changed nothing on the branch.

It is a commit without files on `refs/tenantry/<branch>`, in the target, and names its source by the trailers that the
branch's own commits carry, and with what the branch's last commit was made of it (`Stamp`): the next publish renders
only what differs from that. Each record is a child of the one before, so that it moves forward only. Every push moves
the records of all its branches, and expects each as it was seen: two publishes that saw the same state cannot both
succeed, whichever branches they move.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from generator.diagnostics import Code, Diagnostic, Severity
from generator.publish.origin import Source
from generator.publish.request import FLEET_FILE
from generator.publish.trailers import (
    FILES_TRAILER,
    INPUTS_TRAILER,
    PROGRAM_TRAILER,
    TIP_TRAILER,
    trailer_lines,
    trailers,
)

NO_RECORD: Final = Code(
    "PUB015",
    "the target keeps no record of what was published",
    "A newer commit that renders the same bytes leaves no trace, and an older run that ends later is not refused.",
)

RECORDS: Final = "refs/tenantry/"


class Record(Struct, frozen=True):
    """A branch's record as it stands in the target: its id and its message."""

    commit: str
    message: str


class Stamp(Struct, frozen=True):
    """What the files of a branch were made with, beside the source that the record names: digests of the program, and
    of the inputs as they were read with the clusters that go to the branch. `files` is how many there are."""

    program: str
    inputs: str
    files: int


class Mark(Struct, frozen=True):
    """A record that is to be written: for which branch, its message, and the record before it, None for none."""

    branch: str
    message: str
    old: str | None


def record_ref(branch: str) -> str:
    """The ref of a branch's record. It has no folders: records of branches that once clashed stand side by side."""
    return RECORDS + branch.replace("%", "%25").replace("/", "%2F")


def kept_ref(branch: str) -> str:
    """Where the working repository keeps the last record that it read or made."""
    return f"refs/records/{hashlib.sha256(branch.encode()).hexdigest()}"


def marks(
    tips: Mapping[str, str], records: Mapping[str, Record], source: Source, fleet: str, stamps: Mapping[str, Stamp]
) -> list[Mark]:
    """A new record for each branch: none of them may stay behind, or its expectation would not be sent.

    `tips` are the commits that the branches have after the publish. A branch without a stamp is rendered in full when
    it is published next.
    """
    text = f"Publish {source.commit[:12]}\n\n{trailer_lines(source.commit, fleet)}"
    return [
        Mark(branch, text + _stamped(tip, stamps.get(branch)), records[branch].commit if branch in records else None)
        for branch, tip in tips.items()
    ]


def stamp_of(record: Record, tip: str) -> Stamp | None:
    """What a record says its branch was made with; None when it says nothing, or something of another commit than
    `tip`."""
    said = trailers(record.message)
    program, inputs, files = (said.get(name, "") for name in (PROGRAM_TRAILER, INPUTS_TRAILER, FILES_TRAILER))
    if said.get(TIP_TRAILER) != tip or not (program and inputs and files.isdecimal()):
        return None
    return Stamp(program, inputs, int(files))


def _stamped(tip: str, stamp: Stamp | None) -> str:
    if stamp is None:
        return ""
    return (
        f"{TIP_TRAILER}: {tip}\n{PROGRAM_TRAILER}: {stamp.program}\n{INPUTS_TRAILER}: {stamp.inputs}\n"
        f"{FILES_TRAILER}: {stamp.files}\n"
    )


def outdated(wanted: Sequence[Mark], records: Mapping[str, Record]) -> tuple[str, ...]:
    """The branches whose record does not name this source yet."""
    return tuple(
        mark.branch
        for mark in wanted
        if mark.branch not in records or trailers(records[mark.branch].message) != trailers(mark.message)
    )


def no_record(shown: str, reason: str) -> Diagnostic:
    """What is missing on a server that takes no refs but branches and tags."""
    return Diagnostic(
        NO_RECORD,
        Severity.NOTE,
        f"{shown} declined {RECORDS}*, so a commit that changes nothing is not remembered there",
        FLEET_FILE,
        found=reason,
        expected=f"a target that lets this publisher write {RECORDS}*",
        hint=f"ask who keeps the target to permit {RECORDS}*; until then let CI publish one commit after the other",
    )
