"""What the checks are known to find, and may until a day (baseline.yaml)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from generator.source import Location


@dataclass(frozen=True, slots=True)
class Known:
    """Findings of one code in one file, or in those of a pattern, that do not fail until a day.

    `file` is a path below rendered/, `message` what is said ("" for anything); in both, `*` stands for any characters.
    `until` is the last day, in UTC. `location` is where the file is named.
    """

    code: str
    message: str
    file: str
    until: date
    approved_by: str
    reason: str
    location: Location
