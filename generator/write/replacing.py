"""One file gets another content, whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from generator.write.differences import TEMPORARY_PREFIX, TEMPORARY_SUFFIX


def replace(path: Path, content: bytes) -> None:
    """Puts a content in place of an existing file's, which keeps its mode; a link stays, and what it leads to changes.

    Raises OSError when that cannot be done; the file is then as it was.
    """
    target = path.resolve(strict=True)
    mode = stat.S_IMODE(target.stat().st_mode)
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
