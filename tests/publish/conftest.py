"""A fleet's repository and a bare target in a temporary folder, with nothing of the user's own git in sight."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.publish.world import World
from tests.repositories import git


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """git with an identity, and no settings but those."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "XDG_", "SSH_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Publisher Ü")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "publisher@example.com")


@pytest.fixture
def world(tmp_path: Path, environment: None) -> World:
    """A fleet with one commit, and an empty target."""
    made = World(tmp_path / "fleet", tmp_path / "target.git")
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(made.fleet))
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(made.target))
    made.commit("first")
    return made
