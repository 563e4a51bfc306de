"""Tree × Tree → what differs, how far it reaches, and what guards and approvals say of it."""

from generator.compare.approving import Passed
from generator.compare.changes import Side
from generator.compare.impact import Impact
from generator.compare.judging import Rules, judge
from generator.compare.sides import no_base

__all__ = ["Impact", "Passed", "Rules", "Side", "judge", "no_base"]
