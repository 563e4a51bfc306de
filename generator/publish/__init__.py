"""Tree → branches of a git repository: all of them move, or none."""

from generator.publish.publishing import publish
from generator.publish.request import Moved, Outcome, Request, Unchanged

__all__ = ["Moved", "Outcome", "Request", "Unchanged", "publish"]
