"""What workers of a test do: functions that they import."""

from __future__ import annotations

import os
import time
from pathlib import Path


def lengths(shared: bytes, batch: int) -> tuple[int, int]:
    """The shared value's length, and the batch."""
    return len(shared), batch


def die_once(shared: bytes, batch: int) -> tuple[str, int]:
    """The first worker that gets batch 2 dies of it; `shared` is a folder in which it leaves a note."""
    note = Path(shared.decode()) / "died"
    if batch == 2 and not note.exists():
        note.write_text(str(os.getpid()))
        os._exit(1)
    return shared.decode(), batch


def always_die(shared: bytes, batch: int) -> None:
    """No worker survives it."""
    time.sleep(0.01)
    os._exit(1)


def another_everywhere() -> str:
    """What no two processes agree on, in place of what they run."""
    return str(os.getpid())
