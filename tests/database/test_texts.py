"""SQL and shell in rendered manifests are what PostgreSQL and bash can read."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pglast

from tests.database.scripts import container, script
from tests.fleets.example import Example


def test_every_migration_is_sql(example: Example) -> None:
    texts = {
        text
        for item in example.of("ConfigMap")
        for name, text in item.body.get("data", {}).items()
        if name.endswith(".sql")
    }
    assert texts
    for text in texts:
        statements = pglast.parse_sql(re.sub(r":'[a-z]+'", "'1'", text))  # as psql puts values in
        assert len(statements) > 1


def test_every_script_is_sound_bash_and_fails_with_the_first_part_of_a_pipe(example: Example, tmp_path: Path) -> None:
    texts = {
        script(item) for item in example.of("CronJob", "Job") if container(item).get("command", [""])[0] == "/bin/bash"
    }
    assert texts
    for number, text in enumerate(sorted(texts)):
        assert text.startswith("set -euo pipefail\n")
        file = tmp_path / f"{number}.sh"
        file.write_text(f"#!/bin/bash\n{text}", encoding="utf-8")
        for command in (["/bin/bash", "-n"], [str(Path(sys.executable).parent / "shellcheck")]):
            done = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
