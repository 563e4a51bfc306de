"""Tree → branches of a git repository: all of them move, or none."""

from generator.publish.base import Base, Output
from generator.publish.blobs import blob_id
from generator.publish.cache import spool
from generator.publish.held import Spool, Spooled
from generator.publish.publishing import publish, publish_made
from generator.publish.request import Moved, Outcome, Request, Unchanged, branch_names

__all__ = [
    "Base",
    "Moved",
    "Outcome",
    "Output",
    "Request",
    "Spool",
    "Spooled",
    "Unchanged",
    "blob_id",
    "branch_names",
    "publish",
    "publish_made",
    "spool",
]
