"""Tree → rendered/: only what changed, never half, and one run at a time."""

from generator.write.differences import Differences, compare
from generator.write.lock import Busy, LockUnavailable, exclusive
from generator.write.one_file import put
from generator.write.reading import opened, read, strays
from generator.write.staged import Intake, Staging, State, staging
from generator.write.writing import add, write

__all__ = [
    "Busy",
    "Differences",
    "Intake",
    "LockUnavailable",
    "Staging",
    "State",
    "add",
    "compare",
    "exclusive",
    "opened",
    "put",
    "read",
    "staging",
    "strays",
    "write",
]
