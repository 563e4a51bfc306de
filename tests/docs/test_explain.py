"""docs/explain.md shows what its commands print. `pytest --accept` writes what came out into the page."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from generator.cli import main
from tests.conftest import REPOSITORY

PAGE = REPOSITORY / "docs" / "explain.md"


def test_every_command_prints_what_the_page_says(expect: Callable[[Path, str], None]) -> None:
    def shown(block: re.Match[str]) -> str:
        words = shlex.split(block["command"])
        assert words[0] == "tenantry"
        result = CliRunner().invoke(main, ["-C", str(REPOSITORY), *words[1:]])
        assert result.exit_code == 0, result.output
        return f"```console\n$ {block['command']}\n{result.stdout}```"

    text = PAGE.read_text(encoding="utf-8")
    actual = re.sub(
        r"^```console\n\$ (?P<command>[^\n]*)\n(?:.*?\n)??```$", shown, text, flags=re.MULTILINE | re.DOTALL
    )
    assert actual.count("$ tenantry") == 3
    expect(PAGE, actual)
