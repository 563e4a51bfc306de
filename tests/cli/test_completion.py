"""`tenantry completion`, and what a shell gets by it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Spawn


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_tenantry_and_is_printed_anywhere(
    shell: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("completion", shell)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"_TENANTRY_COMPLETE={shell}_complete" in result.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_takes_the_script(run: Run) -> None:
    script = run("completion", "bash").stdout
    done = subprocess.run(["bash", "-n"], input=script.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("tenantry va", ["plain,validate"]),
        ("tenantry tenant s", ["plain,show", "plain,set", "plain,suspend"]),
        ("tenantry tenant show ac", ["plain,acme"]),
        ("tenantry tenant list --platform a2", ["plain,a2z-soc"]),
        ("tenantry tenant add x --compliance hi", ["plain,hipaa"]),
        ("tenantry check --format g", ["plain,github"]),
    ],
)
def test_commands_options_and_names_are_completed(words: str, offered: list[str], fleet: Path, spawn: Spawn) -> None:
    count = len(words.split(" ")) - 1
    done = spawn(_TENANTRY_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(count))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == offered


def test_names_are_completed_from_a_named_fleet_and_nothing_is_outside_one(
    fleet: Path, spawn: Spawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = {"_TENANTRY_COMPLETE": "bash_complete"}
    named = spawn(COMP_WORDS="tenantry -C fleet tenant show ac", COMP_CWORD="5", **asked)
    assert named.stdout.decode().splitlines() == ["plain,acme"]
    outside = spawn(COMP_WORDS="tenantry tenant show ac", COMP_CWORD="3", **asked)
    assert (outside.returncode, outside.stdout.strip(), outside.stderr) == (0, b"", b"")
