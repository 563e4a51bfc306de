"""Where clusters that were found to be sound are remembered: a file of the user's cache folder.

The file may be deleted at any time. One that cannot be read, that somebody else could have written, or an entry whose
digest is not its own counts as empty.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from generator.check.verdicts import Sound, Verdicts

FEWEST: Final = 1_000
"""The fewest files for which remembering is worth a file; fewer are checked in about a second."""
MOST: Final = 2_000
"""The most clusters that are remembered: the oldest go first."""
_NAME: Final = "sound.json"


def remembered(files: int) -> Verdicts | None:
    """What is remembered, for a run that looks at so many files; None where there are few, or nothing may be kept."""
    from generator.check.verdicts import Verdicts
    from generator.installed import program

    file = _file() if files >= FEWEST else None
    if file is None:
        return None
    return Verdicts(program(), _read(file))


def remember(verdicts: Verdicts) -> None:
    """Adds what was found, all or nothing. A folder that cannot be written is no fault of the check."""
    file = _file()
    if file is None or not verdicts.found:
        return
    kept = {**_read(file), **verdicts.found}
    newest = list(kept.items())[-MOST:]
    text = json.dumps({key: [*_said(sound), _digest(key, sound)] for key, sound in newest}, separators=(",", ":"))
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{_NAME}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(text)
            Path(name).replace(file)
        except OSError:
            Path(name).unlink(missing_ok=True)


def _file() -> Path | None:
    from generator.load.cache import folder

    with suppress(OSError, RuntimeError):
        place = folder()
        if place is not None and all(_own(each) for each in (place, place / _NAME) if os.path.lexists(each)):
            return place / _NAME
    return None


def _own(place: Path) -> bool:
    """Whether nobody else can write there: what they wrote would be taken for what was checked."""
    about = place.lstat()
    if stat.S_ISLNK(about.st_mode) or not hasattr(os, "geteuid"):
        return False
    return about.st_uid == os.geteuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _read(file: Path) -> Mapping[str, Sound]:
    from generator.check.verdicts import Sound

    try:
        entries: Any = json.loads(file.read_bytes())
        found = {key: (Sound(objects, tuple(policies)), digest) for key, (objects, policies, digest) in entries.items()}
        return {key: sound for key, (sound, digest) in found.items() if digest == _digest(key, sound)}
    except Exception:  # noqa: BLE001 - a cache that cannot be read is none
        return {}


def _said(sound: Sound) -> tuple[int, tuple[str, ...]]:
    return sound.objects, sound.policies


def _digest(key: str, sound: Sound) -> str:
    return hashlib.sha256(repr((key, *_said(sound))).encode()).hexdigest()[:32]
