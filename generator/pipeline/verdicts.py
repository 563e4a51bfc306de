"""Cells that were found to be sound, remembered from run to run in the user's cache (`generator.load.cache`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from generator.check.verdicts import Sound, Verdicts
    from generator.load.cache import Cache

FEWEST: Final = 1_000
"""The fewest files for which remembering pays; fewer are checked in about a second."""
MOST: Final = 5_000
"""The most cells that are remembered: the oldest go first."""
_KIND: Final = "sound"


def remembered(files: int) -> Verdicts | None:
    """What is remembered, for a run that looks at so many files; None where there are few, or nothing may be kept."""
    from generator.check.verdicts import Verdicts
    from generator.installed import program
    from generator.load.cache import parsed

    if files < FEWEST:
        return None
    with parsed(files) as cache:
        return Verdicts(program(), _known(cache)) if cache else None


def remember(verdicts: Verdicts) -> None:
    """Adds what was found, all or nothing. A cache that cannot be written is no fault of the check."""
    from generator.load.cache import parsed

    if not verdicts.found:
        return
    with parsed(FEWEST) as cache:
        kept = {**_known(cache), **verdicts.found}
        newest = list(kept.items())[-MOST:]
        cache.keep(_key(cache), {key: [sound.objects, sound.policies] for key, sound in newest})


def _known(cache: Cache) -> dict[str, Sound]:
    from generator.check.verdicts import Sound

    data = cache.get(_key(cache)) or {}
    return {key: Sound(objects, tuple(policies)) for key, (objects, policies) in data.items()}


def _key(cache: Cache) -> bytes:
    return cache.key(_KIND, "", b"")
