"""The progress bar: only for people, only for work that lasts."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from generator.cli.progress import Bar
from tests.cli.conftest import REPOSITORY


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def drawn(stream: io.StringIO, seconds: float, monkeypatch: pytest.MonkeyPatch) -> str:
    """What stands on standard error when 30 of 100 are done after so many seconds."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    clock = Clock()
    with Bar("rendering", clock) as bar:
        bar(10, 100)
        clock.now = seconds
        bar(30, 100)
    return stream.getvalue()


def test_it_appears_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = drawn(Terminal(), 1.5, monkeypatch)
    assert "rendering" in shown
    assert "30/100" in shown


def test_quick_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(Terminal(), 0.9, monkeypatch) == ""


def test_a_file_or_a_pipe_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(io.StringIO(), 60, monkeypatch) == ""


def test_without_a_bar_rich_is_never_imported() -> None:
    code = (
        "import sys\n"
        "from generator.cli.progress import Bar\n"
        "with Bar('rendering') as bar: bar(1, 2)\n"
        "print('rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=REPOSITORY)
    assert done.stdout == "False\n"
