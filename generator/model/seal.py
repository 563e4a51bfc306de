"""What files hold, told without the files: so much of what was rendered can be kept from run to run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from msgspec import Struct


class Seal(Struct, frozen=True):
    """The files of one subject: the `patterns` of their paths below rendered/, the `words` that stand in them, and the
    digest of their contents in that order (`digest_of`)."""

    patterns: tuple[str, ...]
    words: dict[str, str]
    digest: str

    @property
    def paths(self) -> tuple[str, ...]:
        """Their paths below rendered/."""
        return tuple([pattern.format_map(self.words) for pattern in self.patterns])


def digest_of(contents: Iterable[bytes]) -> str:
    """A digest of files by their contents in order: no two lists of files have the same."""
    digest = hashlib.sha256()
    for content in contents:
        digest.update(b"%d\0" % len(content))
        digest.update(content)
    return digest.hexdigest()[:40]
