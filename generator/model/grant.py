"""What lets findings pass until a day, because somebody took it upon them and said why."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from generator.source import Location


class Grant(Struct, frozen=True, kw_only=True):
    """`until` is the last day, in UTC. `location` is where the file says what is let pass."""

    until: date
    approved_by: str
    reason: str
    location: Location

    def holds(self, day: date) -> bool:
        """Whether it lets anything pass on a day."""
        return day <= self.until
