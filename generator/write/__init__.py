"""Tree → rendered/: only what changed, never half, and one run at a time."""

from generator.write.differences import Differences, Present, compare, look
from generator.write.lock import Busy, LockUnavailable, exclusive
from generator.write.one_file import put
from generator.write.proving import Proven, prove
from generator.write.reading import opened, read, strays
from generator.write.staged import Intake, Staging, State, stage, staging
from generator.write.writing import add, write

__all__ = [
    "Busy",
    "Differences",
    "Intake",
    "LockUnavailable",
    "Present",
    "Proven",
    "Staging",
    "State",
    "add",
    "compare",
    "exclusive",
    "look",
    "opened",
    "prove",
    "put",
    "read",
    "stage",
    "staging",
    "strays",
    "write",
]
