"""A PostgreSQL server that lives as long as the tests, set up from what is rendered as CloudNativePG would do it."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fleets.example import Example, Rendered

INSTALLED = Path("/usr/lib/postgresql")
OLDEST = 15
"""A2Z SOC "Database Layer": PostgreSQL 15 and later."""
PLATFORM, CLUSTER = "a2z-soc", "aws-us-west-2-prod-1"
PASSWORD = r"pass:wo\rd"
"""With the two characters that a password file escapes."""


@dataclass(frozen=True, slots=True)
class Server:
    """The server: its programs, and the folder of its socket."""

    programs: Path
    socket: Path
    objects: tuple[Rendered, ...]

    def environment(self, user: str, database: str, password: str = PASSWORD) -> dict[str, str]:
        """What a client finds around it; programs of the server's version come first."""
        return {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "PGHOST": str(self.socket),
            "PGUSER": user,
            "PGDATABASE": database,
            "PGPASSWORD": password,
            "PGCONNECT_TIMEOUT": "10",
            "LC_ALL": "C",
        }

    def sql(self, text: str, user: str = "postgres", database: str = "postgres") -> subprocess.CompletedProcess[str]:
        """Runs statements; the output holds values only, one row a line."""
        return subprocess.run(
            [self.programs / "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
             "--set", "ON_ERROR_STOP=1", "--command", text],
            env=self.environment(user, database), capture_output=True, text=True, check=False,
        )  # fmt: skip

    def rows(self, text: str, user: str = "postgres", database: str = "postgres") -> list[str]:
        done = self.sql(text, user, database)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def one(self, kind: str, name: str) -> dict[str, Any]:
        """The body of the one object of a kind and name, in the platform's data namespace."""
        [found] = [
            each for each in self.objects if (each.kind, each.name, each.namespace) == (kind, name, f"{PLATFORM}-data")
        ]
        return found.body

    @property
    def tenants(self) -> list[Rendered]:
        """The pooled tenants' roles."""
        found = [each for each in self.objects if each.kind == "DatabaseRole" and each.namespace == f"{PLATFORM}-data"]
        assert len(found) > 1
        return found


def programs() -> Path | None:
    """The folder of the newest server that is installed and new enough."""
    found = [
        (int(folder.parent.name), folder)
        for folder in INSTALLED.glob("*/bin")
        if folder.parent.name.isdigit() and (folder / "initdb").exists()
    ]
    return max(found)[1] if found and max(found)[0] >= OLDEST else None


def as_user(command: list[str | Path], user: str) -> None:
    """Runs a program of the server, which refuses to be root."""
    words: list[str | Path] = list(command)
    if os.geteuid() == 0:
        words = ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups", *words]
    done = subprocess.run(words, env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, cwd="/", capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.fixture(scope="session")
def server(example: Example) -> Iterator[Server]:
    folder = programs()
    if folder is None:
        pytest.skip(f"no PostgreSQL {OLDEST} or later is installed in {INSTALLED}")
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("PostgreSQL refuses to run as root, and there is no setpriv to run it as somebody else")
    names = {each.pw_name for each in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    # Not below pytest's own folder: nobody else may enter that, and a socket's path has at most 107 characters.
    home = Path(tempfile.mkdtemp(prefix="tenantry-"))
    home.chmod(0o755)
    place = home / "server"
    place.mkdir(mode=0o755)
    if os.geteuid() == 0:
        shutil.chown(place, user)
    objects = tuple(each for each in example.objects if each.cluster == CLUSTER)
    made = Server(folder, place, objects)
    control: list[str | Path] = [folder / "pg_ctl", "--pgdata", place / "data", "--wait", "--silent"]
    try:
        as_user(
            [folder / "initdb", "--pgdata", place / "data", "--auth=trust", "--username=postgres", "--no-sync"], user
        )
        rules = made.one("Cluster", "postgres")["spec"]["postgresql"]["pg_hba"]
        (place / "data" / "pg_hba.conf").write_text(access(rules), encoding="utf-8")
        options = f"-c listen_addresses= -c unix_socket_directories={place} -c fsync=off"
        as_user([*control, "--log", place / "log", "--options", options, "start"], user)
        try:
            populate(made)
            yield made
        finally:
            as_user([*control, "--mode=immediate", "stop"], user)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def access(rules: list[str]) -> str:
    """The rendered rules for connections over the socket, between the operator's first and last."""
    local = [re.sub(r"^(?:hostssl|host) (.+) all ([a-z0-9-]+)$", r"local \1 \2", rule) for rule in rules]
    assert all(rule.startswith("local ") for rule in local), rules
    return "\n".join(("local all postgres trust", *local, "local all all scram-sha-256", ""))


def populate(server: Server) -> None:
    """Does what the operator does with the rendered objects."""
    spec = server.one("Cluster", "postgres")["spec"]
    own = spec["bootstrap"]["initdb"]
    for role in spec["managed"]["roles"]:
        server.rows(f"CREATE ROLE {role['name']} {'LOGIN' if role['login'] else 'NOLOGIN'}")
    server.rows(f"CREATE ROLE {own['owner']} LOGIN PASSWORD '{PASSWORD}'")
    server.rows(f"CREATE DATABASE {own['database']} OWNER {own['owner']}")
    for item in server.tenants:
        role = item.body["spec"]
        server.rows(f"CREATE ROLE {role['name']} LOGIN PASSWORD '{PASSWORD}' IN ROLE {', '.join(role['inRoles'])}")
        database = server.one("Database", item.name)["spec"]
        server.rows(f"CREATE DATABASE {database['name']} OWNER {database['owner']}")
