"""A progress bar for work that takes long enough to ask for one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    import rich.progress

_PATIENCE: Final = 1.0
_PAUSE: Final = 0.1


class Bar:
    """Call it with (done, total) as work goes on; use it as a context manager, which removes it.

    It appears on standard error, on a terminal only, after one second of work: quick runs never import rich. It draws
    only when called, without a thread of its own: workers are forked beside it.
    """

    def __init__(self, title: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`title` names the work. `clock` gives seconds."""
        self._title = title
        self._clock = clock
        self._shown = sys.stderr.isatty()
        self._next = clock() + _PATIENCE
        self._bar: rich.progress.Progress | None = None
        self._task: rich.progress.TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        """Draws, when it is time to."""
        if not self._shown or self._clock() < self._next:
            return
        if self._bar is None:
            self._bar, self._task = _start(self._title)
        if self._task is not None:
            self._bar.update(self._task, completed=done, total=total)
        self._bar.refresh()
        self._next = self._clock() + _PAUSE


def _start(title: str) -> tuple[rich.progress.Progress, rich.progress.TaskID]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)
    bar.start()
    return bar, bar.add_task(title, total=None)
