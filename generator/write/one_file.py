"""One file gets a content, whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from generator.write.differences import TEMPORARY_PREFIX, TEMPORARY_SUFFIX

_MODE: Final = 0o644
"""A new file's."""


def put(path: Path, content: bytes) -> None:
    """Makes a file, or puts a content in place of what it holds. One that is there keeps its mode; a link stays, and
    what it leads to changes.

    Raises OSError when that cannot be done; what was there is then as it was.
    """
    target = path.resolve(strict=True) if path.is_symlink() else path
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else _MODE
    temporary = target.parent / f"{TEMPORARY_PREFIX}{target.name[:48]}-{os.getpid()}{TEMPORARY_SUFFIX}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(content)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
