"""Where tenants may stand: faults of recorded placements, the choice of new ones, and what a lost region does."""

from generator.place.arrivals import NO_REFUGE, arrivals
from generator.place.choose import PRODUCTION, Candidate, Refused, Search, rank
from generator.place.faults import CELL_DEPENDENT, faults
from generator.place.held import Total, holds, less, taken, totals
from generator.place.load import Load, demand, loads
from generator.place.lost import Lost, Moved, Room, lost
from generator.place.rules import Needs, Objection, Rule, needs_of, objections

__all__ = [
    "CELL_DEPENDENT",
    "NO_REFUGE",
    "PRODUCTION",
    "Candidate",
    "Load",
    "Lost",
    "Moved",
    "Needs",
    "Objection",
    "Refused",
    "Room",
    "Rule",
    "Search",
    "Total",
    "arrivals",
    "demand",
    "faults",
    "holds",
    "less",
    "loads",
    "lost",
    "needs_of",
    "objections",
    "rank",
    "taken",
    "totals",
]
