"""On a real server: the very script of a rendered dump CronJob, and the way back that its template documents."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.database.conftest import PASSWORD, Server
from tests.database.scripts import container, run
from tests.fleets.example import Rendered

TEMPLATE = REPOSITORY / "generator" / "templates" / "tenant" / "tenancy" / "dump.yaml"
CLIENT = """#!/bin/bash
set -eu
for target; do file=${previous-}; previous=$target; done
target="$STORE/${target#*://}"
mkdir -p "$(dirname "$target")"
cp "$file" "$target"
"""
"""Stands in for the command line of an object store: copies to a folder."""


@pytest.fixture
def job(server: Server) -> Rendered:
    role = server.tenants[0]
    tenant = role.body["metadata"]["labels"]["tenantry.dev/tenant"]
    [found] = [each for each in server.objects if each.kind == "CronJob" and f"/tenants/{tenant}/" in each.path]
    return found


@pytest.fixture
def changed(server: Server, tmp_path: Path) -> dict[str, str]:
    """The parts of the script's environment that a test has to put elsewhere."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("aws", "gcloud", "azcopy"):
        (programs / name).write_text(CLIENT, encoding="utf-8")
        (programs / name).chmod(0o755)
    password = tmp_path / "password"
    password.write_text(PASSWORD, encoding="utf-8")
    client = server.environment("", "")
    return {
        "PATH": f"{programs}:{client['PATH']}",
        "PGHOST": client["PGHOST"],
        "HOME": str(tmp_path),
        "PGPASSFILE": str(tmp_path / "pgpass"),
        "PASSWORD_FILE": str(password),
        "STORE": str(tmp_path / "store"),
    }


def database(job: Rendered) -> str:
    return str({each["name"]: each.get("value") for each in container(job)["env"]}["PGDATABASE"])


def uploaded(folder: Path) -> list[Path]:
    return sorted(file for file in (folder / "store").rglob("*") if file.is_file())


def restore_command() -> str:
    [found] = re.findall(r"`(gunzip [^`]*)`", TEMPLATE.read_text(encoding="utf-8"))
    return str(found)


def test_what_is_dumped_comes_back(server: Server, job: Rendered, changed: dict[str, str], tmp_path: Path) -> None:
    name = database(job)
    server.rows("CREATE TABLE things (id integer PRIMARY KEY, word text)", name, name)
    server.rows("INSERT INTO things SELECT n, 'Ä' || n FROM generate_series(1, 1000) n", name, name)
    sums = "SELECT count(*), sum(id), md5(string_agg(word, ',' ORDER BY id)) FROM things"
    before = server.rows(sums, name, name)

    done = run(job, changed, tmp_path)
    assert done.returncode == 0, done.stderr
    [file] = uploaded(tmp_path)
    tenant = job.body["metadata"]["labels"]["tenantry.dev/tenant"]
    assert re.search(rf"/tenants/{tenant}/\d{{4}}-\d\d-\d\dT\d\d-\d\d-\d\dZ/database\.sql\.gz$", str(file))
    assert PASSWORD not in done.stdout + done.stderr

    server.rows("DROP TABLE things", name, name)
    restored = subprocess.run(
        ["/bin/bash", "-c", f"set -euo pipefail; {restore_command()}"],
        env=server.environment(name, name), cwd=file.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert restored.returncode == 0, restored.stderr
    assert server.rows(sums, name, name) == before


def test_a_dump_that_cannot_start_fails_and_uploads_nothing(
    job: Rendered, changed: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("another", encoding="utf-8")
    done = run(job, changed, tmp_path)
    assert done.returncode != 0
    assert "password authentication failed" in done.stderr
    assert uploaded(tmp_path) == []


def test_a_dump_that_breaks_off_fails_and_uploads_nothing(
    job: Rendered, changed: dict[str, str], tmp_path: Path
) -> None:
    broken = tmp_path / "bin" / "pg_dump"
    broken.write_text("#!/bin/bash\necho 'CREATE TABLE half ('\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    done = run(job, changed, tmp_path)
    assert done.returncode == 1
    assert uploaded(tmp_path) == []


def test_an_upload_that_fails_fails_the_dump(job: Rendered, changed: dict[str, str], tmp_path: Path) -> None:
    for name in ("aws", "gcloud", "azcopy"):
        (tmp_path / "bin" / name).write_text("#!/bin/bash\nexit 3\n", encoding="utf-8")
    assert run(job, changed, tmp_path).returncode == 3
