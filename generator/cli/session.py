"""What every command needs of the call around it: the fleet's folder, colour, and where words go."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
from msgspec import Struct

from generator.cli.group import Refusal

if TYPE_CHECKING:
    from generator.diagnostics import Diagnostic


class Session(Struct, frozen=True):
    """One call of the program. `start` is what `--root` named, `color` what `--color` or `--no-color` said."""

    start: Path | None
    color: bool | None

    def root(self) -> Path:
        """The fleet's folder: the nearest one upward that holds fleet.yaml. Refused when there is none."""
        from generator.pipeline.inputs import find_root

        start = (self.start or Path()).resolve()
        root = find_root(start)
        if root is None:
            raise Refusal(
                f"no fleet.yaml in {start} or any folder above it; go to a fleet's folder or name it: tenantry -C DIR …"
            )
        return root

    def reported(
        self,
        diagnostics: Iterable[Diagnostic],
        format: str,  # noqa: A002
        *,
        counts: Mapping[str, int] | None = None,
        data: Mapping[str, object] | None = None,
        strict: bool = False,
    ) -> str:
        """Findings in the format asked for, for standard output; see `generator.report.write`."""
        from generator.report import write

        return write(
            diagnostics,
            format,
            color=colored(sys.stdout, self.color),
            counts=counts,
            data=data,
            folder=_folder_in_checkout(self.root()),
            command=click.get_current_context().command_path,
            strict=strict,
        )

    def explain(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Writes findings to standard error, for commands whose standard output is something else."""
        from generator.report import write

        color = colored(sys.stderr, self.color)
        click.echo(write(diagnostics, "text", color=color), nl=False, err=True, color=color)


def colored(stream: TextIO, choice: bool | None) -> bool:
    """Whether to write colours: `choice` before NO_COLOR before FORCE_COLOR before "is it a terminal that can"."""
    if choice is not None:
        return choice
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def put(data: str) -> None:
    """Writes data to standard output as it is: whoever made it has settled whether it has colours."""
    click.echo(data, nl=False, color=True)


def say(message: str) -> None:
    """Writes a message to standard error."""
    click.echo(message, err=True)


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 error`, `2 errors`; `plural` where it is not the noun with an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or f'{noun}s'}"


def shown(diagnostics: Iterable[Diagnostic], format: str, *, notes: bool) -> tuple[Diagnostic, ...]:  # noqa: A002
    """What of the findings goes to standard output: to people, `notes` only where they are wanted."""
    from generator.diagnostics import Severity

    return tuple(each for each in diagnostics if format != "text" or notes or each.severity is not Severity.NOTE)


def fails(diagnostics: Iterable[Diagnostic], *, strict: bool) -> bool:
    """Whether any finding fails the run: an error, and with `strict` a warning too."""
    from generator.diagnostics import Severity

    fatal = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return any(each.severity in fatal for each in diagnostics)


def weighed(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning`: the end of every summary. Notes are not counted here; they ask for nothing."""
    from generator.diagnostics import Severity

    severities = [diagnostic.severity for diagnostic in diagnostics]
    errors, warnings = severities.count(Severity.ERROR), severities.count(Severity.WARNING)
    return f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"


def _folder_in_checkout(root: Path) -> str:
    """The fleet's folder as annotations need it: from the top of what GitHub Actions has checked out."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if not workspace or not root.is_relative_to(Path(workspace).resolve()):
        return ""
    folder = root.relative_to(Path(workspace).resolve()).as_posix()
    return "" if folder == "." else folder
