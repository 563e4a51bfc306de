"""The program as a person runs it, and a copy of the example fleet to run it on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner, Result

from generator.cli import main

REPOSITORY = Path(__file__).parent.parent.parent
INPUTS = ("fleet.yaml", "platforms", "regions", "policies", "tenants")

Run: TypeAlias = Callable[..., Result]
Spawn: TypeAlias = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example fleet's inputs, which is the current folder too."""
    root = tmp_path / "fleet"
    root.mkdir()
    for name in INPUTS:
        source = REPOSITORY / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, root / name)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the program in this process, without a terminal: `run("tenant", "list").exit_code`."""
    for name in ("NO_COLOR", "FORCE_COLOR", "GITHUB_WORKSPACE", "TENANTRY_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")

    def call(*words: str) -> Result:
        return CliRunner().invoke(main, list(words), prog_name="tenantry")

    return call


@pytest.fixture
def spawn() -> Spawn:
    """Runs the program in a process of its own; the environment is this one's and what is given."""

    def call(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "generator", *words],
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        )

    return call
