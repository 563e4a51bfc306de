"""docs/schemas.md says what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from tests.conftest import REPOSITORY
from tests.fleets import small_fleet
from tests.schemas.test_import import CLOSED


def test_every_command_of_the_page_prints_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = small_fleet(tmp_path)
    (root / "vendor").mkdir()
    (root / "vendor/widgets.yaml").write_text(CLOSED.read_text())
    monkeypatch.chdir(root)
    page = (REPOSITORY / "docs/schemas.md").read_text(encoding="utf-8")
    (console,) = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    said = ""
    for command in re.findall(r"^\$ (.*)$", console, re.MULTILINE):
        result = CliRunner().invoke(main, shlex.split(command)[1:], prog_name="tenantry")
        said += f"$ {command}\n{result.stdout}{result.stderr}"
    assert said == console
