"""How a platform works through uploaded files: the section `pipeline` (OAMS, "File Processing Workflow")."""

from __future__ import annotations

from math import ceil

from msgspec import Struct

from generator.model.container import Amount
from generator.model.task import Task


class Bus(Struct, frozen=True):
    """The event bus between source and sensor: JetStream, in a version that the cells' controller knows."""

    version: str
    replicas: int
    storage: str
    requests: Amount
    limits: Amount


class Pipeline(Struct, frozen=True):
    """One workflow for each uploaded file, its steps one after the other.

    `queue` is where the provider's storage announces uploads; `secret` and `key` say where the connection to it stands
    among the platform's secrets, for a provider whose identities follow no pattern. `backoff` are the seconds before
    the first further attempt of a step, and `backoff_factor` multiplies them for each after it. `kept` are the seconds
    that a finished workflow is kept, a failed one `kept_failed`.
    """

    steps: tuple[Task, ...]
    queue: str
    secret: str
    key: str
    bus: Bus
    source: Amount
    source_limits: Amount
    backoff: int
    backoff_factor: int
    kept: int
    kept_failed: int

    @property
    def deadline(self) -> int:
        """The seconds that a whole workflow has: every attempt of every step at its limit, and the waits between."""
        return sum(
            step.deadline * (step.attempts + 1)
            + ceil(sum(self.backoff * self.backoff_factor**number for number in range(step.attempts)))
            for step in self.steps
        )

    @property
    def sequence(self) -> list[list[dict[str, str]]]:
        """The steps as Argo Workflows takes them: groups in order, each of one step."""
        return [[{"name": step.name, "template": step.name}] for step in self.steps]

    def parameter(self, name: str) -> str:
        """How a step's container refers to a parameter of the workflow.

        Argo puts the value into the pod's JSON, escaped. A file's name is its uploader's: it reaches a step as a
        variable's value, and stands in no command line.
        """
        return "{{workflow.parameters." + name + "}}"
