"""Git's ids of files."""

from __future__ import annotations

import hashlib


def blob_id(content: bytes, algorithm: str) -> str:
    """The id that git gives a file with this content."""
    digest = hashlib.new(algorithm, b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()
