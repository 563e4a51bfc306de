"""A container that runs to its end: what Jobs, CronJobs and workflow steps of every section are made from."""

from __future__ import annotations

import hashlib

from msgspec import Struct

from generator.model.container import Amount, Image, Scratch, SecretVariable, Variable


class Task(Struct, frozen=True):
    """One container that ends.

    `attempts` is how often it is tried again, `deadline` the seconds that all its tries have together. `uses` names
    flows of the platform that its pod may open; `internet` is whether it may reach HTTPS outside the cell (object
    storage, the CDN).
    """

    name: str
    image: Image
    arguments: tuple[str, ...]
    requests: Amount
    limits: Amount
    attempts: int
    deadline: int
    variables: tuple[Variable, ...]
    secrets: tuple[SecretVariable, ...]
    scratch: tuple[Scratch, ...]
    uses: tuple[str, ...]
    internet: bool

    def version(self, *words: str) -> str:
        """8 digits that change with the task and the words: Jobs cannot be changed, so a changed one has a new name."""
        return hashlib.sha256(repr((self, words)).encode()).hexdigest()[:8]
