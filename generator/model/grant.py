"""What lets findings pass until a day, because somebody took it upon them and said why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from generator.source import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """`until` is the last day, in UTC. `location` is where the file says what is let pass."""

    until: date
    approved_by: str
    reason: str
    location: Location

    def holds(self, day: date) -> bool:
        """Whether it lets anything pass on a day."""
        return day <= self.until
