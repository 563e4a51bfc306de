"""The README as a reader would follow it: every command in order, in a fresh clone, and what it prints.

`pytest --accept` writes what came out into the README. The test command itself is what runs this test; it is only
checked to be what CI calls.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

README = REPOSITORY / "README.md"
MARK = "\x1e"
"""Printed before each command, to tell where its output begins."""


def blocks(text: str) -> Iterator[re.Match[str]]:
    """The console blocks of a Markdown text."""
    yield from re.finditer(r"^```console\n(?P<body>.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(body: str) -> list[str]:
    """What a reader types: lines that start with `$ `, each with those after it that go on with `> `.

    `run.py` prints its own steps in that form, so in its block only the first line is typed.
    """
    typed = re.findall(r"^\$ (.*(?:\n> .*)*)", body, re.MULTILINE)
    return typed[:1] if typed and typed[0].startswith("python3 run.py") else typed


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The checkout as it stands, uncommitted changes too, as one commit of a new repository."""
    target = tmp_path / "tenantry"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (REPOSITORY / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target / name)
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "The example fleet"]):
        subprocess.run(["git", *words], cwd=target, check=True, env=environment(tmp_path))
    return target


def environment(folder: Path) -> dict[str, str]:
    """What a new user's shell has: an empty home folder, no virtual environment, and a name for git.

    The packages that run the tests are on Python's path, where pip finds that they are what pyproject.toml asks for. It
    still makes the environment, builds this project, resolves all that it needs and fetches what is not there; it only
    does not fetch and unpack the same hundred megabytes again, by the same function of run.py, that CI began with.
    """
    home = folder / "home"
    home.mkdir(exist_ok=True)
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "LANG"} or name.startswith(("PIP_", "SSL_", "PYENV_")) or name.endswith("_PROXY")
    }
    # The python3 that runs the tests comes first, without its virtual environment.
    python = Path(sys.base_prefix) / "bin"
    identity = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Reader"), ("EMAIL", "reader@example.com"), ("DATE", "2026-01-01T00:00:00Z"))
    }
    path = {"PATH": f"{python}:{kept['PATH']}", "PYTHONPATH": sysconfig.get_path("purelib")}
    return {**kept, **identity, **path, "HOME": str(home)}


def run(typed: list[str], folder: Path) -> list[str]:
    """Types the commands into one shell; what each printed, on both streams. A command may fail: it shows a mistake."""
    lines = (command.replace("\n> ", "\n") for command in typed)
    script = "".join(f"printf '{MARK}'\n{line}\n" for line in lines)
    shell = subprocess.run(
        ["bash"],
        input=script.encode(),
        cwd=folder,
        env=environment(folder.parent),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return shell.stdout.decode().split(MARK)[1:]


def told(text: str) -> str:
    """A text without what differs from clone to clone: the ids of commits."""
    return re.sub(r"\b[0-9a-f]{12}([0-9a-f]{28})?\b", lambda match: "0" * len(match[0]), text)


def test_every_command_prints_what_the_readme_says(clone: Path, expect: Callable[[Path, str], None]) -> None:
    text = README.read_text(encoding="utf-8")
    typed = [command for block in blocks(text) for command in commands(block["body"])]
    printed = dict(zip(enumerate(typed), run(typed, clone), strict=True))
    remaining = iter(printed.items())

    def shown(block: re.Match[str]) -> str:
        parts = []
        for _ in commands(block["body"]):
            (_, command), output = next(remaining)
            parts.append(f"$ {command}\n{output}")
        return f"```console\n{''.join(parts)}```"

    actual = re.sub(r"^```console\n(?P<body>.*?)^```$", shown, text, flags=re.MULTILINE | re.DOTALL)
    if told(actual) != told(text):
        expect(README, actual)


def test_ci_runs_the_readmes_test_command() -> None:
    command = "python3 run.py tests"
    assert f"    {command}\n" in README.read_text(encoding="utf-8")
    assert command in (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
