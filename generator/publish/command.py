"""Runs git, and gives back what it said."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from msgspec import Struct, field

_QUIET: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "LANGUAGE": "C",
    "LC_ALL": "C",
}
"""No question may be asked, no lock taken for a mere look, and nothing fetched behind our back; and what git says is
read, so it has to be in English."""


_PIPE: Final = 1 << 20
"""Bytes under way to a command or back: of the files of a fleet neither side should have to wait for the other."""


class GitUnavailable(OSError):  # noqa: N818  it is a state of the world, not a fault
    """There is no git to run on this machine."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"git cannot be run: {reason}; install git 2.31 or newer, or put it on PATH")


class WorkspaceBroken(OSError):  # noqa: N818  as above
    """The repository that is worked in cannot be written or read: a full disk, a broken cache."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"git cannot work in its cache: {reason}; see that the disk has room, or delete tenantry/publish in the"
            " cache folder"
        )


class Answer(Struct, frozen=True):
    """What one git command came to. `error` is its standard error, in English."""

    status: int
    output: bytes
    error: str

    @property
    def text(self) -> str:
        """Standard output as text, without the last line break."""
        return self.output.decode(errors="surrogateescape").removesuffix("\n")


class Git(Struct, frozen=True):
    """git in one folder, with what is added to its environment and its configuration (key, value)."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: tuple[tuple[str, str], ...] = ()

    def __call__(self, *arguments: str) -> Answer:
        """Runs `git <arguments>` and waits. A failure is an answer, too. Raises GitUnavailable."""
        return self.begin(*arguments)()

    def begin(self, *arguments: str) -> Callable[[], Answer]:
        """Runs `git <arguments>` beside whatever comes next; the answer is to be asked for, once, and waits for it."""
        try:
            process = self._started(arguments, subprocess.DEVNULL)
        except GitUnavailable as fault:
            return partial(_fail, fault)

        def answer() -> Answer:
            with process:
                output, error = process.communicate()
            return Answer(process.returncode, output, _decoded(error))

        return answer

    def feed(self, chunks: Iterable[bytes], *arguments: str) -> Answer:
        """Runs `git <arguments>` with the chunks as its standard input. What it prints must fit a pipe meanwhile."""
        with self._started(arguments, subprocess.PIPE) as process:
            if process.stdin is None:
                raise ValueError("a pipe was asked for")
            try:
                for chunk in chunks:
                    process.stdin.write(chunk)
            except BrokenPipeError:
                pass  # It has ended early, and says why on standard error.
            except BaseException:
                process.kill()
                with suppress(OSError):  # what is left to write would hide why we stop
                    process.stdin.close()
                raise
            output, error = process.communicate()
        return Answer(process.returncode, output, _decoded(error))

    def _started(self, arguments: Sequence[str], stdin: int) -> subprocess.Popen[bytes]:
        # Not through GitPython, whose import takes longer than the publish of a small change.
        try:
            return subprocess.Popen(
                ["git", *arguments],
                cwd=self.folder,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment(),
                bufsize=_PIPE,
                pipesize=_PIPE,
            )
        except OSError as missing:
            raise GitUnavailable(missing.strerror or str(missing)) from missing

    def _environment(self) -> dict[str, str]:
        # Settings go by environment, not by `-c`: they may hold credentials, and arguments are seen by every user.
        before = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
        added = {"GIT_CONFIG_COUNT": str(before + len(self.settings))}
        for number, (key, value) in enumerate(self.settings, before):
            added[f"GIT_CONFIG_KEY_{number}"] = key
            added[f"GIT_CONFIG_VALUE_{number}"] = value
        return {**os.environ, **_QUIET, **added, **self.environment}


def _fail(fault: GitUnavailable) -> Answer:
    raise fault


def _decoded(error: bytes) -> str:
    return error.decode(errors="replace").strip()


def without_credentials(text: str, repository: str = "") -> str:
    """The text with user names, passwords and query strings taken out of URLs, and those of `repository` anywhere."""
    for secret in _secrets(repository):
        text = text.replace(secret, "***")
    text = re.sub(r"(\b[a-z][a-z0-9+.-]*://)[^\s/'\"]*@", r"\1", text, flags=re.IGNORECASE)
    return re.sub(r"(\b[a-z][a-z0-9+.-]*://[^\s?'\"]*)\?[^\s'\"]*", r"\1", text, flags=re.IGNORECASE)


def _secrets(repository: str) -> list[str]:
    if "://" not in repository:
        return []
    try:
        parts = urlsplit(repository)
        password = parts.password or (parts.username if parts.scheme in ("http", "https") else "") or ""
    except ValueError:
        return []
    return sorted({word for word in (password, unquote(password)) if word}, key=len, reverse=True)
