"""Where tenants may stand: faults of recorded placements, and the choice for a new one."""

from generator.place.arrivals import arrivals
from generator.place.choose import Candidate, Refused, Search, rank
from generator.place.faults import CELL_DEPENDENT, faults
from generator.place.load import Load, demand, loads
from generator.place.rules import Needs, Objection, Rule, needs_of, objections

__all__ = [
    "CELL_DEPENDENT",
    "Candidate",
    "Load",
    "Needs",
    "Objection",
    "Refused",
    "Rule",
    "Search",
    "arrivals",
    "demand",
    "faults",
    "loads",
    "needs_of",
    "objections",
    "rank",
]
