"""A fleet's repository and a bare target, and what the tests ask of them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.model.tree import Tree
from generator.publish import Outcome, Request, publish
from generator.publish.record import record_ref
from generator.publish.trailers import source_of
from tests.repositories import git


def tree_of(files: Mapping[str, bytes]) -> Tree:
    return Tree(dict(sorted(files.items())))


@dataclass(frozen=True)
class World:
    """`fleet` is the fleet's clone, `target` a bare repository."""

    fleet: Path
    target: Path

    def commit(self, note: str = "note") -> str:
        """A new commit of the fleet; its id."""
        notes = self.fleet / "notes"
        notes.write_text((notes.read_text() if notes.exists() else "") + f"{note}\n")
        git(self.fleet, "add", "--all")
        git(self.fleet, "commit", "--quiet", "--message", note)
        return git(self.fleet, "rev-parse", "HEAD")

    def request(self, **changed: object) -> Request:
        values: dict[str, object] = {"root": self.fleet, "repository": str(self.target), "branch": "rendered"}
        return Request(**{**values, **changed})  # type: ignore[arg-type]

    def publish(self, files: Mapping[str, bytes], **changed: object) -> Outcome:
        return publish(tree_of(files), self.request(**changed), sleep=lambda _: None)

    def tip(self, branch: str = "rendered") -> str:
        """The id of the branch's last commit, "" when there is none."""
        return git(self.target, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}", check=False)

    def record(self, branch: str = "rendered") -> str:
        """The id of the branch's record, "" when there is none."""
        return git(self.target, "rev-parse", "--verify", "--quiet", record_ref(branch), check=False)

    def recorded(self, branch: str = "rendered") -> str:
        """The fleet's commit that the branch's record names."""
        return source_of(git(self.target, "log", "-1", "--format=%B", record_ref(branch)))

    def files(self, branch: str = "rendered") -> dict[str, bytes]:
        """Everything on the branch."""
        listed = git(self.target, "ls-tree", "-r", "-z", f"refs/heads/{branch}")
        found = {}
        for line in filter(None, listed.split("\0")):
            about, _, path = line.partition("\t")
            mode, kind, blob = about.split(" ")
            assert (mode, kind) == ("100644", "blob")
            found[path] = subprocess.run(
                ["git", "cat-file", "blob", blob], cwd=self.target, check=True, capture_output=True
            ).stdout
        return found

    def objects(self) -> int:
        """How many objects the target has, reachable or not."""
        return len(git(self.target, "cat-file", "--batch-check", "--batch-all-objects").splitlines())

    def hook(self, name: str, script: str) -> None:
        """Sets a hook of the target."""
        path = self.target / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
