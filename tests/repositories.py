"""git, as tests use it: by an identity of its own, whatever the machine's settings are."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

_SETTINGS: Final = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")


def git(folder: Path, *words: str, check: bool = True) -> str:
    """What git prints, as text without its last line break. With `check`, it must succeed."""
    done = subprocess.run(["git", *_SETTINGS, *words], cwd=folder, check=check, capture_output=True)
    return done.stdout.decode(errors="surrogateescape").removesuffix("\n")


def committed(folder: Path) -> str:
    """Commits everything as it is, in a repository that is made where there is none; the commit's id."""
    if not (folder / ".git").exists():
        # Without the samples of hooks and the like, which every copy of it would have to carry along.
        git(folder, "init", "--quiet", "--initial-branch=main", "--template=")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "as it is")
    return git(folder, "rev-parse", "HEAD")
