"""Pages that show commands: each is run on a copy of the example fleet, in order, and prints what the page says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from tests.conftest import REPOSITORY
from tests.fleets.changed import example_fleet

PAGES = ("failover.md", "lifecycle.md", "rings.md", "scaling.md")
BLOCK = re.compile(r"^```console\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_prints_what_the_page_says(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect: Callable[[Path, str], None]
) -> None:
    monkeypatch.chdir(example_fleet(tmp_path))
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def shown(block: re.Match[str]) -> str:
        typed = re.findall(r"^\$ (.*)$", block["body"], re.MULTILINE)
        return "".join(("```console\n", *(f"$ {command}\n{printed(command)}" for command in typed), "```"))

    def printed(command: str) -> str:
        program, *words = shlex.split(command)
        assert program == "tenantry"
        return CliRunner().invoke(main, words, prog_name=program).output

    text = (REPOSITORY / "docs" / page).read_text(encoding="utf-8")
    assert BLOCK.search(text)
    expect(REPOSITORY / "docs" / page, BLOCK.sub(shown, text))
