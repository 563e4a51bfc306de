"""Groups that import a command when it is asked for, and the program: how it ends when something goes wrong."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import io
import keyword
import os
import select
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, TextIO

import click

FINE: Final = 0
FINDINGS: Final = 1
MISUSE: Final = 2
INTERRUPTED: Final = 130
READER_GONE: Final = 141
"""128 + SIGPIPE: what a shell reports for any program whose reader has left."""


class Refusal(click.ClickException):
    """The environment does not allow the command (no fleet here, git missing): exit code 2, one sentence, no usage."""

    exit_code = MISUSE


class LazyGroup(click.Group):
    """A group whose commands stand in modules of a package: `<home>.<name>`, each with a click command `command`.

    The module of one that is named like a word of Python ends in an underscore.
    """

    def __init__(self, *args: Any, home: str, members: Sequence[str], **settings: Any) -> None:
        """`members` are the commands' names in the order in which help lists them."""
        super().__init__(*args, **settings)
        self._home = home
        self._members = tuple(members)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All commands, in the order of use."""
        return list(self._members)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, imported now; None for an unknown name."""
        if cmd_name not in self._members:
            return None
        module = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        command: click.Command = importlib.import_module(f"{self._home}.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, but with the name that a mistyped one is near to."""
        name = args[0]
        if name not in self._members and not name.startswith("-") and not ctx.resilient_parsing:
            near = difflib.get_close_matches(name, self._members, n=1)
            ctx.fail(f"No such command '{name}'." + (f" Did you mean '{near[0]}'?" if near else ""))
        return super().resolve_command(ctx, args)


class Program(LazyGroup):
    """The outermost group. Commands return their exit code; nothing leaves here as a raw traceback."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002
        windows_expand_args: bool = True,  # noqa: ARG002
        **extra: Any,
    ) -> NoReturn:
        """Runs the command line and exits. The signature is click's, `standalone_mode` is always meant."""
        _speak_utf8()
        words = list(sys.argv[1:] if args is None else args)
        name = prog_name or "tenantry"
        if asked := os.environ.get(variable := complete_var or "_TENANTRY_COMPLETE"):
            from click.shell_completion import shell_complete

            sys.exit(shell_complete(self, extra, name, variable, asked))
        traced = "--traceback" in words or os.environ.get("TENANTRY_TRACEBACK", "") not in ("", "0")
        sys.exit(self._run(name, words, extra, traced))

    def _run(self, name: str, words: list[str], extra: dict[str, Any], traced: bool) -> int:
        try:
            with self.make_context(name, words, **extra) as context:
                code = self.invoke(context)
                sys.stdout.flush()
                return code if isinstance(code, int) else FINE
        except click.exceptions.Exit as exit_:
            return exit_.exit_code
        except click.ClickException as wrong:
            wrong.show()
            return MISUSE
        except (KeyboardInterrupt, click.Abort):
            return INTERRUPTED
        except BrokenPipeError as broken:
            return READER_GONE if _reader_is_gone() else _failure(broken, traced)
        except Exception as failure:  # noqa: BLE001
            return _failure(failure, traced)


def _failure(failure: Exception, traced: bool) -> int:
    """Says in a sentence what stopped the run: the environment (OSError), or a bug.

    An OSError without a number is one of tenantry's own, whose sentence says all.
    """
    if traced:
        import traceback

        click.echo("".join(traceback.format_exception(failure)), err=True, nl=False)
    plain = isinstance(failure, OSError) and failure.errno is None
    hint = "" if traced or plain else "; run it again with --traceback to see where"
    if isinstance(failure, OSError):
        place = f"{failure.filename}: " if failure.filename else ""
        click.echo(f"Error: {place}{failure.strerror or failure}{hint}", err=True)
        _let_go_of_output()
    else:
        click.echo(f"Error: this is a bug in tenantry ({type(failure).__name__}){hint}", err=True)
    return MISUSE


def _let_go_of_output() -> None:
    """What standard output cannot take (a full disk) stays in its buffer, and would fail once more at the exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _reader_is_gone() -> bool:
    """Whether it was standard output or error that broke, and not a pipe to another program.

    Leaves streams that the interpreter can close without a complaint.
    """
    gone = False
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, io.UnsupportedOperation):
            if _broken(stream):
                gone = True
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return gone


def _broken(stream: TextIO) -> bool:
    """What could not be written is still in a stream's buffer, so a flush fails again; without a buffer, poll tells."""
    try:
        stream.flush()
    except BrokenPipeError:
        return True
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(stream.fileno(), 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))


def _speak_utf8() -> None:
    r"""UTF-8 whatever the locale; what is no text at all (a file name of odd bytes) is written as `\udcff`.

    A stream that was closed before the start (`>&-`) is None in Python; it becomes one that swallows everything.
    """
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")
