"""Days and moments in options, and which they are where nobody says. All are in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

import click

_DAY: Final = "2026-12-24"
_MOMENT: Final = "2026-12-24T10:00:00Z"


def this_moment() -> datetime:
    """Now. Nothing below the commands asks the clock."""
    return datetime.now(UTC)


def today() -> date:
    """This day."""
    return this_moment().date()


def _day(text: str) -> date:
    """`2026-12-24`, and none of the other ways to write a day. Raises ValueError."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(text)
    return day


class Day(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4, at run time too
    """A day."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """`2026-12-24`."""
        try:
            return _day(str(value))
        except ValueError:
            self.fail(f"'{value}' is not a day such as {_DAY}", param, ctx)


class When(click.ParamType):  # type: ignore[type-arg]  # as above
    """A day, or a moment with an offset: its first and its last instant."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[datetime, datetime]:
        """`2026-12-24`, or `2026-12-24T10:00:00Z`."""
        if isinstance(value, tuple):
            return value
        text = str(value)
        try:
            if len(text) == len(_DAY):
                first = datetime.combine(_day(text), datetime.min.time(), UTC)
                return first, first + timedelta(days=1) - timedelta(microseconds=1)
            moment = datetime.fromisoformat(text)
        except (ValueError, OverflowError):
            self.fail(f"'{text}' is neither a day ({_DAY}) nor a moment ({_MOMENT})", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"'{text}' says no offset: write {text}Z for UTC", param, ctx)
        return moment.astimezone(UTC), moment.astimezone(UTC)
