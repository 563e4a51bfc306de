"""How the program takes its words and how it ends: help, mistakes, failures, interruption, encodings, colour."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import NoReturn

import click
import pytest

from generator.cli import main
from generator.cli.session import colored
from generator.pipeline import sides
from tests.cli.conftest import REPOSITORY, Run, Spawn

EXPECTED = Path(__file__).parent / "expected"

COMMANDS = (
    (),
    ("init",),
    ("validate",),
    ("render",),
    ("check",),
    ("diff",),
    ("review",),
    ("evidence",),
    ("explain",),
    ("publish",),
    ("tenant",),
    ("tenant", "list"),
    ("tenant", "show"),
    ("tenant", "add"),
    ("code",),
    ("schemas",),
    ("schemas", "import"),
    ("schemas", "list"),
    ("tenant", "set"),
    ("tenant", "suspend"),
    ("tenant", "resume"),
    ("tenant", "offboard"),
    ("tenant", "move"),
    ("place",),
    ("failover",),
    ("promote",),
    ("doctor",),
    ("completion",),
)


def failing(failure: BaseException) -> Callable[[Path], NoReturn]:
    def fail(_root: Path, **_: object) -> NoReturn:
        raise failure

    return fail


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: "-".join(command) or "tenantry")
def test_help_is_as_documented(command: tuple[str, ...], run: Run, expect: Callable[[Path, str], None]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert result.stderr == ""
    expect(EXPECTED / "help" / f"{'-'.join(command) or 'tenantry'}.txt", result.stdout)


def test_every_command_has_its_help_checked_above() -> None:
    def below(group: click.Command, path: tuple[str, ...]) -> set[tuple[str, ...]]:
        if not isinstance(group, click.Group):
            return {path}
        context = click.Context(group)
        members = {name: group.get_command(context, name) for name in group.list_commands(context)}
        assert None not in members.values()
        return {path}.union(*(below(member, (*path, name)) for name, member in members.items() if member))

    assert below(main, ()) == set(COMMANDS)


def test_help_imports_nothing_heavy() -> None:
    heavy = {"jinja2", "yaml", "ruamel", "git", "rich", "jsonschema_rs", "kubernetes_validate", "generator.pipeline"}
    code = "import sys; from generator.cli import main\ntry: main(['--help'])\nexcept SystemExit: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=REPOSITORY)
    assert "Commands:" in done.stdout
    assert heavy.isdisjoint(done.stdout.splitlines()[-1].split())


def test_the_version_is_that_of_the_distribution(run: Run) -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"tenantry {metadata.version('tenantry')}\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("vaildate",), "No such command 'vaildate'. Did you mean 'validate'?"),
        (("tenant", "lst"), "No such command 'lst'. Did you mean 'list'?"),
        (("zzz",), "No such command 'zzz'."),
        (("render", "--chekc"), "--chekc"),
        (("render", "--jobs", "0"), "'--jobs'"),
        (("check", "--format", "yaml"), "'yaml' is not one of"),
        (("completion", "tcsh"), "'tcsh' is not one of"),
        (("-C", "no-such-folder", "validate"), "no-such-folder"),
        (("code", "CHK0004"), "there is no code 'CHK0004'; did you mean 'CHK004'?"),
        (("code", "X"), "there is no code 'X'; tenantry code lists all"),
        (("tenant", "add", "acme"), "Missing option '--platform'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_use_exits_with_2_and_says_what_is_wrong_on_standard_error(
    words: tuple[str, ...], said: str, run: Run
) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "words",
    [("validate",), ("render",), ("check",), ("publish",), ("tenant", "list"), ("tenant", "show", "acme")],
    ids=" ".join,
)
def test_outside_a_fleet_the_way_to_one_is_said(words: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    result = run("-C", str(tmp_path), *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"Error: no fleet.yaml in {tmp_path.resolve()} or any folder above it; "
        "go to a fleet's folder or name it: tenantry -C DIR …\n"
    )


def test_a_bug_is_one_sentence_and_not_a_traceback(run: Run, fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sides, "inspected", failing(KeyError("x")))
    result = run("validate")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: this is a bug in tenantry (KeyError); run it again with --traceback to see where\n"


@pytest.mark.parametrize(("words", "variable"), [(("--traceback",), ""), ((), "1")], ids=["option", "variable"])
def test_a_traceback_is_shown_to_who_asks(
    words: tuple[str, ...], variable: str, run: Run, fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sides, "inspected", failing(KeyError("x")))
    monkeypatch.setenv("TENANTRY_TRACEBACK", variable)
    result = run(*words, "validate")
    assert result.exit_code == 2
    assert result.stderr.startswith("Traceback (most recent call last):\n")
    assert result.stderr.endswith("\nError: this is a bug in tenantry (KeyError)\n")


def test_a_broken_environment_is_no_bug(run: Run, fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sides, "inspected", failing(PermissionError(errno.EACCES, "Permission denied", "tenants/a.yaml"))
    )
    result = run("validate")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: tenants/a.yaml: Permission denied; run it again with --traceback to see where\n"


def test_a_pipe_to_another_program_that_breaks_is_not_taken_for_a_reader_that_left(
    run: Run, fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sides, "inspected", failing(BrokenPipeError(errno.EPIPE, "Broken pipe")))
    result = run("validate")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: Broken pipe")


def test_interruption_is_quiet(run: Run, fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sides, "inspected", failing(KeyboardInterrupt()))
    result = run("validate")
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [("--help",), ("completion", "zsh")], ids=" ".join)
def test_a_reader_that_leaves_ends_the_program_quietly(words: tuple[str, ...], unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "generator", *words],
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_said_and_is_no_success(unbuffered: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "generator", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert done.returncode == 2
    assert b"No space left" in done.stderr


def test_closed_streams_are_no_failure(fleet: Path) -> None:
    command = f"{sys.executable} -m generator tenant list >&- 2>&-"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    assert subprocess.run(["sh", "-c", command], check=False, env=environment).returncode == 0


def test_output_is_utf8_in_a_locale_that_is_not(fleet: Path, spawn: Spawn) -> None:
    tenant = fleet / "tenants/a2z-soc/acme.yaml"
    text = tenant.read_text(encoding="utf-8")
    tenant.write_text(text.replace("title: Acme Corporation", "title: Café 東京"), encoding="utf-8")
    ascii_only = {"LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = spawn("tenant", "show", "acme", **ascii_only)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Café 東京".encode() in done.stdout


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "environment", "stream", "wanted"),
    [
        (None, {}, Terminal(), True),
        (None, {}, io.StringIO(), False),
        (None, {"TERM": "dumb"}, Terminal(), False),
        (None, {"NO_COLOR": "1"}, Terminal(), False),
        (None, {"NO_COLOR": ""}, Terminal(), True),
        (None, {"FORCE_COLOR": "1"}, io.StringIO(), True),
        (None, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, Terminal(), False),
        (True, {"NO_COLOR": "1"}, io.StringIO(), True),
        (False, {"FORCE_COLOR": "1"}, Terminal(), False),
    ],
)
def test_colour_follows_the_option_then_the_environment_then_the_terminal(
    choice: bool | None, environment: dict[str, str], stream: io.StringIO, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert colored(stream, choice) is wanted
