"""What the figures should be, and by how much they miss it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.day import COPY, HELP, NOTHING, RENDER
from benchmarks.measure import Cost

SIZE = 10_000
"""The tenants for which the goals are."""
MORE = 1.1
"""How much more a fleet of n times the tenants may cost: so much times n."""

Costs = Mapping[str, Cost]


@dataclass(frozen=True, slots=True)
class Goal:
    """The most that a figure of a row should be. `sized`: at `SIZE` tenants, while others hold for every fleet."""

    row: str
    most: float
    unit: str
    figure: Callable[[Costs], float]
    sized: bool = True

    def words(self) -> str:
        """As it stands beside the row."""
        return f"{self.most:g} {self.unit}"


def _wall(row: str, most: float) -> Goal:
    return Goal(row, most, "s wall", lambda costs: costs[row].wall)


GOALS = (
    Goal(HELP, 0.15, f"s over {NOTHING}", lambda costs: costs[HELP].wall - costs[NOTHING].wall, sized=False),
    _wall(RENDER, 8),
    Goal(RENDER, 600, "MB", lambda costs: costs[RENDER].memory),
    Goal(RENDER, 2, "x cp -r", lambda costs: costs[RENDER].wall / costs[COPY].wall, sized=False),
    _wall("render --check, cache", 2.5),
    _wall("render --check, again", 2.5),
    _wall("render --check, no cache", 2.5),
    _wall("check", 30),
    _wall("one tenant: all four, cache", 1),
    _wall("one tenant: all four, new job", 4),
    _wall("one tenant: all four, no cache", 4),
    _wall("one tenant: review, cache", 1),
    _wall("one tenant: review, no cache", 4),
    _wall("publish, one tenant", 0.5),
)
FLOORS = {"publish, the first": "10 to 14 s by git fast-import alone"}
"""What rows without a goal are seen against."""


def beside(row: str) -> str:
    """The goals of a row, for the table."""
    return FLOORS.get(row, "") or ", ".join(goal.words() for goal in GOALS if goal.row == row)


def held(costs: Costs, tenants: int) -> Iterator[dict[str, Any]]:
    """Each goal whose row was measured, and whether it is met. Those for `SIZE` tenants say nothing of more."""
    for goal in GOALS:
        if goal.row in costs and not (goal.sized and tenants > SIZE):
            value = goal.figure(costs)
            yield {
                "row": goal.row,
                "most": goal.most,
                "unit": goal.unit,
                "value": round(value, 3),
                "met": value <= goal.most,
            }


def told(goal: dict[str, Any]) -> str:
    """One goal, as a line."""
    line = f"{goal['row']}: {goal['value']:.2f}, at most {goal['most']:g} {goal['unit']}"
    over = goal["value"] - goal["most"]
    return f"met     {line}" if goal["met"] else f"missed  {line}: {over:.2f} ({over / goal['most']:.0%}) too much"


def against(costs: Costs, tenants: int, earlier: Mapping[str, Any]) -> Iterator[str]:
    """Each row that an earlier run of another size (its JSON) has too: how many times as much it costs now."""
    limit = MORE * tenants / earlier["tenants"]
    yield f"against {earlier['tenants']} tenants: at most {limit:.2f} times each"
    yield f"{'':7} {'CPU':>7} {'wall':>7} {'MB':>7}"
    for row in earlier["rows"]:
        if now := costs.get(row["name"]):
            times = [getattr(now, kind) / max(row[kind], 0.001) for kind in ("cpu", "wall", "memory")]
            met = "met" if max(times[1:]) <= limit else "missed"
            yield f"{met:7} {' '.join(f'{each:7.2f}' for each in times)}  {row['name']}"
